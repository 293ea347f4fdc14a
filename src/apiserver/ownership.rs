//! Who owns which field. Only that there are such entries is modelled, not which fields they name.

use super::kinds::set_metadata;
use crate::go::json::{Object, Value};

/// Gives a new object the entry of the client that creates it.
pub(super) fn claim(object: &mut Value, manager: &str, operation: &str, time: &str) {
    let mut entry = Object::with_capacity(6);
    entry.push("manager", manager);
    entry.push("operation", operation);
    entry.push("apiVersion", object["apiVersion"].clone());
    entry.push("time", time);
    entry.push("fieldsType", "FieldsV1");
    entry.push("fieldsV1", Object::new());
    set_metadata(object, "managedFields", vec![Value::Object(entry)].into());
}

/// Looks at the entries after admission: those that webhooks broke are what they were before, with a warning.
pub(super) fn check(object: &mut Value, before: &Value) -> Option<String> {
    let wrong = object["metadata"]["managedFields"].items().iter().find_map(problem)?;
    set_metadata(object, "managedFields", before["metadata"]["managedFields"].clone());
    Some(format!(
        ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating \
         admission controller; please fix your requests: {wrong}"
    ))
}

fn problem(entry: &Value) -> Option<&'static str> {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    match (text("operation"), text("apiVersion")) {
        ("Apply" | "Update", "") => Some("apiVersion must not be empty"),
        ("Apply" | "Update", _) => None,
        _ => Some("operation must be `Apply` or `Update`"),
    }
}
