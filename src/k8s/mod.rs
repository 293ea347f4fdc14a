//! Facts of the Kubernetes API: the pod schema, quantities, labels, names.
