//! Environment variables and where they come from.

use super::error::{Errors, Path, text};
use super::syntax;
use crate::go::json::Value;
use crate::k8s::names;
use crate::k8s::quantity::Quantity;

/// Fields that variables can show.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that files can show.
pub const VOLUME_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/// Fields that were ever known.
const KNOWN_FIELDS: [&str; 14] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

const BYTE_DIVISORS: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// Variables.
pub fn variables(errors: &Errors, path: &Path<'_>, variables: &[Value]) {
    for (i, variable) in variables.iter().enumerate() {
        let path = path.index(i);
        match text(variable, "name") {
            "" => errors.required(&path.child("name"), ""),
            name => errors.each(&path.child("name"), name, syntax::env_name(name)),
        }
        let source = &variable["valueFrom"];
        if !source.is_null() {
            value_from(errors, &path.child("valueFrom"), source, text(variable, "value"));
        }
    }
}

fn value_from(errors: &Errors, path: &Path<'_>, source: &Value, value: &str) {
    let mut count = 0;
    let mut each = |kind: &'static str, check: &dyn Fn(&Value, &Path<'_>)| {
        if !source[kind].is_null() {
            count += 1;
            check(&source[kind], &path.child(kind));
        }
    };
    each("fieldRef", &|source, path| field(errors, path, source, &FIELDS));
    each("resourceFieldRef", &|source, path| resource(errors, path, source, false));
    for kind in ["configMapKeyRef", "secretKeyRef"] {
        each(kind, &|source, path| {
            let name = text(source, "name");
            errors.each(&path.child("name"), name, names::dns1123_subdomain(name));
            match text(source, "key") {
                "" => errors.required(&path.child("key"), ""),
                key => errors.each(&path.child("key"), key, syntax::config_key(key)),
            }
        });
    }
    each("fileKeyRef", &|source, path| file(errors, path, source));
    match count {
        0 => {
            let what = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
            errors.invalid(path, "", what);
        }
        _ if !value.is_empty() => errors.invalid(path, "", "may not be specified when `value` is not empty"),
        1 => {}
        _ => errors.invalid(path, "", "may not have more than one field specified at a time"),
    }
}

fn file(errors: &Errors, path: &Path<'_>, source: &Value) {
    match text(source, "key") {
        "" => errors.required(&path.child("key"), ""),
        key => errors.each(&path.child("key"), key, syntax::env_name(key)),
    }
    match text(source, "volumeName") {
        "" => errors.required(&path.child("volumeName"), ""),
        name => errors.each(&path.child("volumeName"), name, names::dns1123_label(name)),
    }
    match text(source, "path") {
        "" => errors.required(&path.child("path"), ""),
        value => syntax::no_steps_up(errors, &path.child("path"), value),
    }
}

/// A field of the pod that is one of `allowed`.
pub fn field(errors: &Errors, path: &Path<'_>, source: &Value, allowed: &[&str]) {
    let (version, field) = (text(source, "apiVersion"), text(source, "fieldPath"));
    if version.is_empty() {
        return errors.required(&path.child("apiVersion"), "");
    }
    if field.is_empty() {
        return errors.required(&path.child("fieldPath"), "");
    }
    // `metadata.labels['key']`
    let part = field.strip_suffix("']").and_then(|rest| rest.split_once("['")).filter(|(map, _)| !map.is_empty());
    let unknown = match part {
        _ if version != "v1" => Some(format!("unsupported pod version: {version}")),
        Some(("metadata.annotations" | "metadata.labels", _)) => None,
        Some(_) => Some(format!("field label does not support subscript: {field}")),
        None if KNOWN_FIELDS.contains(&field) || field == "spec.host" => None,
        None => Some(format!("field label not supported: {field}")),
    };
    if let Some(unknown) = unknown {
        return errors.invalid(&path.child("fieldPath"), field, format!("error converting fieldPath: {unknown}"));
    }
    match part {
        Some((map, key)) => {
            let key = if map == "metadata.annotations" { key.to_lowercase() } else { key.to_owned() };
            errors.each(path, &key, names::qualified_name(&key));
        }
        None => {
            let field = if field == "spec.host" { "spec.nodeName" } else { field };
            if !allowed.contains(&field) {
                errors.unsupported(&path.child("fieldPath"), field, allowed);
            }
        }
    }
}

/// A resource of a container; files have to say of which.
pub fn resource(errors: &Errors, path: &Path<'_>, source: &Value, of_volume: bool) {
    let resource = text(source, "resource");
    let of_pages = ["requests.hugepages-", "limits.hugepages-"].iter().any(|prefix| resource.starts_with(prefix));
    if of_volume && text(source, "containerName").is_empty() {
        errors.required(&path.child("containerName"), "");
    } else if resource.is_empty() {
        errors.required(&path.child("resource"), "");
    } else if !of_pages && !RESOURCES.contains(&resource) {
        errors.unsupported(&path.child("resource"), resource, &RESOURCES);
    }
    let divisor = text(source, "divisor");
    if divisor.is_empty() || Quantity::parse(divisor).is_ok_and(|divisor| divisor.is_zero()) {
        return;
    }
    let what = match resource {
        "limits.cpu" | "requests.cpu" => {
            if !matches!(divisor, "1" | "1m") {
                let what = "only divisor's values 1m and 1 are supported with the cpu resource";
                errors.invalid(&path.child("divisor"), resource, what);
            }
            return;
        }
        "limits.memory" | "requests.memory" => "memory",
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => "local ephemeral storage",
        _ if of_pages => "hugepages",
        _ => return,
    };
    if !BYTE_DIVISORS.contains(&divisor) {
        let known = BYTE_DIVISORS.join(", ");
        let what = format!("only divisor's values {known} are supported with the {what} resource");
        errors.invalid(&path.child("divisor"), resource, what);
    }
}

/// Whole ConfigMaps and Secrets.
pub fn sources(errors: &Errors, path: &Path<'_>, sources: &[Value]) {
    for (i, source) in sources.iter().enumerate() {
        let at = path.index(i);
        let prefix = text(source, "prefix");
        if !prefix.is_empty() {
            errors.each(&at.child("prefix"), prefix, syntax::env_name(prefix));
        }
        let kinds = ["configMapRef", "secretRef"].into_iter().filter(|kind| !source[*kind].is_null());
        for kind in kinds.clone() {
            let at = at.child(kind);
            match text(&source[kind], "name") {
                "" => errors.required(&at.child("name"), ""),
                name => errors.each(&at.child("name"), name, syntax::subdomain_prefix(name)),
            }
        }
        match kinds.count() {
            0 => errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => errors.invalid(path, "", "may not have more than one field specified at a time"),
        }
    }
}
