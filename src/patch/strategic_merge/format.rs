//! Decoded JSON values as Go's `fmt` prints them in messages: whole numbers are `int64` here, others `float64`.

use crate::go::json::Value;
use crate::go::template::{self, format};

/// The value as `%v` prints it.
pub(super) fn go_value(value: &Value) -> String {
    print(value, |scalar, _| scalar)
}

/// The value as `%s` prints it: what is no string says so.
pub(super) fn go_string(value: &Value) -> String {
    match value {
        Value::Null => "%!s(<nil>)".into(),
        value => print(value, |scalar, ty| format!("%!s({ty}={scalar})")),
    }
}

/// The type of a decoded value.
pub(super) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_integer() && n.as_i64().is_some() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn print(value: &Value, other: fn(String, &str) -> String) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::String(text) => text.to_string(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| print(item, other)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(members) => {
            let members: Vec<_> =
                members.sorted().into_iter().map(|(key, value)| format!("{key}:{}", print(value, other))).collect();
            format!("map[{}]", members.join(" "))
        }
        Value::Bool(b) => other(b.to_string(), "bool"),
        Value::Number(n) => match (go_type(value), n.as_i64()) {
            (ty @ "int64", Some(n)) => other(n.to_string(), ty),
            (ty, _) => other(format::print(&template::Value::Float(n.as_f64(), false)), ty),
        },
    }
}
