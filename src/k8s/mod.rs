//! Facts of the Kubernetes API: the pod's types, how they are read, filled in, checked and stored, and the small
//! languages in it: quantities, selectors, names.
//!
//! A new pod goes through these rooms in this order, once admission has let it through:
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::{decode, defaults, prepare, schema, validation};
//!
//! let body = r#"{"Spec": {"containers": [{"name": "web", "image": "nginx", "resources": {"limits": {"cpu": 0.5}}}]},
//!     "metadata": {"name": "web", "namespace": "demo"}}"#;
//! let mut pod = decode::decode(json::parse(body).unwrap(), &schema::POD).unwrap();
//! assert_eq!(pod["spec"]["containers"][0]["resources"]["limits"]["cpu"].as_str(), Some("500m"));
//!
//! defaults::pod(&mut pod);
//! assert_eq!(pod["spec"]["restartPolicy"].as_str(), Some("Always"));
//! assert_eq!(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"].as_str(), Some("500m"));
//!
//! prepare::for_create(&mut pod);
//! assert_eq!(pod["status"]["qosClass"].as_str(), Some("Burstable"));
//! assert!(validation::pod(&pod).is_empty());
//! ```
//!
//! # Types
//!
//! [`schema`] is a table of every Go struct below a pod: fields in order, JSON and Go names, merge rules, and since which
//! release. There are no Rust structs: a pod is one JSON tree in the form that [`decode`] gives, and what walks it asks
//! the table. [`scheme`] tells which kinds a decoder knows at all, [`view`] shows the tree to templates as the Go
//! structs, [`workload`] finds the pod of a Deployment, Job and the like, [`convert`] and [`served`] know what is the
//! same resource in two versions.
//!
//! # Rules
//!
//! [`defaults`] is what the API server fills in, [`prepare`] what it sets and drops at creation, [`validation`] what it
//! refuses, in its words and order, [`qos`] and [`resources`] what a pod asks for in all.
//!
//! # Small languages
//!
//! [`quantity`], [`labels`], [`names`] and [`image`] read texts as apimachinery does, with its error texts.
//!
//! # The cluster
//!
//! [`Cluster`] is everything besides the object at hand that admission and injection look at; it is handed in, nothing
//! is asked for.

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
