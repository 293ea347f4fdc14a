//! The API server around mutating webhooks: which are called, in which order, and what becomes of their answers.
//!
//! This room knows nothing of injectors: [`run`] takes the call itself as a function. Source: kube-apiserver 1.36.

mod chain;
mod conditions;
mod defaults;
mod matching;
pub mod plugins;
mod refused;
mod response;
mod review;
mod rules;
mod webhook;

pub use chain::{Admission, Attempt, CallError, Caller, Chain, run};
pub use defaults::defaults;
pub use matching::{Judgement, Reason, Skipped, is_exempt, judge};
pub use refused::Refused;
pub use review::review;
pub use webhook::{Webhook, webhooks};

use crate::go::json::Value;
use crate::scenario::Request;

/// The object of a request and the version of it that is stored.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// The request.
    pub request: &'a Request,
    /// The object as changed so far, or null.
    pub object: &'a Value,
}
