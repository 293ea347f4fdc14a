//! Loose conversions, as spf13/cast makes them.

use super::super::format;
use super::super::value::{Int, Items, List, Value};
use crate::go::{bytes, strconv};

/// sprig's `toString`: strings and bytes as they are, everything else as `%v` prints it.
pub(super) fn text(value: &Value<'_>) -> String {
    match value {
        Value::Str(s) => s.to_string(),
        Value::List(list) if list.element == "uint8" => {
            let raw: Vec<u8> = list.iter().map(|v| integer(&v) as u8).collect();
            bytes::text(&raw)
        }
        value => format::print(value),
    }
}

/// sprig's `toInt64`; what is no number is 0.
pub(super) fn integer(value: &Value<'_>) -> i64 {
    match value {
        Value::Int(_, Int::Duration) => 0,
        Value::Int(n, _) => *n,
        Value::Uint(n, _) => *n as i64,
        Value::Float(n, _) => truncated(*n),
        Value::Bool(b) => i64::from(*b),
        Value::Str(s) => parse_integer(s),
        Value::Object(object) => object.pointee().map_or(0, |inner| integer(&inner)),
        _ => 0,
    }
}

/// A float as an integer; what is out of range is the smallest one, as processors of the x86 family have it.
fn truncated(n: f64) -> i64 {
    let fits = n >= i64::MIN as f64 && n < i64::MAX as f64;
    if fits { n as i64 } else { i64::MIN }
}

/// Text as cast reads it: decimal point and zeros dropped, base prefixes understood.
fn parse_integer(text: &str) -> i64 {
    let trimmed = match text.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    strconv::parse_int(trimmed, 0).unwrap_or(0)
}

/// sprig's `toFloat64`; what is no number is 0.
pub(super) fn float(value: &Value<'_>) -> f64 {
    match value {
        Value::Int(_, Int::Duration) => 0.0,
        Value::Int(n, _) => *n as f64,
        Value::Uint(n, _) => *n as f64,
        Value::Float(n, true) => f64::from(*n as f32),
        Value::Float(n, false) => *n,
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Str(s) => strconv::parse_float(s).unwrap_or(0.0),
        Value::Object(object) => object.pointee().map_or(0.0, |inner| float(&inner)),
        _ => 0.0,
    }
}

/// sprig's `strslice`: any list as texts, nil items left out; anything else as a list of one, nil as an empty one.
pub(super) fn texts(value: &Value<'_>) -> Vec<String> {
    match value {
        Value::Missing | Value::Nil => Vec::new(),
        Value::List(list) if matches!(list.items, Items::Nil) => Vec::new(),
        Value::List(list) => {
            list.iter().filter(|v| !matches!(v, Value::Nil | Value::Missing)).map(|v| text(&v)).collect()
        }
        value => vec![text(value)],
    }
}

/// A `[]string`, nil where there is nothing in it.
pub(super) fn strings<'d, T: AsRef<str>>(texts: impl Iterator<Item = T>) -> Value<'d> {
    let texts: Vec<Value<'d>> = texts.map(Value::string).collect();
    match texts.is_empty() {
        true => Value::List(List { element: "string", array: None, items: Items::Nil }),
        false => Value::typed_list("string", texts),
    }
}

/// sprig's `empty`: the zero value of its type.
pub(super) fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) if object.number().is_none() => object.is_nil(),
        value => !value.truth(),
    }
}
