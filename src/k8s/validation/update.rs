//! What may be changed in a pod.

use std::collections::BTreeMap;

use super::error::{Error, Errors, Path, text};
use super::{annotations, metadata, metadata_and_spec, scheduling};
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;

const CHANGEABLE: &str = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// What is wrong with a change of a pod, or of a subresource of it (`status`, `ephemeralcontainers`, `resize`).
///
/// Both pods are in their stored form. Not looked at: the difference that the server appends when a fixed field of the
/// spec changes, what is in a new status, and which resources can be resized.
pub fn pod_update(pod: &Value, old: &Value, subresource: &str) -> Vec<Error> {
    let errors = Errors::default();
    let path = Path::root("metadata");
    metadata::rest(&errors, &path, &pod["metadata"]);
    // First as any object, then as a pod: the server names these twice.
    for _ in 0..2 {
        metadata::update(&errors, &path, &pod["metadata"], &old["metadata"]);
    }
    if subresource == "status" {
        annotation_changes(&errors, &path.child("annotations"), pod, old);
        return errors.into_list();
    }
    metadata_and_spec(&errors, pod);
    if subresource == "resize" {
        return errors.into_list();
    }
    annotation_changes(&errors, &path.child("annotations"), pod, old);
    annotations::validate(&errors, &path.child("annotations"), pod);
    let path = Path::root("spec");
    match subresource {
        "ephemeralcontainers" => {
            if old["metadata"]["annotations"].get(annotations::MIRROR).is_some() {
                let only = Errors::default();
                only.forbidden(&Path::root(""), "static pods do not support ephemeral containers");
                return only.into_list();
            }
            ephemeral(&errors, &path.child("ephemeralContainers"), &pod["spec"], &old["spec"]);
        }
        _ => spec(&errors, &path, &pod["spec"], &old["spec"]),
    }
    errors.into_list()
}

fn annotation_changes(errors: &Errors, path: &Path<'_>, pod: &Value, old: &Value) {
    let (new, old) = (&pod["metadata"]["annotations"], &old["metadata"]["annotations"]);
    let what = |key: &str| match key {
        annotations::MIRROR => Some("mirror pod annotation"),
        key if key.starts_with(annotations::APP_ARMOR) => Some("AppArmor annotations"),
        _ => None,
    };
    for (key, _) in metadata::texts(old).filter(|(key, value)| new[*key].as_str() != Some(value)) {
        if let Some(what) = what(key) {
            errors.forbidden(&path.key(key), &format!("may not remove or update {what}"));
        }
    }
    for (key, _) in metadata::texts(new).filter(|(key, _)| old.get(key).is_none()) {
        if let Some(what) = what(key) {
            errors.forbidden(&path.key(key), &format!("may not add {what}"));
        }
    }
}

fn ephemeral(errors: &Errors, path: &Path<'_>, spec: &Value, old: &Value) {
    for container in old["ephemeralContainers"].items() {
        let name = text(container, "name");
        let mut new = spec["ephemeralContainers"].items().iter().rev();
        match new.find(|new| text(new, "name") == name) {
            None => {
                let what = format!("existing ephemeral containers {} may not be removed\n", quote(name));
                errors.forbidden(path, &what);
            }
            Some(new) if new != container => {
                let what = format!("existing ephemeral containers {} may not be changed\n", quote(name));
                errors.forbidden(path, &what);
            }
            Some(_) => {}
        }
    }
}

fn spec(errors: &Errors, path: &Path<'_>, spec: &Value, old: &Value) {
    for list in ["containers", "initContainers"] {
        let (new, old) = (spec[list].items(), old[list].items());
        let at = path.child(list);
        if new.len() != old.len() {
            return errors.forbidden(&at, "pod updates may not add or remove containers");
        }
        for (i, container) in new.iter().enumerate() {
            errors.require(&at.index(i), container, &["image"]);
            super::containers::image_spaces(errors, &at.index(i), container);
        }
    }
    let at = path.child("activeDeadlineSeconds");
    let deadline = |spec: &Value| spec["activeDeadlineSeconds"].as_i64();
    match (deadline(spec), deadline(old)) {
        (Some(new), _) if !(0..=i64::from(i32::MAX)).contains(&new) => {
            return errors.in_range(&at, new, 0, i64::from(i32::MAX));
        }
        (Some(new), Some(old)) if old < new => {
            return errors.invalid(&at, new, "must be less than or equal to previous value");
        }
        (None, Some(_)) => {
            errors.invalid(&at, &Value::Null, "must not update from a positive integer to nil value");
        }
        _ => {}
    }
    tolerations(errors, &path.child("tolerations"), spec["tolerations"].items(), old["tolerations"].items());
    gates(errors, &path.child("schedulingGates"), spec["schedulingGates"].items(), old["schedulingGates"].items());
    let gated = !old["schedulingGates"].items().is_empty();
    if gated {
        node_selector(errors, &path.child("nodeSelector"), &spec["nodeSelector"], &old["nodeSelector"]);
    }
    if fixed(spec, gated) != fixed(old, gated) {
        errors.forbidden(path, &format!("pod updates may not change fields other than {CHANGEABLE}\n"));
    }
}

fn tolerations(errors: &Errors, path: &Path<'_>, new: &[Value], old: &[Value]) {
    let without_seconds = |toleration: &Value| {
        let mut rest = toleration.clone();
        rest.as_object_mut().and_then(|members| members.remove("tolerationSeconds"));
        rest
    };
    let kept = |old: &Value| new.iter().any(|new| without_seconds(new) == without_seconds(old));
    if !old.iter().all(kept) {
        return errors.forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
    }
    scheduling::tolerations(errors, path, new);
}

fn gates(errors: &Errors, path: &Path<'_>, new: &[Value], old: &[Value]) {
    let mut more: BTreeMap<&str, usize> = new.iter().enumerate().map(|(i, gate)| (text(gate, "name"), i)).collect();
    more.retain(|name, _| !old.iter().any(|gate| text(gate, "name") == *name));
    for (name, i) in more {
        let what = format!("only deletion is allowed, but found new scheduling gate '{name}'");
        errors.forbidden(&path.index(i).child("name"), &what);
    }
}

/// Pods that wait may get more labels of nodes to look for.
fn node_selector(errors: &Errors, path: &Path<'_>, new: &Value, old: &Value) {
    if metadata::texts(old).any(|(key, value)| new[key].as_str() != Some(value)) {
        errors.invalid(path, new, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
}

/// The spec without what may change.
fn fixed(spec: &Value, gated: bool) -> Value {
    let mut rest = spec.clone();
    for list in ["containers", "initContainers"] {
        let containers = rest.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for container in containers.filter_map(Value::as_object_mut) {
            container.remove("image");
        }
    }
    let Some(members) = rest.as_object_mut() else { return rest };
    for field in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        members.remove(field);
    }
    if gated {
        members.remove("nodeSelector");
        // Affinities to nodes are narrowed while a pod waits.
        let affinity = members.get_mut("affinity").and_then(Value::as_object_mut);
        if affinity.is_some_and(|affinity| affinity.remove("nodeAffinity").is_some() && affinity.is_empty()) {
            members.remove("affinity");
        }
    }
    Value::Object(std::mem::take::<Object>(members))
}
