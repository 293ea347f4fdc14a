//! Label selectors and what selects nodes.

use super::error::{Errors, Path, Typed, text};
use super::metadata;
use crate::go::json::Value;
use crate::k8s::names;

/// A label selector; nothing is wrong with none.
pub fn labels(errors: &Errors, path: &Path<'_>, selector: &Value) {
    metadata::labels(errors, &path.child("matchLabels"), &selector["matchLabels"]);
    for (i, requirement) in selector["matchExpressions"].items().iter().enumerate() {
        let expressions = path.child("matchExpressions");
        let path = expressions.index(i);
        operator(errors, &path, requirement, false);
        label_key(errors, &path, requirement);
        values(errors, &path, requirement);
    }
}

/// A term that nodes must meet. The values are not looked at where it is only preferred.
pub fn nodes(errors: &Errors, path: &Path<'_>, term: &Value, required: bool) {
    for (i, requirement) in term["matchExpressions"].items().iter().enumerate() {
        let expressions = path.child("matchExpressions");
        let path = expressions.index(i);
        operator(errors, &path, requirement, true);
        label_key(errors, &path, requirement);
        if required {
            values(errors, &path, requirement);
        }
    }
    for (i, requirement) in term["matchFields"].items().iter().enumerate() {
        let fields = path.child("matchFields");
        field(errors, &fields.index(i), requirement);
    }
}

fn operator(errors: &Errors, path: &Path<'_>, requirement: &Value, of_nodes: bool) {
    let count = requirement["values"].items().len();
    let values = path.child("values");
    match text(requirement, "operator") {
        "In" | "NotIn" if count == 0 => {
            errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            errors.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if of_nodes => {
            if count != 1 {
                errors.required(&values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&path.child("operator"), Typed(other), "not a valid selector operator"),
    }
}

fn label_key(errors: &Errors, path: &Path<'_>, requirement: &Value) {
    let key = text(requirement, "key");
    errors.each(&path.child("key"), key, names::qualified_name(key));
}

fn values(errors: &Errors, path: &Path<'_>, requirement: &Value) {
    for (i, value) in requirement["values"].items().iter().enumerate() {
        let value = value.as_str().unwrap_or_default();
        errors.each(&path.child("values").index(i), value, names::label_value(value));
    }
}

fn field(errors: &Errors, path: &Path<'_>, requirement: &Value) {
    let values = requirement["values"].items();
    match text(requirement, "operator") {
        "In" | "NotIn" => {
            if values.len() != 1 {
                let what = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                errors.required(&path.child("values"), what);
            }
        }
        other => errors.invalid(&path.child("operator"), Typed(other), "not a valid selector operator"),
    }
    match text(requirement, "key") {
        "metadata.name" => {
            for (i, value) in values.iter().enumerate() {
                let value = value.as_str().unwrap_or_default();
                errors.each(&path.child("values").index(i), value, names::dns1123_subdomain(value));
            }
        }
        other => errors.invalid(&path.child("key"), other, "not a valid field selector key"),
    }
}
