//! Loose conversions, as spf13/cast makes them.

use super::super::format;
use super::super::value::{Items, Value};

/// sprig's `toString`: strings and bytes as they are, everything else as `%v` prints it.
pub(super) fn text(value: &Value<'_>) -> String {
    match value {
        Value::Str(s) => s.to_string(),
        Value::List(list) if list.element == "uint8" => {
            let bytes: Vec<u8> = list.iter().map(|v| integer(&v) as u8).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        value => format::print(value),
    }
}

/// sprig's `toInt64`; what is no number is 0.
pub(super) fn integer(value: &Value<'_>) -> i64 {
    match value {
        Value::Int(n, _) => *n,
        Value::Uint(n, _) => *n as i64,
        Value::Float(n, _) => *n as i64,
        Value::Bool(b) => i64::from(*b),
        Value::Str(s) => parse_integer(s),
        _ => 0,
    }
}

/// Text as cast reads it: decimal point and zeros dropped, base prefixes understood.
fn parse_integer(text: &str) -> i64 {
    let trimmed = match text.split_once('.') {
        Some((whole, zeros)) if !whole.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    match crate::go::strconv::parse_uint(digits, 0, 64) {
        Ok(n) if negative => 0i64.checked_sub_unsigned(n).unwrap_or(0),
        Ok(n) => i64::try_from(n).unwrap_or(0),
        Err(_) => 0,
    }
}

/// sprig's `toFloat64`; what is no number is 0.
pub(super) fn float(value: &Value<'_>) -> f64 {
    match value {
        Value::Int(n, _) => *n as f64,
        Value::Uint(n, _) => *n as f64,
        Value::Float(n, true) => f64::from(*n as f32),
        Value::Float(n, false) => *n,
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Str(s) => crate::go::strconv::parse_float(s).unwrap_or(0.0),
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

/// sprig's `empty`: the zero value of its type.
pub(super) fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) if object.number().is_none() => object.is_nil(),
        value => !value.truth(),
    }
}
