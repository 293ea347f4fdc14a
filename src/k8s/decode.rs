//! JSON into a Go struct and back: what `json.Unmarshal` into a type of the schema followed by `json.Marshal` gives.
//!
//! Unknown members go, names match ignoring case, empty members are left out or filled in as the struct's tags say,
//! members stand in Go's order, quantities and times are canonical.
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::{decode, schema};
//!
//! let pod = json::parse(r#"{"spec":{"containers":[{"image":"i","name":"a","x":1}]}}"#).unwrap();
//! let pod = decode::decode(pod, &schema::POD).unwrap();
//! assert_eq!(pod.to_string(), r#"{"metadata":{},"spec":{"containers":[{"name":"a","image":"i","resources":{}}]},"status":{}}"#);
//! ```

mod time;

use std::fmt;

use super::quantity::Quantity;
use super::schema::{Field, Kind, Type};
use crate::go::json::{Number, Object, Str, Value};

/// A value that does not fit its type, with Go's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Decodes a value as a struct.
///
/// Parse with [`ParseOptions::keep_duplicates`](crate::go::json::ParseOptions) where members may come twice.
/// Errors: the first mismatch of types; a quantity or time that cannot be read comes before all others.
pub fn decode(value: Value, ty: &'static Type) -> Result<Value, DecodeError> {
    decode_in(value, ty, "", "")
}

/// [`decode`] of a struct that is a field of something else: `owner` and `path` are what error texts name, such as
/// `podOverrides` and `containers`.
pub fn decode_in(value: Value, ty: &'static Type, owner: &'static str, path: &str) -> Result<Value, DecodeError> {
    let mut decoder = Decoder { path: path.to_owned(), owner, saved: None };
    let decoded = decoder.root(value, ty)?;
    match decoder.saved {
        Some(error) => Err(error),
        None => Ok(decoded),
    }
}

/// A decoding in progress. Type mismatches are saved and decoding goes on, as in Go; other errors end it.
struct Decoder {
    /// Names of the fields on the way, joined by dots.
    path: String,
    /// The struct whose field is being decoded.
    owner: &'static str,
    saved: Option<DecodeError>,
}

impl Decoder {
    fn mismatch(&mut self, value: &Value, go_type: &str) {
        if self.saved.is_some() {
            return;
        }
        let what = match value {
            Value::Number(n) if matches!(go_type, "int32" | "int64") => format!("number {n}"),
            other => other.kind().to_owned(),
        };
        let place = match self.path.is_empty() {
            true => "value".to_owned(),
            false => format!("struct field {}.{}", self.owner, self.path),
        };
        self.saved = Some(DecodeError(format!("json: cannot unmarshal {what} into Go {place} of type {go_type}")));
    }

    fn root(&mut self, value: Value, ty: &'static Type) -> Result<Value, DecodeError> {
        self.structure(value, ty, ty.name).map(|v| v.unwrap_or_else(|| zero(ty)))
    }

    /// A struct; `None` for null.
    fn structure(&mut self, value: Value, ty: &'static Type, go_type: &str) -> Result<Option<Value>, DecodeError> {
        let members = match value {
            Value::Object(members) => members,
            Value::Null => return Ok(None),
            other => {
                self.mismatch(&other, go_type);
                return Ok(Some(zero(ty)));
            }
        };
        // What was found, by position among the fields; most structs have far more fields than members.
        let mut found: Vec<(usize, Option<Value>)> = Vec::with_capacity(members.len());
        let mut filled = 0;
        for (key, value) in members {
            let exact = ty.fields[filled..].iter().position(|f| f.json == key).map(|i| i + filled);
            // Members usually come in order, so that the next field is the one.
            let position = exact.or_else(|| ty.position(&key)).or_else(|| {
                ty.fields.iter().position(|f| f.json.len() == key.len() && f.json.eq_ignore_ascii_case(&key))
            });
            let Some(i) = position else { continue };
            filled = i;
            let field = &ty.fields[i];
            let earlier = found.iter_mut().find(|(at, _)| *at == i);
            let before = earlier.and_then(|(_, slot)| slot.take());
            let value = self.field(value, field, ty, before)?;
            match found.iter_mut().find(|(at, _)| *at == i) {
                Some((_, slot)) => *slot = value,
                None => found.push((i, value)),
            }
        }
        found.sort_unstable_by_key(|(at, _)| *at);
        let mut out = Object::with_capacity(found.len() + 1);
        let mut found = found.into_iter().peekable();
        for (i, field) in ty.fields.iter().enumerate() {
            let slot = found.next_if(|(at, _)| *at == i).and_then(|(_, value)| value);
            if let Some(value) = printed(field, slot) {
                out.push(Str::const_new(field.json), value);
            }
        }
        Ok(Some(Value::Object(out)))
    }

    /// A field's value, with its place kept for errors. `before` is what an earlier member of the same name gave.
    fn field(
        &mut self,
        value: Value,
        field: &'static Field,
        ty: &'static Type,
        before: Option<Value>,
    ) -> Result<Option<Value>, DecodeError> {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        if !field.embedded.is_empty() {
            self.path.push_str(field.embedded);
            self.path.push('.');
        }
        self.path.push_str(field.json);
        let owner = std::mem::replace(&mut self.owner, short(ty.name));
        let decoded = match (before, value) {
            (Some(Value::Object(before)), Value::Object(after))
                if matches!(field.kind, Kind::Struct(_) | Kind::Map(_)) =>
            {
                self.kind(Value::Object(joined(before, after)), &field.kind, field.go_type)
            }
            (before, Value::Null) if !nullable(field) => Ok(before),
            (_, value) => self.kind(value, &field.kind, field.go_type),
        };
        self.path.truncate(length);
        self.owner = owner;
        decoded
    }

    fn kind(&mut self, value: Value, kind: &'static Kind, go_type: &str) -> Result<Option<Value>, DecodeError> {
        match (kind, value) {
            (Kind::Raw, value) => Ok((!value.is_null()).then_some(value)),
            (Kind::Quantity, value) => quantity(value).map(Some),
            (Kind::IntOrString, value) => self.int_or_string(value),
            (Kind::Time, value) => time::canonical(&value).map_err(DecodeError),
            (_, Value::Null) => Ok(None),
            (Kind::Struct(ty), value) => self.structure(value, ty, go_type),
            (Kind::Str, value @ Value::String(_)) | (Kind::Bool, value @ Value::Bool(_)) => Ok(Some(value)),
            (Kind::Int32, Value::Number(n)) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
                Ok(Some(n.into()))
            }
            (Kind::Int64, Value::Number(n)) if n.as_i64().is_some() => Ok(Some(n.into())),
            (Kind::Int32 | Kind::Int64, Value::Number(n)) if n.to_string() == "-0" => Ok(Some(0i64.into())),
            (Kind::List(item), Value::Array(items)) => {
                let inner = go_type.strip_prefix("[]").unwrap_or(go_type);
                let mut out = Vec::with_capacity(items.len());
                for value in items {
                    out.push(self.kind(value, item, inner)?.unwrap_or_else(|| zero_of(item)));
                }
                Ok(Some(Value::Array(out)))
            }
            (Kind::Map(item), Value::Object(members)) => {
                let inner = match item {
                    Kind::Str => "string",
                    _ => go_type,
                };
                let mut out = Object::with_capacity(members.len());
                for (key, value) in members {
                    let value = self.kind(value, item, inner)?.unwrap_or_else(|| zero_of(item));
                    out.insert(key, value);
                }
                // Go prints maps in the order of their keys.
                out.sort();
                Ok(Some(Value::Object(out)))
            }
            (_, value) => {
                self.mismatch(&value, go_type);
                Ok(None)
            }
        }
    }

    fn int_or_string(&mut self, value: Value) -> Result<Option<Value>, DecodeError> {
        match value {
            Value::String(_) => Ok(Some(value)),
            Value::Null => Ok(Some(0i64.into())),
            Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(Some(n.into())),
            // The type reads itself, so the text names no field, and decoding ends.
            Value::Number(n) => {
                Err(DecodeError(format!("json: cannot unmarshal number {n} into Go value of type int32")))
            }
            other => Err(DecodeError(format!("json: cannot unmarshal {} into Go value of type int32", other.kind()))),
        }
    }
}

/// The type's name without its package.
fn short(name: &'static str) -> &'static str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Members of two objects of the same name, in order: Go decodes the second into what the first left.
fn joined(before: Object, after: Object) -> Object {
    let mut all = before;
    for (key, value) in after {
        all.push(key, value);
    }
    all
}

/// Null sets such fields; it leaves all others as they are.
fn nullable(field: &Field) -> bool {
    field.pointer
        || matches!(
            field.kind,
            Kind::List(_) | Kind::Map(_) | Kind::Time | Kind::Raw | Kind::Quantity | Kind::IntOrString
        )
}

fn quantity(value: Value) -> Result<Value, DecodeError> {
    let text = match &value {
        Value::Null => return Ok("0".into()),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match Quantity::parse(&text) {
        Ok(quantity) => {
            let canonical = quantity.to_string();
            match value {
                Value::String(text) if text == canonical => Ok(Value::String(text)),
                _ => Ok(canonical.into()),
            }
        }
        Err(error) => Err(DecodeError(error.to_string())),
    }
}

/// What of a field is printed: nothing for what is omitted when empty.
fn printed(field: &'static Field, value: Option<Value>) -> Option<Value> {
    let Some(value) = value else {
        return match (&field.kind, field.pointer) {
            (_, true) => (!field.omit).then_some(Value::Null),
            // A struct is never empty to encoding/json.
            (Kind::Struct(ty), false) => Some(zero(ty)),
            (Kind::Time, false) => (!field.omit).then_some(Value::Null),
            (_, false) if field.omit => None,
            (kind, false) => Some(zero_of(kind)),
        };
    };
    let empty = match (&value, &field.kind) {
        _ if field.pointer || !field.omit => false,
        (Value::String(s), Kind::Str) => s.is_empty(),
        (Value::Bool(b), _) => !b,
        (Value::Number(n), Kind::Int32 | Kind::Int64) => n.as_i64() == Some(0),
        (Value::Array(items), _) => items.is_empty(),
        (Value::Object(members), Kind::Map(_)) => members.is_empty(),
        _ => false,
    };
    (!empty).then_some(value)
}

/// The zero struct as it prints.
pub fn zero(ty: &'static Type) -> Value {
    let mut out = Object::new();
    for field in ty.fields {
        if let Some(value) = printed(field, None) {
            out.push(Str::const_new(field.json), value);
        }
    }
    Value::Object(out)
}

fn zero_of(kind: &'static Kind) -> Value {
    match kind {
        Kind::Str => "".into(),
        Kind::Bool => false.into(),
        Kind::Int32 | Kind::Int64 | Kind::IntOrString => Value::Number(Number::from(0i64)),
        Kind::Quantity => "0".into(),
        Kind::Struct(ty) => zero(ty),
        Kind::Time | Kind::Raw | Kind::List(_) | Kind::Map(_) => Value::Null,
    }
}
