//! What the API server fills in: a pod after `Scheme.Default`, and in the form in which it is stored.
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::{decode, defaults, schema};
//!
//! let pod = json::parse(r#"{"spec":{"containers":[{"name":"a","image":"i"}]}}"#).unwrap();
//! let mut pod = decode::decode(pod, &schema::POD).unwrap();
//! defaults::pod(&mut pod);
//! assert_eq!(pod["spec"]["containers"][0]["imagePullPolicy"].as_str(), Some("Always"));
//! assert_eq!(pod["spec"]["schedulerName"].as_str(), Some("default-scheduler"));
//! ```

mod containers;
mod others;
mod resources;
mod stored;
mod volumes;

pub use others::object;
pub use stored::stored;

use super::schema::{self, Type};
use crate::go::json::{Object, Value};

/// A default: where it stands and what it is.
enum Default {
    Text(&'static str),
    Int(i64),
    Bool(bool),
    Empty,
}

impl Default {
    fn value(&self) -> Value {
        match *self {
            Default::Text(text) => text.into(),
            Default::Int(n) => n.into(),
            Default::Bool(b) => b.into(),
            Default::Empty => Value::object(),
        }
    }
}

/// The plain defaults of a struct: JSON names and values.
type Defaults = [(&'static str, Default)];

const POD_SPEC: &Defaults = &[
    ("restartPolicy", Default::Text("Always")),
    ("terminationGracePeriodSeconds", Default::Int(30)),
    ("dnsPolicy", Default::Text("ClusterFirst")),
    ("securityContext", Default::Empty),
    ("schedulerName", Default::Text("default-scheduler")),
];

const OF_PODS_ONLY: &Defaults = &[("enableServiceLinks", Default::Bool(true))];

const OBJECT_FIELD_SELECTOR: &Defaults = &[("apiVersion", Default::Text("v1"))];

/// Sets what is missing. In the form of [`super::decode`] a field that is not printed is the one that is not set.
fn fill(object: &mut Object, ty: &Type, defaults: &Defaults) {
    for (json, default) in defaults {
        if object.get(json).is_none_or(Value::is_null) {
            ty.set(object, json, default.value());
        }
    }
}

/// [`fill`] for a member that is a struct; nothing happens where there is none.
fn fill_member(parent: &mut Value, member: &str, ty: &Type, defaults: &Defaults) {
    if let Some(object) = parent.get_mut(member).and_then(Value::as_object_mut) {
        fill(object, ty, defaults);
    }
}

/// Fills in the defaults of a pod that [`super::decode`] has read.
///
/// Source: kube-apiserver 1.36, defaults of core/v1 with its default feature gates.
pub fn pod(pod: &mut Value) {
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        pod_spec(spec);
    }
    if let Some(status) = pod.get_mut("status") {
        for list in ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] {
            for container in items_mut(status, list) {
                resources::round(container.get_mut("allocatedResources"));
                resources::round_requirements(container.get_mut("resources"));
            }
        }
        resources::round(status.get_mut("allocatedResources"));
        resources::round_requirements(status.get_mut("resources"));
    }
}

const CONTAINERS: [&str; 2] = ["containers", "initContainers"];

fn pod_spec(spec: &mut Object) {
    for list in CONTAINERS {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            resources::requests_from_limits(container);
        }
    }
    resources::pod_level(spec);
    fill(spec, &schema::POD_SPEC, OF_PODS_ONLY);
    template_spec(spec);
}

/// What templates of pods get too.
fn template_spec(spec: &mut Object) {
    fill(spec, &schema::POD_SPEC, POD_SPEC);
    let on_host = spec.get("hostNetwork").and_then(Value::as_bool) == Some(true);
    for (key, value) in spec.iter_mut() {
        match key.as_str() {
            "volumes" => value.as_array_mut().into_iter().flatten().for_each(volumes::volume),
            "containers" | "initContainers" | "ephemeralContainers" => {
                let on_host = on_host && CONTAINERS.contains(&key.as_str());
                for container in value.as_array_mut().into_iter().flatten() {
                    containers::container(container, on_host);
                }
            }
            "overhead" => resources::round(Some(value)),
            "resources" => resources::round_requirements(Some(value)),
            _ => {}
        }
    }
}

/// The items of a member that is a list.
fn items_mut<'v>(parent: &'v mut Value, member: &str) -> impl Iterator<Item = &'v mut Value> {
    parent.get_mut(member).and_then(Value::as_array_mut).into_iter().flatten()
}
