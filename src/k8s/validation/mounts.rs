//! Where containers have their volumes.

use std::collections::BTreeSet;

use super::error::{Errors, Path, is_true, text};
use super::syntax;
use super::volumes::Volumes;
use crate::go::json::Value;

/// Volumes as folders.
pub fn mounts(errors: &Errors, path: &Path<'_>, container: &Value, volumes: &Volumes<'_>) {
    let devices = container["volumeDevices"].items();
    let mut seen = BTreeSet::new();
    for (i, mount) in container["volumeMounts"].items().iter().enumerate() {
        let at = path.index(i);
        let (name, place) = (text(mount, "name"), text(mount, "mountPath"));
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        }
        if !volumes.contains_key(name) {
            errors.not_found(&at.child("name"), name, "");
        }
        if place.is_empty() {
            errors.required(&at.child("mountPath"), "");
        }
        if !seen.insert(place) {
            errors.invalid(&at.child("mountPath"), place, "must be unique");
        }
        if devices.iter().any(|device| text(device, "name") == name) {
            errors.invalid(&at.child("name"), name, "must not already exist in volumeDevices");
        }
        if last_places(devices, "devicePath").contains(place) {
            errors.invalid(&at.child("mountPath"), place, "must not already exist as a path in volumeDevices");
        }
        let (below, below_expr) = (text(mount, "subPath"), text(mount, "subPathExpr"));
        if !below.is_empty() {
            syntax::descending(errors, &path.child("subPath"), below);
        }
        if !below_expr.is_empty() {
            if !below.is_empty() {
                let what = "subPathExpr and subPath are mutually exclusive";
                errors.invalid(&at.child("subPathExpr"), below_expr, what);
            }
            syntax::descending(errors, &path.child("subPathExpr"), below_expr);
        }
        propagation(errors, path, mount, container);
    }
}

/// The places of devices or mounts; the last of one name counts.
fn last_places<'v>(items: &'v [Value], field: &str) -> BTreeSet<&'v str> {
    let is_last = |i: usize, name: &str| !items[i + 1..].iter().any(|later| text(later, "name") == name);
    let last = items.iter().enumerate().filter(|(i, item)| is_last(*i, text(item, "name")));
    last.map(|(_, item)| text(item, field)).collect()
}

fn propagation(errors: &Errors, path: &Path<'_>, mount: &Value, container: &Value) {
    let propagation = mount["mountPropagation"].as_str();
    if let Some(value) = propagation {
        let path = path.child("mountPropagation");
        let known = ["Bidirectional", "HostToContainer", "None"];
        if !known.contains(&value) {
            errors.not_supported(&path, value, &known);
        }
        if value == "Bidirectional" && !is_true(&container["securityContext"], "privileged") {
            let what = "Bidirectional mount propagation is available only to privileged containers";
            errors.forbidden(&path, what);
        }
    }
    let Some(value) = mount["recursiveReadOnly"].as_str() else { return };
    let path = path.child("recursiveReadOnly");
    match value {
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !is_true(mount, "readOnly") {
                errors.forbidden(&path, "may only be specified when readOnly is true");
            }
            if propagation.is_some_and(|value| value != "None") {
                errors.forbidden(&path, "may only be specified when mountPropagation is None or not specified");
            }
        }
        value => errors.not_supported(&path, value, &["Disabled", "Enabled", "IfPossible"]),
    }
}

/// Volumes as devices.
pub fn devices(errors: &Errors, path: &Path<'_>, container: &Value, volumes: &Volumes<'_>) {
    let mounts = container["volumeMounts"].items();
    let (mut seen_names, mut seen_places) = (BTreeSet::new(), BTreeSet::new());
    for (i, device) in container["volumeDevices"].items().iter().enumerate() {
        let path = path.index(i);
        let (name_path, place_path) = (path.child("name"), path.child("devicePath"));
        let (name, place) = (text(device, "name"), text(device, "devicePath"));
        if name.is_empty() {
            errors.required(&name_path, "");
        }
        if seen_names.contains(name) {
            errors.invalid(&name_path, name, "must be unique");
        }
        match volumes.get(name) {
            None => errors.not_found(&name_path, name, ""),
            Some(source) if source["persistentVolumeClaim"].is_null() && source["ephemeral"].is_null() => {
                let what = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(&name_path, name, what);
            }
            Some(_) => {}
        }
        if place.is_empty() {
            errors.required(&place_path, "");
        }
        if seen_places.contains(place) {
            errors.invalid(&place_path, place, "must be unique");
        }
        if place.split('/').any(|part| part == "..") {
            errors.invalid(&place_path, place, "can not contain backsteps ('..')");
        } else {
            seen_places.insert(place);
        }
        if mounts.iter().any(|mount| text(mount, "name") == name) {
            errors.invalid(&name_path, name, "must not already exist in volumeMounts");
        }
        if last_places(mounts, "mountPath").contains(place) {
            errors.invalid(&place_path, place, "must not already exist as a path in volumeMounts");
        }
        if !name.is_empty() {
            seen_names.insert(name);
        }
    }
}
