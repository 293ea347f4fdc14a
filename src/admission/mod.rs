//! The API server around the webhooks: who is called, in what order, and what becomes of the answer.
