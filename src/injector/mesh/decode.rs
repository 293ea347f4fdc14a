//! JSON into a message, with the habits of the library that Istio reads protobuf with: unknown fields are passed over,
//! null is nothing, numbers may be quoted, a field that is set replaces what was there.
//!
//! Source: github.com/golang/protobuf/jsonpb 1.5.

use super::dialect::Dialect;
use super::schema::{Enum, Field, Kind, Message, Repeat, WellKnown};
use crate::go::json::{self, Number, Object, Str, Value};
use crate::go::{duration, strconv};

/// Sets on `base` (a message, or null for an empty one) what `settings` sets.
///
/// Errors: Go's text.
pub(super) fn apply(
    dialect: &Dialect,
    message: &'static Message,
    base: Value,
    settings: Value,
) -> Result<Value, String> {
    match settings {
        Value::Null => Ok(if base.is_null() { Value::object() } else { base }),
        settings => decode(dialect, message, base, &settings),
    }
}

/// [`apply`] on one message field.
pub(super) fn field(
    dialect: &Dialect,
    message: &'static Message,
    name: &str,
    base: Value,
    settings: Value,
) -> Result<Value, String> {
    match message.fields.iter().find(|f| f.json == name).map(|f| &f.kind) {
        Some(Kind::Message(inner)) => apply(dialect, inner, base, settings),
        _ => Ok(settings),
    }
}

/// Puts a value in its place among the fields; what is empty is left out.
pub(super) fn set(dialect: &Dialect, message: &'static Message, target: &mut Value, name: &str, value: Value) {
    let mut slots = slots(message, target.take());
    if let Some(i) = message.fields.iter().position(|f| f.json == name) {
        slots[i] = Some(value);
    }
    *target = assemble(dialect, message, slots);
}

/// The settings in the order in which they print.
pub(super) fn in_order(dialect: &Dialect, message: &'static Message, settings: Value) -> Value {
    let slots = slots(message, settings);
    assemble(dialect, message, slots)
}

pub(super) fn slots(message: &'static Message, mut value: Value) -> Vec<Option<Value>> {
    message.fields.iter().map(|f| value.as_object_mut().and_then(|members| members.remove(f.json))).collect()
}

pub(super) fn assemble(dialect: &Dialect, message: &'static Message, slots: Vec<Option<Value>>) -> Value {
    let mut out = Object::new();
    for (field, slot) in message.fields.iter().zip(slots) {
        if let Some(value) = slot.filter(|v| is_printed(dialect, field, v)) {
            out.push(Str::const_new(field.json), value);
        }
    }
    Value::Object(out)
}

/// Zero values are not printed, except those of messages and of the set member of a oneof.
pub(super) fn is_printed(dialect: &Dialect, field: &Field, value: &Value) -> bool {
    match (field.repeat, &field.kind, value) {
        (Repeat::List, _, Value::Array(items)) => dialect.old_library || !items.is_empty(),
        (Repeat::Map, _, Value::Object(members)) => dialect.old_library || !members.is_empty(),
        (_, Kind::Message(_), _) => true,
        _ if dialect.is_oneof(field) => true,
        (_, Kind::Enum(ty), Value::String(name)) => ty.number(name) != Some(0),
        (_, _, Value::Bool(b)) => *b,
        (_, _, Value::String(s)) => !s.is_empty() && s != "0",
        (_, _, Value::Number(n)) => n.as_f64() != 0.0,
        (_, _, Value::Null) => false,
        _ => true,
    }
}

fn unmarshal_error(value: &Value, ty: &str) -> String {
    match value {
        Value::Number(n) if ty.starts_with("int") || ty.starts_with("uint") => {
            format!("json: cannot unmarshal number {n} into Go value of type {ty}")
        }
        other => format!("json: cannot unmarshal {} into Go value of type {ty}", other.kind()),
    }
}

fn decode(dialect: &Dialect, message: &'static Message, base: Value, settings: &Value) -> Result<Value, String> {
    match message.well_known() {
        Some(WellKnown::Duration) => return duration(settings),
        Some(WellKnown::Wrapper) => return scalar(dialect, &message.fields[0].kind, settings),
        Some(WellKnown::Value) => return Ok(any(settings)),
        None => {}
    }
    let Value::Object(members) = settings else { return Err(unmarshal_error(settings, "map[string]json.RawMessage")) };
    let mut slots = slots(message, base);
    for (i, field) in message.fields.iter().enumerate() {
        if !dialect.knows(field) {
            continue;
        }
        let given = members.get(field.json).or_else(|| members.get(field.proto));
        let Some(value) = given.filter(|v| !v.is_null() || is_any(field)) else { continue };
        let value = repeated(dialect, field, value)?;
        if dialect.is_oneof(field) {
            for (other, slot) in message.fields.iter().zip(&mut slots) {
                if other.oneof == field.oneof {
                    *slot = None;
                }
            }
        }
        slots[i] = Some(value);
    }
    Ok(assemble(dialect, message, slots))
}

/// `google.protobuf.Value` is the one type for which null is a value.
fn is_any(field: &Field) -> bool {
    matches!(field.kind, Kind::Message(m) if m.name == "google.protobuf.Value") && field.repeat == Repeat::One
}

fn repeated(dialect: &Dialect, field: &'static Field, value: &Value) -> Result<Value, String> {
    match field.repeat {
        Repeat::One => single(dialect, &field.kind, value),
        Repeat::List => match value {
            Value::Array(items) => {
                items.iter().map(|item| item_of(dialect, &field.kind, item)).collect::<Result<_, _>>().map(Value::Array)
            }
            other => Err(unmarshal_error(other, "[]json.RawMessage")),
        },
        Repeat::Map => match value {
            Value::Object(members) => {
                let mut out = Object::with_capacity(members.len());
                for (key, value) in members.sorted() {
                    out.push(key.clone(), item_of(dialect, &field.kind, value)?);
                }
                Ok(Value::Object(out))
            }
            other => Err(unmarshal_error(other, "map[string]json.RawMessage")),
        },
    }
}

/// A value in a list or map, where the old library keeps messages that are null.
fn item_of(dialect: &Dialect, kind: &'static Kind, value: &Value) -> Result<Value, String> {
    match kind {
        Kind::Message(_) if dialect.old_library && value.is_null() => Ok(Value::Null),
        kind => single(dialect, kind, value),
    }
}

fn single(dialect: &Dialect, kind: &'static Kind, value: &Value) -> Result<Value, String> {
    match kind {
        Kind::Message(message) => apply(dialect, message, Value::Null, value.clone()),
        kind => scalar(dialect, kind, value),
    }
}

fn scalar(dialect: &Dialect, kind: &Kind, value: &Value) -> Result<Value, String> {
    match kind {
        Kind::Bool => match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::Null => Ok(false.into()),
            other => Err(unmarshal_error(other, "bool")),
        },
        Kind::String => match value {
            Value::String(_) => Ok(value.clone()),
            Value::Null => Ok("".into()),
            other => Err(unmarshal_error(other, "string")),
        },
        Kind::Int32 => integer(value, "int32", i32::MIN.into(), i32::MAX.into()).map(Value::from),
        Kind::Uint32 => integer(value, "uint32", 0, u32::MAX.into()).map(Value::from),
        // 64-bit integers print as strings.
        Kind::Int64 => integer(value, "int64", i64::MIN, i64::MAX).map(|n| n.to_string().into()),
        Kind::Double => double(value),
        Kind::Enum(ty) => enumeration(dialect, ty, value),
        Kind::Message(message) => decode(dialect, message, Value::Null, value),
    }
}

/// A number, quoted or not: quotes are taken off and the rest, escapes included, is read as JSON.
fn unquoted(value: &Value) -> Result<Value, String> {
    let Value::String(_) = value else { return Ok(value.clone()) };
    let quoted = json::to_string(value);
    json::parse(&quoted[1..quoted.len() - 1]).map_err(|e| e.to_string())
}

fn integer(value: &Value, ty: &str, min: i64, max: i64) -> Result<i64, String> {
    match unquoted(value)? {
        Value::Null => Ok(0),
        Value::Number(n) if n.is_integer() => {
            n.as_i64().filter(|n| (min..=max).contains(n)).ok_or_else(|| unmarshal_error(&Value::Number(n), ty))
        }
        other => Err(unmarshal_error(&other, ty)),
    }
}

fn double(value: &Value) -> Result<Value, String> {
    if matches!(value.as_str(), Some("NaN" | "Infinity" | "-Infinity")) {
        return Ok(value.clone());
    }
    match unquoted(value)? {
        Value::Null => Ok(0i64.into()),
        Value::Number(n) => {
            let printed = json::format_float(n.as_f64());
            Ok(Number::parse(&printed).map_or(Value::Number(n), Value::Number))
        }
        other => Err(unmarshal_error(&other, "float64")),
    }
}

fn enumeration(dialect: &Dialect, ty: &Enum, value: &Value) -> Result<Value, String> {
    let number_type = if dialect.old_library { ty.go } else { "protoreflect.EnumNumber" };
    match value {
        Value::String(text) => match dialect.number(ty, text) {
            Some(_) => Ok(value.clone()),
            None if dialect.old_library => {
                let (package, name) = ty.go.split_once('.').unwrap_or(("", ty.go));
                let path = ty.name.split_once(package).map_or("", |(path, _)| path);
                let text = json::to_string(value);
                Err(format!(
                    "unknown value {} for enum {path}{package}.{name}",
                    strconv::quote(&text[1..text.len() - 1])
                ))
            }
            None => Err(format!("unknown value {} for enum {}", strconv::quote(&json::to_string(value)), ty.name)),
        },
        Value::Number(_) | Value::Null => {
            let number = integer(value, "int32", i32::MIN.into(), i32::MAX.into())
                .map_err(|e| e.replace("of type int32", &format!("of type {number_type}")))?;
            Ok(ty.value_name(number).map_or_else(|| number.into(), Value::from))
        }
        other => Err(unmarshal_error(other, number_type)),
    }
}

fn duration(value: &Value) -> Result<Value, String> {
    let Value::String(text) = value else { return Err(unmarshal_error(value, "string")) };
    let nanos = duration::parse(text).map_err(|e| format!("bad Duration: {e}"))?;
    Ok(print_duration(nanos).into())
}

/// `1.500s`: three, six or nine digits after the point, none when whole.
pub(super) fn print_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, fraction) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    let digits = format!("{fraction:09}");
    let digits = digits.strip_suffix("000").unwrap_or(&digits);
    let digits = digits.strip_suffix("000").unwrap_or(digits);
    match digits.strip_suffix("000").unwrap_or(digits) {
        "" => format!("{sign}{seconds}s"),
        digits => format!("{sign}{seconds}.{digits}s"),
    }
}

/// Any JSON, numbers as floats print.
fn any(value: &Value) -> Value {
    match value {
        Value::Number(n) => Number::parse(&json::format_float(n.as_f64())).map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.iter().map(any).collect()),
        Value::Object(members) => {
            Value::Object(members.sorted().into_iter().map(|(k, v)| (k.clone(), any(v))).collect())
        }
        other => other.clone(),
    }
}
