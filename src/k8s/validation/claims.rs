//! Claims: templates of persistent volumes, and names of other resources.

use std::collections::BTreeSet;

use super::error::{Errors, Path, internal, text};
use super::{metadata, resources, selectors};
use crate::go::json::Value;
use crate::k8s::quantity::Quantity;
use crate::k8s::{names, schema};

const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// What the metadata of a template may not have, as Go names it.
const NOT_IN_TEMPLATES: [(&str, &str); 12] = [
    ("name", "name"),
    ("generateName", "generateName"),
    ("namespace", "namespace"),
    ("selfLink", "selfLink"),
    ("uid", "uID"),
    ("resourceVersion", "resourceVersion"),
    ("generation", "generation"),
    ("creationTimestamp", "creationTimestamp"),
    ("deletionTimestamp", "deletionTimestamp"),
    ("deletionGracePeriodSeconds", "deletionGracePeriodSeconds"),
    ("ownerReferences", "ownerReferences"),
    ("finalizers", "finalizers"),
];

/// The template of a claim for a persistent volume.
pub fn template(errors: &Errors, path: &Path<'_>, template: &Value) {
    let own = &template["metadata"];
    let at = path.child("metadata");
    metadata::annotations(errors, &at.child("annotations"), &own["annotations"]);
    metadata::labels(errors, &at.child("labels"), &own["labels"]);
    for (field, named) in NOT_IN_TEMPLATES.iter().chain(&[("managedFields", "managedFields")]) {
        if !own[*field].is_null() {
            errors.forbidden(&at.child(named), "cannot be set");
        }
    }
    persistent_volume(errors, &path.child("spec"), &template["spec"]);
}

fn persistent_volume(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let modes = spec["accessModes"].items();
    let at = path.child("accessModes");
    if modes.is_empty() {
        errors.required(&at, "at least 1 access mode is required");
    }
    selectors::labels(errors, &path.child("selector"), &spec["selector"]);
    let (mut one_pod, mut others) = (false, false);
    for mode in modes {
        let mode = mode.as_str().unwrap_or_default();
        match ACCESS_MODES.contains(&mode) {
            false => errors.not_supported(&at, mode, &ACCESS_MODES),
            true if mode == "ReadWriteOncePod" => one_pod = true,
            true => others = true,
        }
    }
    if one_pod && others {
        errors.forbidden(&at, "may not use ReadWriteOncePod with other access modes");
    }
    let at = path.child("resources");
    let at = at.key("storage");
    match Quantity::parse(text(&spec["resources"]["requests"], "storage")) {
        Err(_) => errors.required(&at, ""),
        Ok(size) if size.sign() <= 0 => errors.invalid(&at, &size.to_string(), "must be greater than zero"),
        Ok(size) => resources::quantity_of(errors, &at, "storage", &size),
    }
    for field in ["storageClassName", "volumeAttributesClassName"] {
        let name = text(spec, field);
        // The class of attributes is looked at after the sources.
        if field == "storageClassName" && !name.is_empty() {
            errors.each(&path.child(field), name, names::dns1123_subdomain(name));
        }
    }
    if let Some(mode) = spec["volumeMode"].as_str().filter(|mode| !matches!(*mode, "Block" | "Filesystem")) {
        errors.not_supported(&path.child("volumeMode"), mode, &["Block", "Filesystem"]);
    }
    let (source, reference) = (&spec["dataSource"], &spec["dataSourceRef"]);
    for (field, source) in [("dataSource", source), ("dataSourceRef", reference)] {
        if !source.is_null() {
            data_source(errors, &path.child(field), source);
        }
    }
    if !source.is_null() && !reference.is_null() {
        let elsewhere = !text(reference, "namespace").is_empty();
        let same = ["apiGroup", "kind", "name"].iter().all(|field| source[*field] == reference[*field]);
        // The path itself is shown as the value, of which nothing is visible.
        let hidden = Value::object();
        if elsewhere {
            errors.invalid(path, &hidden, "may not be specified when dataSourceRef.namespace is specified");
        } else if !same {
            errors.invalid(path, &hidden, "must match dataSourceRef");
        }
    }
    let class = text(spec, "volumeAttributesClassName");
    if !class.is_empty() {
        errors.each(&path.child("volumeAttributesClassName"), class, names::dns1123_subdomain(class));
    }
}

fn data_source(errors: &Errors, path: &Path<'_>, source: &Value) {
    errors.require(path, source, &["name", "kind"]);
    let (group, kind) = (text(source, "apiGroup"), text(source, "kind"));
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        errors.invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
    if !group.is_empty() {
        errors.each(&path.child("apiGroup"), group, names::dns1123_subdomain(group));
    }
    let namespace = text(source, "namespace");
    if !namespace.is_empty() {
        errors.each(&path.child("namespace"), namespace, names::dns1123_label(namespace));
    }
}

/// The names under which a pod knows resource claims.
pub fn of_pod(claims: &[Value]) -> BTreeSet<&str> {
    claims.iter().map(|claim| text(claim, "name")).filter(|name| !name.is_empty()).collect()
}

/// The resource claims of a pod.
pub fn validate(errors: &Errors, path: &Path<'_>, claims: &[Value], is_mirror: bool) {
    let mut seen = BTreeSet::new();
    for (i, claim) in claims.iter().enumerate() {
        if is_mirror {
            errors.forbidden(&Path::root(""), "static pods do not support resource claims");
            continue;
        }
        let path = path.index(i);
        match text(claim, "name") {
            "" => errors.required(&path.child("name"), ""),
            name if seen.contains(name) => errors.duplicate(&path.child("name"), name),
            name => {
                errors.each(&path.child("name"), name, names::dns1123_label(name));
                seen.insert(name);
            }
        }
        let named = ["resourceClaimName", "resourceClaimTemplateName"];
        let given: Vec<(&str, &str)> =
            named.iter().filter_map(|field| Some((*field, claim[*field].as_str()?))).collect();
        let shown = || internal(claim, &schema::POD_RESOURCE_CLAIM);
        match given.len() {
            0 => {
                let what = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                errors.invalid(&path, shown(), what);
            }
            1 => {}
            _ => {
                let what = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
                errors.invalid(&path, shown(), what);
            }
        }
        for (field, name) in given {
            errors.each(&path.child(field), name, names::dns1123_subdomain(name));
        }
    }
}
