//! What is wrong with a new pod, in the API server's words and order.
//!
//! Pods are in the form in which they are stored ([`crate::k8s::defaults`]) and prepared for it
//! ([`crate::k8s::prepare`]). Source: kube-apiserver 1.36, creation of pods with default feature gates; privileged
//! containers are allowed.
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::{decode, defaults, schema, validation};
//!
//! let pod = r#"{"metadata":{"name":"a","namespace":"b"},"spec":{"containers":[{"name":"C","image":"i"}]}}"#;
//! let mut pod = decode::decode(json::parse(pod).unwrap(), &schema::POD).unwrap();
//! defaults::pod(&mut pod);
//! let errors = validation::pod(&pod);
//! assert!(errors[0].to_string().starts_with("spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123"));
//! ```

mod annotations;
mod claims;
mod containers;
mod env;
mod error;
mod handlers;
mod metadata;
mod mounts;
mod ports;
mod projected;
mod resources;
mod scheduling;
mod security;
mod selectors;
mod spec;
mod syntax;
mod update;
mod volumes;
mod warnings;
mod webhooks;

pub(super) use annotations::APP_ARMOR;
pub use error::{Error, ErrorKind};
pub use update::pod_update;
pub use warnings::warnings;
pub use webhooks::webhook_configuration;

use error::{Errors, Path, text};

use crate::go::json::{Object, Value};
use crate::go::strconv::quote;

/// What is wrong with a new pod. Where several members of a map are wrong, the server names them in any order; here they
/// are sorted.
pub fn pod(pod: &Value) -> Vec<Error> {
    let errors = Errors::default();
    metadata_and_spec(&errors, pod);
    let (spec, path) = (&pod["spec"], Path::root("spec"));
    if !spec["ephemeralContainers"].items().is_empty() {
        errors.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
    }
    if !text(spec, "nodeName").is_empty() && !spec["schedulingGates"].items().is_empty() {
        let what = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&path.child("nodeName"), what);
    }
    annotations::compare(&errors, &path, pod);
    errors.into_list()
}

/// What is wrong with a pod, new or not.
fn metadata_and_spec(errors: &Errors, pod: &Value) {
    let (metadata, spec) = (&pod["metadata"], &pod["spec"]);
    let (metadata_path, spec_path) = (Path::root("metadata"), Path::root("spec"));
    metadata::validate(errors, &metadata_path, metadata);
    annotations::validate(errors, &metadata_path.child("annotations"), pod);
    spec::validate(errors, &spec_path, spec, metadata);
    if text(spec, "serviceAccountName").is_empty() {
        for (i, volume) in spec["volumes"].items().iter().enumerate() {
            let at = spec_path.child("volumes");
            let at = at.index(i);
            let at = at.child("projected");
            for (j, source) in volume["projected"]["sources"].items().iter().enumerate() {
                if !source["serviceAccountToken"].is_null() {
                    let at = at.child("sources");
                    let what = "must not be specified when serviceAccountName is not set";
                    errors.forbidden(&at.index(j).child("serviceAccountToken"), what);
                }
            }
        }
    }
    for list in ["containers", "initContainers"] {
        for (i, container) in spec[list].items().iter().enumerate() {
            containers::image_spaces(errors, &spec_path.child(list).index(i), container);
        }
    }
}

/// All containers of a pod with their places: init containers, containers, ephemeral ones.
fn visit<'v>(spec: &'v Value, path: &Path<'_>, visitor: &mut dyn FnMut(&'v Value, &Path<'_>)) {
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let path = path.child(list);
        for (i, container) in spec[list].items().iter().enumerate() {
            visitor(container, &path.index(i));
        }
    }
}

/// True for a profile of AppArmor with which nothing is wrong.
pub(super) fn is_app_armor_profile(profile: &Value) -> bool {
    let errors = Errors::default();
    security::app_armor(&errors, &Path::root(""), profile);
    errors.len() == 0
}

/// The message of a Status for an invalid object: `Pod "x" is invalid: …`.
pub fn message(kind: &str, name: &str, errors: &[Error]) -> String {
    let mut texts: Vec<String> = Vec::with_capacity(errors.len());
    for text in errors.iter().map(Error::to_string) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let start = format!("{kind} {} is invalid", quote(name));
    match &texts[..] {
        [] => start,
        [one] => format!("{start}: {one}"),
        _ => format!("{start}: [{}]", texts.join(", ")),
    }
}

/// The details of a Status for an invalid object of the core group: its name, kind, and a cause for each error.
pub fn details(kind: &str, name: &str, errors: &[Error]) -> Value {
    let causes = errors.iter().map(|error| {
        let mut cause = Object::with_capacity(3);
        cause.push("reason", error.kind.reason());
        cause.push("message", error.body());
        cause.push("field", error.field.as_str());
        Value::Object(cause)
    });
    let mut details = Object::with_capacity(3);
    if !name.is_empty() {
        details.push("name", name);
    }
    details.push("kind", kind);
    details.push("causes", Value::Array(causes.collect()));
    Value::Object(details)
}

#[cfg(test)]
mod tests;
