//! The kinds that a Go program knows which has registered core/v1, and how it reads of a body which kind it is.
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::{scheme, schema::Api};
//!
//! let body = json::parse(r#"{"Kind": "EphemeralContainers", "apiVersion": "v1"}"#).unwrap();
//! let (version, kind) = scheme::type_meta(&body).unwrap();
//! assert_eq!(version, "v1");
//! assert!(scheme::knows_core(kind, Api::v1(20)) && !scheme::knows_core(kind, Api::v1(30)));
//! ```
//!
//! Source: k8s.io/api core/v1 and k8s.io/apimachinery meta/v1, `register.go`, of Kubernetes 1.11 to 1.36.

use super::decode::same_name;
use super::schema::Api;
use crate::go::json::{self, Value};
use crate::go::yaml;

/// What stands before the errors of reading which kind a body is.
pub(super) const NO_KIND: &str = "couldn't get version/kind; json parse error";

/// Kinds of core/v1.
const CORE: &[&str] = &[
    "Binding",
    "ComponentStatus",
    "ComponentStatusList",
    "ConfigMap",
    "ConfigMapList",
    "DeleteOptions",
    "Endpoints",
    "EndpointsList",
    "Event",
    "EventList",
    "GetOptions",
    "LimitRange",
    "LimitRangeList",
    "List",
    "ListOptions",
    "Namespace",
    "NamespaceList",
    "Node",
    "NodeList",
    "NodeProxyOptions",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PersistentVolumeClaimList",
    "PersistentVolumeList",
    "Pod",
    "PodAttachOptions",
    "PodExecOptions",
    "PodList",
    "PodLogOptions",
    "PodPortForwardOptions",
    "PodProxyOptions",
    "PodStatusResult",
    "PodTemplate",
    "PodTemplateList",
    "RangeAllocation",
    "ReplicationController",
    "ReplicationControllerList",
    "ResourceQuota",
    "ResourceQuotaList",
    "Secret",
    "SecretList",
    "SerializedReference",
    "Service",
    "ServiceAccount",
    "ServiceAccountList",
    "ServiceList",
    "ServiceProxyOptions",
    "WatchEvent",
];

/// Kinds of core/v1 that were not always there: from which minor release of Kubernetes on, and up to which.
const CORE_FOR_A_TIME: &[(&str, u8, u8)] = &[
    ("CreateOptions", 12, u8::MAX),
    ("EphemeralContainers", 16, 21),
    ("ExportOptions", 0, 20),
    ("PatchOptions", 14, u8::MAX),
    ("UpdateOptions", 12, u8::MAX),
];

/// Kinds that belong to no version: they are known in all.
const UNVERSIONED: &[&str] = &["APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status"];

/// True when the types of a release of Kubernetes have this kind in core/v1.
pub fn knows_core(kind: &str, api: Api) -> bool {
    let there =
        |(name, since, until): &(&str, u8, u8)| *name == kind && Api::v1(*since) <= api && api <= Api::v1(*until);
    CORE.contains(&kind) || CORE_FOR_A_TIME.iter().any(there)
}

/// True when a kind is known whatever version is written beside it.
pub fn is_unversioned(kind: &str) -> bool {
    UNVERSIONED.contains(&kind)
}

/// Reads a body that is JSON or YAML, as a decoder of all formats does.
///
/// Errors: the decoder's text.
pub fn read(body: &[u8]) -> Result<Value, String> {
    let text = String::from_utf8_lossy(body);
    match text.trim_start().starts_with('{') {
        true => json::parse(body).map_err(|e| format!("{NO_KIND}: {e}")),
        false => yaml::to_json(&text).map_err(|e| e.to_string()),
    }
}

/// `apiVersion` and `kind` as Go reads them, which ignores case; empty where they are not there.
///
/// Errors: the decoder's text, where either is no text or the body is no object.
pub fn type_meta(body: &Value) -> Result<(&str, &str), String> {
    let failed =
        |value: &Value, rest: &str| Err(format!("{NO_KIND}: json: cannot unmarshal {} into Go {rest}", value.kind()));
    let (mut api_version, mut kind, mut error) = ("", "", None);
    let members = match body {
        Value::Null => return Ok(("", "")),
        Value::Object(members) => members,
        other => {
            return failed(
                other,
                r#"value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#,
            );
        }
    };
    for (key, value) in members {
        let (slot, name) = match key {
            key if same_name(key, "apiVersion") => (&mut api_version, "apiVersion"),
            key if same_name(key, "kind") => (&mut kind, "kind"),
            _ => continue,
        };
        match value {
            Value::String(text) => *slot = text.as_str(),
            Value::Null => {}
            other => error = error.or(Some(failed(other, &format!("struct field .{name} of type string")))),
        }
    }
    error.unwrap_or(Ok((api_version, kind)))
}
