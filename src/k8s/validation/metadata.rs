//! Names, labels, annotations, owners and finalizers.

use super::error::{Errors, Path, Typed, is_true, number, text};
use super::syntax;
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::k8s::names;

/// How large all annotations may be together.
const MAX_ANNOTATIONS: usize = 256 * 1024;
/// How long the name of a field manager may be.
const MAX_MANAGER: usize = 128;
/// How long the name of a subresource may be.
const MAX_SUBRESOURCE: usize = 256;

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// Metadata of a namespaced object whose name is a DNS subdomain.
pub fn validate(errors: &Errors, path: &Path<'_>, metadata: &Value) {
    name(errors, path, metadata);
    match text(metadata, "namespace") {
        "" => errors.required(&path.child("namespace"), ""),
        namespace => errors.each(&path.child("namespace"), namespace, names::dns1123_label(namespace)),
    }
    rest(errors, path, metadata);
    for (i, finalizer) in metadata["finalizers"].items().iter().enumerate() {
        let name = finalizer.as_str().unwrap_or_default();
        if !name.contains('/') && !["kubernetes", ORPHAN, FOREGROUND].contains(&name) {
            let what = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path.child("finalizers").index(i), name, what);
        }
    }
}

/// Metadata of an object without namespace whose name is a DNS subdomain.
pub fn cluster_scoped(errors: &Errors, path: &Path<'_>, metadata: &Value) {
    name(errors, path, metadata);
    if !text(metadata, "namespace").is_empty() {
        errors.forbidden(&path.child("namespace"), "not allowed on this type");
    }
    rest(errors, path, metadata);
}

fn name(errors: &Errors, path: &Path<'_>, metadata: &Value) {
    let prefix = text(metadata, "generateName");
    if !prefix.is_empty() {
        errors.each(&path.child("generateName"), prefix, syntax::subdomain_prefix(prefix));
    }
    match text(metadata, "name") {
        "" => errors.required(&path.child("name"), "name or generateName is required"),
        name => errors.each(&path.child("name"), name, names::dns1123_subdomain(name)),
    }
}

/// What holds for all metadata, whatever the names of the objects.
pub fn rest(errors: &Errors, path: &Path<'_>, metadata: &Value) {
    errors.not_negative(&path.child("generation"), number(metadata, "generation"));
    labels(errors, &path.child("labels"), &metadata["labels"]);
    annotations(errors, &path.child("annotations"), &metadata["annotations"]);
    owners(errors, &path.child("ownerReferences"), &metadata["ownerReferences"]);
    finalizers(errors, &path.child("finalizers"), metadata["finalizers"].items());
    managed_fields(errors, &path.child("managedFields"), metadata["managedFields"].items());
}

/// What of the metadata may not change, and what must stay well-formed.
pub fn update(errors: &Errors, path: &Path<'_>, metadata: &Value, old: &Value) {
    let added = || {
        let new = metadata["finalizers"].items().iter().filter(|name| !old["finalizers"].items().contains(name));
        let mut new: Vec<String> = new.filter_map(Value::as_str).map(quote).collect();
        new.sort();
        new.dedup();
        new
    };
    if !old["deletionTimestamp"].is_null() && !added().is_empty() {
        let what = "no new finalizers can be added if the object is being deleted, found new finalizers";
        errors.forbidden(&path.child("finalizers"), &format!("{what} []string{{{}}}", added().join(", ")));
    }
    if text(metadata, "resourceVersion").is_empty() {
        errors.invalid(&path.child("resourceVersion"), "", "must be specified for an update");
    }
    let generation = number(metadata, "generation");
    if generation < number(old, "generation") {
        errors.invalid(&path.child("generation"), generation, "must not be decremented");
    }
    for field in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        if metadata[field] != old[field] {
            let new = match (field, &metadata[field]) {
                ("name" | "namespace" | "uid", Value::Null) => &Value::from(""),
                (_, new) => new,
            };
            errors.invalid(&path.child(field), new, "field is immutable");
        }
    }
    labels(errors, &path.child("labels"), &metadata["labels"]);
    annotations(errors, &path.child("annotations"), &metadata["annotations"]);
    owners(errors, &path.child("ownerReferences"), &metadata["ownerReferences"]);
    managed_fields(errors, &path.child("managedFields"), metadata["managedFields"].items());
}

/// The members of a map of texts.
pub fn texts(map: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = map.as_object().into_iter().flat_map(Object::iter);
    members.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
}

/// Labels: keys and values.
pub fn labels(errors: &Errors, path: &Path<'_>, labels: &Value) {
    for (key, value) in texts(labels) {
        errors.each(path, key, names::qualified_name(key));
        errors.each(path, value, names::label_value(value));
    }
}

/// Annotations: keys, in which case does not matter, and the size of all.
pub fn annotations(errors: &Errors, path: &Path<'_>, annotations: &Value) {
    let mut size = 0;
    for (key, value) in texts(annotations) {
        errors.each(path, key, names::qualified_name(&key.to_lowercase()));
        size += key.len() + value.len();
    }
    if size > MAX_ANNOTATIONS {
        errors.too_long(path, MAX_ANNOTATIONS);
    }
}

fn owners(errors: &Errors, path: &Path<'_>, owners: &Value) {
    let mut controller: Option<String> = None;
    for owner in owners.items() {
        let (api_version, kind) = (text(owner, "apiVersion"), text(owner, "kind"));
        // A version with more than one slash cannot be read, and then the kind cannot either.
        let version = match api_version.split('/').collect::<Vec<_>>()[..] {
            [version] => version,
            [_, version] => version,
            _ => "",
        };
        let readable = api_version.matches('/').count() < 2;
        if version.is_empty() {
            errors.invalid(&path.child("apiVersion"), api_version, "version must not be empty");
        }
        if kind.is_empty() {
            errors.invalid(&path.child("kind"), kind, "must not be empty");
        }
        for member in ["name", "uid"] {
            if text(owner, member).is_empty() {
                errors.invalid(&path.child(member), "", "must not be empty");
            }
        }
        if readable && api_version == "v1" && kind == "Event" {
            errors.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
        }
        if is_true(owner, "controller") {
            let own = format!("{kind}/{}", text(owner, "name"));
            match &controller {
                Some(first) => errors.invalid(
                    path,
                    owners,
                    format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {own}"
                    ),
                ),
                None => controller = Some(own),
            }
        }
    }
}

fn finalizers(errors: &Errors, path: &Path<'_>, finalizers: &[Value]) {
    for name in finalizers.iter().filter_map(Value::as_str) {
        errors.each(path, name, names::qualified_name(name));
    }
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer.as_str() == Some(name));
    if has(ORPHAN) && has(FOREGROUND) {
        let all = Value::Array(finalizers.to_vec());
        errors.invalid(path, &all, format!("finalizer {ORPHAN} and {FOREGROUND} cannot be both set"));
    }
}

fn managed_fields(errors: &Errors, path: &Path<'_>, entries: &[Value]) {
    for (i, entry) in entries.iter().enumerate() {
        let path = path.index(i);
        let operation = text(entry, "operation");
        if !matches!(operation, "Apply" | "Update") {
            errors.invalid(&path.child("operation"), Typed(operation), "must be `Apply` or `Update`");
        }
        let kind = text(entry, "fieldsType");
        if !matches!(kind, "" | "FieldsV1") {
            errors.invalid(&path.child("fieldsType"), kind, "must be `FieldsV1`");
        }
        let manager = text(entry, "manager");
        if manager.len() > MAX_MANAGER {
            errors.too_long(&path.child("manager"), MAX_MANAGER);
        }
        for (at, c) in manager.char_indices() {
            if c.is_control() {
                let c = c as u32;
                errors.invalid(
                    &path.child("manager"),
                    manager,
                    format!("invalid character U+{c:04X} (at position {at})"),
                );
            }
        }
        if text(entry, "subresource").len() > MAX_SUBRESOURCE {
            errors.too_long(&path.child("subresource"), MAX_SUBRESOURCE);
        }
    }
}
