//! Go's own template functions.

use std::cmp::Ordering;

use super::format;
use super::functions::{Call, Functions};
use super::value::{Key, Value, compare_integers};
use crate::go::bytes;

type Result<'d> = std::result::Result<Value<'d>, String>;

pub(super) fn register(functions: &mut Functions) {
    functions.add_short_circuit("and", false, |c| Ok(c.arg(0)));
    functions.add_short_circuit("or", true, |c| Ok(c.arg(0)));
    functions.add("not", "any", |c| Ok(Value::Bool(!c.arg(0).truth())));
    functions.add("len", "any", len);
    functions.add("index", "any,any...", index);
    functions.add("slice", "any,any...", slice);
    functions.add("call", "any,any...", |c| match c.arg(0) {
        Value::Missing | Value::Nil => Err("call of nil".into()),
        value => Err(format!("non-function {} of type {}", c.first, value.type_name())),
    });
    functions.add("print", "any...", |c| Ok(Value::string(format::sprint(c.args))));
    functions.add("println", "any...", |c| Ok(Value::string(format::sprintln(c.args))));
    functions.add("printf", "string,any...", |c| {
        let text = format::sprintf(c.str(0), &c.args[1..]);
        match text.len() > format::MAX_TEXT {
            true => Err(format!("the text would be longer than {} bytes", format::MAX_TEXT)),
            false => Ok(Value::string(text)),
        }
    });
    functions.add("html", "any...", |c| Ok(Value::string(escape_html(&text(c)))));
    functions.add("js", "any...", |c| Ok(Value::string(escape_js(&text(c)))));
    functions.add("urlquery", "any...", |c| Ok(Value::string(escape_query(&text(c)))));
    functions.add("eq", "any,any...", eq);
    functions.add("ne", "any,any", |c| equal(&c.arg(0), &c.arg(1)).map(|e| Value::Bool(!e)));
    functions.add("lt", "any,any", |c| less(&c.arg(0), &c.arg(1)).map(Value::Bool));
    functions.add("le", "any,any", |c| at_most(&c.arg(0), &c.arg(1)).map(Value::Bool));
    functions.add("gt", "any,any", |c| at_most(&c.arg(0), &c.arg(1)).map(|l| Value::Bool(!l)));
    functions.add("ge", "any,any", |c| less(&c.arg(0), &c.arg(1)).map(|l| Value::Bool(!l)));
}

/// The arguments as text, as a template would print them.
fn text(call: &Call<'_, '_>) -> String {
    fn printable<'d>(value: &Value<'d>) -> Value<'d> {
        match value {
            Value::Missing | Value::Nil => Value::borrowed("<no value>"),
            Value::Object(object) if object.text().is_none() && !object.is_nil() => {
                object.pointee().unwrap_or_else(|| value.clone())
            }
            value => value.clone(),
        }
    }
    if let [Value::Str(s)] = call.args {
        return s.to_string();
    }
    format::sprint(&call.args.iter().map(printable).collect::<Vec<_>>())
}

/// What a pointer points to; anything else as it is.
fn indirect<'d>(value: Value<'d>) -> Value<'d> {
    match &value {
        Value::Object(object) => object.pointee().unwrap_or(value),
        _ => value,
    }
}

/// The type that a pointer of this one points at.
fn pointed_at(go_type: &str) -> &str {
    go_type.strip_prefix('*').unwrap_or(go_type)
}

fn len<'d>(call: &Call<'_, 'd>) -> Result<'d> {
    let value = indirect(call.arg(0));
    let n = match &value {
        Value::Str(s) => bytes::len(s),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Missing => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        Value::Nil => return Err("len of nil pointer".into()),
        Value::Object(object) if object.is_nil() => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", pointed_at(&other.type_name()))),
    };
    Ok(Value::int(n as i64))
}

/// A list index by Go's rules: up to the length, which only slicing allows.
fn position(value: &Value<'_>, untyped: bool, len: usize) -> std::result::Result<usize, String> {
    let n = match value {
        _ if untyped => return Err("cannot index slice/array with type interface {}".into()),
        Value::Int(n, _) => i128::from(*n),
        Value::Uint(n, _) => i128::from(*n),
        Value::Missing | Value::Nil => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    usize::try_from(n).ok().filter(|i| *i <= len).ok_or_else(|| format!("index out of range: {n}"))
}

fn index<'d>(call: &Call<'_, 'd>) -> Result<'d> {
    let mut value = indirect(call.arg(0));
    if matches!(value, Value::Missing | Value::Nil) {
        return Err("index of untyped nil".into());
    }
    for key in &call.args[1..] {
        value = match indirect(value) {
            Value::List(list) => {
                let kind = if list.array.is_some() { "array" } else { "slice" };
                list.get(position(key, false, list.len())?)
                    .ok_or_else(|| format!("reflect: {kind} index out of range"))?
            }
            Value::Str(s) => {
                let s = bytes::of(&s);
                let byte = s.get(position(key, false, s.len())?).ok_or("reflect: string index out of range")?;
                Value::Uint(u64::from(*byte), super::value::Uint::Uint8)
            }
            Value::Map(map) => {
                let found = match (key, map.key) {
                    (Value::Str(key), "string") => map.get(key),
                    (Value::Int(n, _), "int") => map.get_key(&Key::Int(*n)),
                    (Value::Uint(n, _), "int") => map.get_key(&Key::Int(*n as i64)),
                    (Value::Missing | Value::Nil, ty) => return Err(format!("value is nil; should be of type {ty}")),
                    (other, ty) => {
                        return Err(format!("value has type {}; should be {ty}", other.type_name()));
                    }
                };
                found.unwrap_or_else(|| match map.zero() {
                    Value::Missing => Value::Nil,
                    zero => zero,
                })
            }
            Value::Missing | Value::Nil => return Err("index of nil pointer".into()),
            Value::Object(object) if object.is_nil() => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", pointed_at(&other.type_name()))),
        };
    }
    Ok(value)
}

fn slice<'d>(call: &Call<'_, 'd>) -> Result<'d> {
    let value = indirect(call.arg(0));
    let bounds = &call.args[1..];
    if matches!(value, Value::Missing | Value::Nil) {
        return Err("slice of untyped nil".into());
    }
    if matches!(&value, Value::Object(object) if object.is_nil()) {
        return Err("slice of nil pointer".into());
    }
    if bounds.len() > 3 {
        return Err(format!("too many slice indexes: {}", bounds.len()));
    }
    let len = match &value {
        Value::Str(_) if bounds.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::Str(s) => bytes::len(s),
        Value::List(list) => list.len(),
        other => return Err(format!("can't slice item of type {}", other.type_name())),
    };
    let mut at = [0, len, len];
    for (i, bound) in bounds.iter().enumerate() {
        at[i] = position(bound, call.is_untyped(i + 1), len)?;
    }
    if at[0] > at[1] {
        return Err(format!("invalid slice index: {} > {}", at[0], at[1]));
    }
    if bounds.len() == 3 && at[1] > at[2] {
        return Err(format!("invalid slice index: {} > {}", at[1], at[2]));
    }
    if matches!(&value, Value::List(list) if list.array.is_some()) {
        return Err("reflect.Value.Slice: slice of unaddressable array".into());
    }
    Ok(match value {
        Value::Str(s) => Value::string(bytes::cut(&s, at[0], at[1])),
        Value::List(list) => Value::typed_list(list.element, list.iter().skip(at[0]).take(at[1] - at[0]).collect()),
        other => other,
    })
}

/// The kinds that can be compared, as Go's `eq` and `lt` group them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Int,
    Uint,
    Float,
    Complex,
    Str,
    Other,
}

fn basic(value: &Value<'_>) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(..) => Basic::Int,
        Value::Uint(..) => Basic::Uint,
        Value::Float(..) => Basic::Float,
        Value::Complex(..) => Basic::Complex,
        Value::Str(_) => Basic::Str,
        Value::Object(object) if object.number().is_some() => Basic::Int,
        _ => Basic::Other,
    }
}

fn eq<'d>(call: &Call<'_, 'd>) -> Result<'d> {
    let first = call.arg(0);
    if call.args.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in &call.args[1..] {
        if equal(&first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn equal<'d>(a: &Value<'d>, b: &Value<'d>) -> std::result::Result<bool, String> {
    let (ka, kb) = (basic(a), basic(b));
    if ka != kb {
        if matches!((ka, kb), (Basic::Int, Basic::Uint) | (Basic::Uint, Basic::Int)) {
            return Ok(compare_integers(a, b) == Some(Ordering::Equal));
        }
        if matches!(a, Value::Missing | Value::Nil) || matches!(b, Value::Missing | Value::Nil) {
            return Ok(a.is_nil() && b.is_nil());
        }
        return Err(format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name()));
    }
    Ok(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Float(a, _), Value::Float(b, _)) => a == b,
        (Value::Complex(a, i), Value::Complex(b, j)) => a == b && i == j,
        (Value::Str(a), Value::Str(b)) => **a == **b,
        _ if ka != Basic::Other => compare_integers(a, b) == Some(Ordering::Equal),
        _ => {
            let untyped = |value: &Value<'_>| matches!(value, Value::Missing | Value::Nil);
            if a.kind() != b.kind() && !untyped(a) && !untyped(b) {
                return Err(format!(
                    "non-comparable types {}: {}, {}: {}",
                    format::sprintf("%s", std::slice::from_ref(a)),
                    a.type_name(),
                    b.type_name(),
                    format::print(b)
                ));
            }
            if a.is_nil() || b.is_nil() {
                return Ok(a.is_nil() && b.is_nil());
            }
            if !comparable(b) {
                let text = format::sprintf("%s", std::slice::from_ref(b));
                return Err(format!("non-comparable type {text}: {}", b.type_name()));
            }
            a.type_name() == b.type_name() && a.to_json() == b.to_json()
        }
    })
}

/// Whether Go's `==` works on values of the type.
fn comparable(value: &Value<'_>) -> bool {
    match value {
        Value::List(list) => list.array.is_some(),
        Value::Map(_) => false,
        Value::Object(object) if object.type_name().starts_with('*') => true,
        Value::Object(object) => object.fields().iter().all(|(_, field)| comparable(field)),
        _ => true,
    }
}

fn less<'d>(a: &Value<'d>, b: &Value<'d>) -> std::result::Result<bool, String> {
    let (ka, kb) = (basic(a), basic(b));
    for value in [a, b] {
        if matches!(basic(value), Basic::Other) {
            return Err("invalid type for comparison".into());
        }
    }
    if ka != kb {
        return match (ka, kb) {
            (Basic::Int, Basic::Uint) | (Basic::Uint, Basic::Int) => Ok(compare_integers(a, b) == Some(Ordering::Less)),
            _ => Err(format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())),
        };
    }
    match (a, b) {
        (Value::Bool(_) | Value::Complex(..), _) => Err("invalid type for comparison".into()),
        (Value::Float(a, _), Value::Float(b, _)) => Ok(a < b),
        (Value::Str(a), Value::Str(b)) => Ok(**a < **b),
        _ => Ok(compare_integers(a, b) == Some(Ordering::Less)),
    }
}

fn at_most<'d>(a: &Value<'d>, b: &Value<'d>) -> std::result::Result<bool, String> {
    Ok(less(a, b)? || equal(a, b)?)
}

fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn escape_js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if bytes::raw(c).is_some() || crate::go::strconv::is_print(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04X}", c as u32)),
        }
    }
    out
}

fn escape_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &b in bytes::of(text).iter() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(b as char),
            b' ' => out.push('+'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
