//! The Go-exact ground floor: what Go's standard library and the libraries around it do with JSON, YAML and templates.
//! Nothing here knows Kubernetes.

pub mod base32;
pub mod base64;
pub mod bytes;
pub mod duration;
pub mod json;
pub mod mime;
pub mod netip;
pub mod regexp;
pub mod strconv;
pub mod template;
pub mod time;
pub mod url;
pub mod yaml;
