//! The Go-exact ground floor: what Go's standard library and the libraries around it do with JSON, YAML and templates.
//! Nothing here knows Kubernetes.

pub mod json;
pub mod strconv;
pub mod template;
pub mod yaml;
