//! Facts of the Kubernetes API: the pod schema, quantities, labels, names.

mod cluster;

pub use cluster::{Cluster, Node};
