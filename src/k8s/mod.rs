//! Facts of the Kubernetes API: the pod schema, quantities, labels, names.

mod cluster;
pub mod convert;
pub mod decode;
pub mod defaults;
pub mod image;
pub mod labels;
pub mod names;
pub mod prepare;
pub mod qos;
pub mod quantity;
pub mod resources;
pub mod schema;
pub mod scheme;
pub mod served;
pub mod validation;
pub mod view;
pub mod workload;

pub use cluster::{Authorizer, Cluster, Node, Objects};
pub use quantity::Quantity;
