//! Objects on their way through the chain: read again after a patch.

use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::served::GroupVersion;
use crate::k8s::{decode, schema};

/// Kinds that a patch could turn an object into, by `apiVersion`: what the API server knows in the groups of pods and
/// their controllers.
const KINDS: &[(&str, &[&str])] = &[
    (
        "v1",
        &[
            "Binding",
            "ComponentStatus",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "List",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodAttachOptions",
            "PodExecOptions",
            "PodPortForwardOptions",
            "PodProxyOptions",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
            "Status",
        ],
    ),
    ("apps/v1", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("batch/v1", &["CronJob", "Job"]),
    ("autoscaling/v1", &["HorizontalPodAutoscaler", "Scale"]),
    ("autoscaling/v2", &["HorizontalPodAutoscaler"]),
    ("policy/v1", &["Eviction", "PodDisruptionBudget"]),
];

/// Reads a patched object into the Go type that it names, by default the one of `kind`. What the type does not know is
/// lost.
///
/// Errors: Go's text.
pub fn read(object: Value, kind: &GroupVersion) -> Result<Value, String> {
    let (own_version, own_kind) = (kind.api_version(), kind.name.as_str());
    let is_known = |version: &str, kind: &str| KINDS.iter().any(|(v, kinds)| *v == version && kinds.contains(&kind));
    if !is_known(&own_version, own_kind) {
        // A custom resource, whose members are all kept.
        return Ok(object);
    }
    let text = |key: &str| object[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let version = text("apiVersion").unwrap_or_else(|| own_version.clone());
    let name = text("kind").unwrap_or_else(|| own_kind.to_owned());
    if version.matches('/').count() > 1 {
        return Err(format!("unexpected GroupVersion string: {version}"));
    }
    if !is_known(&version, &name) {
        let (name, version, scheme) = (quote(&name), quote(&version), quote(super::SCHEME));
        return Err(format!("no kind {name} is registered for version {version} in scheme {scheme}"));
    }
    if (version.as_str(), name.as_str()) == ("v1", "Pod") {
        return decode::decode_exact(object, &schema::POD).map_err(|e| e.to_string());
    }
    if version != own_version || name != own_kind {
        return Ok(reduced(object, &name));
    }
    Ok(object)
}

/// What is left of an object that is read as another kind.
fn reduced(mut object: Value, kind: &str) -> Value {
    let known: &[&str] = match kind {
        "ConfigMap" => &["immutable", "data", "binaryData"],
        "Secret" => &["immutable", "data", "stringData", "type"],
        _ => &[],
    };
    if let Some(members) = object.as_object_mut() {
        members.retain(|key, _| matches!(key, "apiVersion" | "kind" | "metadata") || known.contains(&key));
    }
    object
}

/// Makes the object one of its kind again, as the API server does behind the webhooks.
///
/// Errors: Go's text for an object that has become one of another kind.
pub fn settle(object: &mut Value, kind: &GroupVersion) -> Result<(), String> {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let (version, name) = (text("apiVersion"), text("kind"));
    let own_version = kind.api_version();
    if (!name.is_empty() && name != kind.name) || (!version.is_empty() && version != own_version) {
        let short = |v: &str| v.rsplit('/').next().unwrap_or(v).to_owned();
        let package = match kind.group.split('.').next() {
            None | Some("") => "core",
            Some(group) => group,
        };
        let own = &kind.name;
        return Err(format!("converting ({}.{name}) to ({package}.{own}): unknown conversion", short(version)));
    }
    if name.is_empty() || version.is_empty() {
        let members = object.as_object_mut().map(std::mem::take).unwrap_or_default();
        let mut whole = crate::go::json::Object::with_capacity(members.len() + 1);
        whole.push("kind", kind.name.as_str());
        whole.push("apiVersion", own_version);
        for (key, value) in members.into_members() {
            if !matches!(key.as_str(), "kind" | "apiVersion") {
                whole.push(key, value);
            }
        }
        *object = Value::Object(whole);
    }
    Ok(())
}
