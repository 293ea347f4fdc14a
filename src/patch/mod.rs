//! Patches: JSON Patch (apply, diff) and strategic merge patch, as the Go libraries behind Kubernetes and Istio do them.
//!
//! ```
//! use conjector::go::json;
//! use conjector::patch::{json_diff, json_patch};
//!
//! let before = json::parse(r#"{"spec":{"containers":[{"name":"app"}]}}"#).unwrap();
//! let after = json::parse(r#"{"spec":{"containers":[{"name":"app"},{"name":"istio-proxy"}]}}"#).unwrap();
//! let patch = json_diff::diff(&before, &after);
//! assert_eq!(patch.to_string(), r#"[{"op":"add","path":"/spec/containers/1","value":{"name":"istio-proxy"}}]"#);
//! assert_eq!(json_patch::apply(before, &patch).unwrap(), after);
//! ```

pub mod json_diff;
pub mod json_patch;
pub mod strategic_merge;
