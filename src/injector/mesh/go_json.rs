//! Messages as `encoding/json` prints them: the Go structs of the mesh API know nothing of protobuf's JSON until 1.24, those
//! of the networking API do.
//!
//! Source: istio.io/api 1.9–1.30, `mesh/v1alpha1`, and encoding/json.

use super::dialect::Dialect;
use super::schema::{Field, Kind, Message, Repeat, WellKnown};
use crate::go::duration;
use crate::go::json::{Object, Str, Value};

/// A message, which is kept as protobuf prints it, as `json.Marshal` prints it.
pub(super) fn message(dialect: &Dialect, ty: &'static Message, value: &Value) -> Value {
    match ty.well_known() {
        Some(WellKnown::Value) => return value.clone(),
        Some(WellKnown::Duration) => {
            const SECOND: i64 = 1_000_000_000;
            let nanos = value.as_str().and_then(|text| duration::parse(text).ok()).unwrap_or(0);
            let parts = [("seconds", nanos / SECOND), ("nanos", nanos % SECOND)];
            return Value::Object(parts.into_iter().filter(|(_, part)| *part != 0).collect());
        }
        Some(WellKnown::Wrapper) => {
            let field = &ty.fields[0];
            let set = super::decode::is_printed(dialect, field, value);
            return Value::Object(set.then(|| ("value", single(dialect, &field.kind, value))).into_iter().collect());
        }
        None if !ty.name.starts_with("istio.mesh.") => return value.clone(),
        None => {}
    }
    let mut out = Object::new();
    let mut group = "";
    for field in ty.fields.iter().filter(|f| dialect.knows(f)) {
        if dialect.is_oneof(field) {
            // The group is a field of its own, where its first member stands.
            if field.oneof != group {
                group = field.oneof;
                out.push(camel(group), of_group(dialect, ty, group, value));
            }
        } else if let Some(value) = value.get(field.json) {
            out.push(Str::const_new(name(dialect, field)), member(dialect, field, value));
        }
    }
    Value::Object(out)
}

/// The old library names fields as protobuf's JSON does.
fn name(dialect: &Dialect, field: &Field) -> &'static str {
    if dialect.old_library { field.json } else { field.proto }
}

/// What is set of a group: an object with one member, or null.
fn of_group(dialect: &Dialect, ty: &'static Message, group: &str, value: &Value) -> Value {
    let set = ty.fields.iter().filter(|f| f.oneof == group).find_map(|f| Some((f, value.get(f.json)?)));
    let Some((field, value)) = set else { return Value::Null };
    let key = if dialect.old_library { field.json } else { field.go };
    Value::Object([(key, member(dialect, field, value))].into_iter().collect())
}

fn member(dialect: &Dialect, field: &'static Field, value: &Value) -> Value {
    match (field.repeat, value) {
        (Repeat::List, Value::Array(items)) => {
            Value::Array(items.iter().map(|item| single(dialect, &field.kind, item)).collect())
        }
        (Repeat::Map, Value::Object(members)) => {
            Value::Object(members.iter().map(|(k, v)| (k.clone(), single(dialect, &field.kind, v))).collect())
        }
        _ => single(dialect, &field.kind, value),
    }
}

fn single(dialect: &Dialect, kind: &'static Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Message(ty), value) => message(dialect, ty, value),
        (Kind::Enum(ty), Value::String(name)) => ty.number(name).unwrap_or(0).into(),
        (Kind::Int64, Value::String(text)) => text.parse::<i64>().unwrap_or(0).into(),
        (_, value) => value.clone(),
    }
}

/// `cluster_name` as Go writes it: `ClusterName`.
fn camel(name: &str) -> String {
    let upper = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').filter(|word| !word.is_empty()).map(upper).collect()
}
