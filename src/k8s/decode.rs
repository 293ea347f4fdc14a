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
//!
//! Three decoders share this: [`decode`] is Go's own, as injectors use it; [`decode_exact`] the API server's, where names must
//! match to the letter; [`strict`] the same with a list of unknown and repeated fields, as `fieldValidation=Strict` refuses
//! and `Warn` reports them. [`body`] reads the text of a request: whose kind it is, and then what [`strict`] says.

mod body;
mod strict;
mod time;

pub use body::{BodyError, body};
pub use strict::{Finding, MAX_FINDINGS, Strict, strict};

use std::borrow::Cow;
use std::fmt;

use super::quantity::Quantity;
use super::schema::{Api, Field, Kind, Type};
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
    decode_as(value, ty, Api::LATEST)
}

/// [`decode`] as the API server does it: only members that are spelled exactly as the field set it.
///
/// Errors: as [`decode`].
/// Source: sigs.k8s.io/json, `UnmarshalCaseSensitivePreserveInts`, in kube-apiserver 1.36.
pub fn decode_exact(value: Value, ty: &'static Type) -> Result<Value, DecodeError> {
    Decoder { api: Api::LATEST, exact: true, saved: None }.root(value, ty, None)
}

/// [`decode`] by a program that was built with other API types: fields that came later are unknown.
pub fn decode_as(value: Value, ty: &'static Type, api: Api) -> Result<Value, DecodeError> {
    decode_in(value, ty, api, "", "")
}

/// [`decode_as`] of a struct that is a field of something else: `owner` and `path` are what error texts name, such as
/// `podOverrides` and `containers`.
pub fn decode_in(
    value: Value,
    ty: &'static Type,
    api: Api,
    owner: &'static str,
    path: &str,
) -> Result<Value, DecodeError> {
    let place = Place { above: None, owner, embedded: "", json: path };
    Decoder { api, exact: false, saved: None }.root(value, ty, (!path.is_empty()).then_some(&place))
}

/// What the API server's decoder says of a struct that is a field of something else, named as for [`decode_in`].
///
/// Errors: as [`decode`].
pub fn check_exact_in(value: Value, ty: &'static Type, owner: &'static str, path: &str) -> Result<(), DecodeError> {
    let place = Place { above: None, owner, embedded: "", json: path };
    Decoder { api: Api::LATEST, exact: true, saved: None }.root(value, ty, Some(&place)).map(|_| ())
}

/// Where a value stands, for errors.
struct Place<'a> {
    above: Option<&'a Place<'a>>,
    /// Go's name of the struct that has the field.
    owner: &'static str,
    embedded: &'static str,
    json: &'a str,
}

impl Place<'_> {
    /// Names of the fields on the way, joined by dots.
    fn path(&self, api: Api) -> String {
        let mut path = self.above.map(|above| above.path(api) + ".").unwrap_or_default();
        if !self.embedded.is_empty() {
            path.push_str(api.go_name(self.embedded));
            path.push('.');
        }
        path + self.json
    }
}

/// A decoding in progress, which changes the value in place. Type mismatches are saved and decoding goes on, as in Go;
/// other errors end it.
struct Decoder {
    api: Api,
    /// Names must match to the letter.
    exact: bool,
    saved: Option<DecodeError>,
}

impl Decoder {
    fn root(mut self, mut value: Value, ty: &'static Type, place: Option<&Place<'_>>) -> Result<Value, DecodeError> {
        if !self.structure(&mut value, ty, ty.name, place)? {
            value = zero(ty, self.api);
        }
        self.saved.map_or(Ok(value), Err)
    }

    fn mismatch(&mut self, value: &Value, go_type: &str, place: Option<&Place<'_>>) {
        if self.saved.is_some() {
            return;
        }
        let what = match value {
            Value::Number(n) if matches!(go_type, "int32" | "int64") => format!("number {n}"),
            other => other.kind().to_owned(),
        };
        let place = match place {
            None => "value".to_owned(),
            Some(place) => format!("struct field {}.{}", short(self.api.go_name(place.owner)), place.path(self.api)),
        };
        let go_type = self.api.go_name(go_type);
        self.saved = Some(DecodeError(format!("json: cannot unmarshal {what} into Go {place} of type {go_type}")));
    }

    /// A mismatch at which decoding ends.
    fn ends(&mut self, value: &Value, go_type: &str, place: Option<&Place<'_>>) -> DecodeError {
        let mut alone = Decoder { saved: None, ..*self };
        alone.mismatch(value, go_type, place);
        alone.saved.unwrap_or_else(|| DecodeError(String::new()))
    }

    fn int_or_string(&mut self, value: &mut Value, place: Option<&Place<'_>>) -> Result<(), DecodeError> {
        match value {
            Value::String(_) => {}
            Value::Null => *value = 0i64.into(),
            Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
            other => return Err(self.ends(other, "int32", place)),
        }
        Ok(())
    }

    /// A struct; false for null.
    fn structure(
        &mut self,
        value: &mut Value,
        ty: &'static Type,
        go_type: &str,
        place: Option<&Place<'_>>,
    ) -> Result<bool, DecodeError> {
        let mut members = match &mut *value {
            Value::Object(members) => std::mem::take(members).into_members(),
            Value::Null => return Ok(false),
            other => {
                self.mismatch(other, go_type, place);
                *value = zero(ty, self.api);
                return Ok(true);
            }
        };
        // Fields by position: met at all, set, printed; and the member that holds each.
        let (mut met, mut set, mut shown) = (0u64, 0u64, 0u64);
        let mut holders = [0u32; 64];
        let mut in_place = true;
        for n in 0..members.len() {
            let Some(i) = position(ty, &members[n].0, self.exact) else { continue };
            let (field, bit) = (&ty.fields[i], 1u64 << i);
            if !self.api.knows(field) {
                continue;
            }
            in_place &= met >> i == 0 && members[n].0 == field.json;
            let place = Place { above: place, owner: ty.name, embedded: field.embedded, json: field.json };
            let before = match set & bit {
                0 => None,
                _ => Some(std::mem::take(&mut members[holders[i] as usize].1)),
            };
            holders[i] = u32::try_from(n).unwrap_or(u32::MAX);
            let value = &mut members[n].1;
            met |= bit;
            (set, shown) = (set & !bit, shown & !bit);
            if self.field(value, field, &place, before)? {
                set |= bit;
                if !hidden(field, value, self.api) {
                    shown |= bit;
                }
            }
        }
        let missing = ty.always(self.api) & !set;
        if !in_place || missing != 0 || shown.count_ones() as usize != members.len() {
            members = bits(shown | missing)
                .map(|i| {
                    let value = match shown & (1 << i) {
                        0 => unset(&ty.fields[i], self.api),
                        _ => std::mem::take(&mut members[holders[i] as usize].1),
                    };
                    (Str::const_new(ty.fields[i].json), value)
                })
                .collect();
        }
        *value = Value::Object(Object::from_members(members));
        Ok(true)
    }

    /// A field's value; false when nothing is set. `before` is what an earlier member of the same name gave.
    fn field(
        &mut self,
        value: &mut Value,
        field: &'static Field,
        place: &Place<'_>,
        before: Option<Value>,
    ) -> Result<bool, DecodeError> {
        if value.is_null() {
            if field.pointer {
                return Ok(false);
            }
            if !matches!(
                field.kind,
                Kind::List(_) | Kind::Map(_) | Kind::Time | Kind::Raw | Kind::Quantity | Kind::IntOrString
            ) {
                // Null leaves such fields as they are.
                let is_set = before.is_some();
                *value = before.unwrap_or_default();
                return Ok(is_set);
            }
        }
        if let Some(before) = before {
            onto(before, value, &field.kind);
        }
        self.kind(value, &field.kind, field.go_type, Some(place))
    }

    /// Any value; false when nothing is set.
    fn kind(
        &mut self,
        value: &mut Value,
        kind: &'static Kind,
        go_type: &str,
        place: Option<&Place<'_>>,
    ) -> Result<bool, DecodeError> {
        match (kind, &mut *value) {
            (Kind::Raw, value) => return Ok(!value.is_null()),
            (Kind::Quantity, value) => *value = quantity(value)?,
            (Kind::IntOrString, value) => self.int_or_string(value, place)?,
            (Kind::Time, value @ (Value::Null | Value::String(_))) => {
                *value = time::canonical(value).map_err(DecodeError)?;
            }
            // It was taken for an empty text, which is no time either.
            (Kind::Time, value) if self.api < Api::v1(11) => {
                *value = time::canonical(&"".into()).map_err(DecodeError)?;
            }
            // The type reads itself, so that decoding ends here.
            (Kind::Time, value) => return Err(self.ends(value, "string", place)),
            (_, Value::Null) => return Ok(false),
            (Kind::Struct(ty), value) => return self.structure(value, ty, go_type, place),
            (Kind::Str, Value::String(_)) | (Kind::Bool, Value::Bool(_)) => {}
            (Kind::Int32, Value::Number(n)) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
            (Kind::Int64, Value::Number(n)) if n.as_i64().is_some() => {}
            (Kind::Int32 | Kind::Int64, Value::Number(n)) if n.to_string() == "-0" => *value = 0i64.into(),
            (Kind::List(item), Value::Array(items)) => {
                // Lists with a name of their own don't tell that of their items.
                let inner = match (go_type.strip_prefix("[]"), item) {
                    (None, Kind::Struct(ty)) => ty.name,
                    (None, Kind::Str) => "string",
                    (inner, _) => inner.unwrap_or(go_type),
                };
                for value in items {
                    if !self.kind(value, item, inner, place)? {
                        *value = zero_of(item, self.api);
                    }
                }
            }
            (Kind::Map(item), Value::Object(members)) => {
                let inner = match item {
                    Kind::Str => "string",
                    _ => go_type.strip_prefix("map[string]").unwrap_or(go_type),
                };
                let mut all = std::mem::take(members).into_members();
                for (_, value) in &mut all {
                    if !self.kind(value, item, inner, place)? {
                        *value = zero_of(item, self.api);
                    }
                }
                if !all.is_sorted_by(|a, b| a.0 < b.0) {
                    // Go prints maps in the order of their keys; the last of a name counts.
                    all.reverse();
                    all.sort_by(|a, b| a.0.cmp(&b.0));
                    all.dedup_by(|later, kept| later.0 == kept.0);
                }
                *members = Object::from_members(all);
            }
            (_, value) => {
                self.mismatch(value, go_type, place);
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Go decodes the second of two members into what the first left, also the items of lists: puts in front of `after` what
/// is to show through.
fn onto(before: Value, after: &mut Value, kind: &'static Kind) {
    match (kind, before, after) {
        (Kind::Struct(_) | Kind::Map(_), Value::Object(mut before), Value::Object(after)) => {
            for (key, value) in std::mem::take(after) {
                before.push(key, value);
            }
            *after = before;
        }
        (Kind::List(item), Value::Array(before), Value::Array(after)) => {
            for (before, after) in before.into_iter().zip(after) {
                match item {
                    Kind::Struct(_) | Kind::Str | Kind::Bool | Kind::Int32 | Kind::Int64 if after.is_null() => {
                        *after = before
                    }
                    _ => onto(before, after, item),
                }
            }
        }
        _ => {}
    }
}

/// The field that a member sets.
pub fn field(ty: &'static Type, key: &str) -> Option<&'static Field> {
    position(ty, key, false).map(|i| &ty.fields[i])
}

/// The position of the field that a member sets: the one of its name, else, unless names are to be exact, one that is
/// equal when case is folded.
fn position(ty: &Type, key: &str, exact: bool) -> Option<usize> {
    ty.position(key).or_else(|| ty.fields.iter().position(|f| !exact && same_name(key, f.json)))
}

/// True for names that are equal when case is folded; two letters beyond ASCII fold into it.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    let folded = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    a.chars().map(folded).eq(b.chars().map(folded))
}

/// The positions of the set bits, upwards.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let next = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(next)
    })
}

/// The type's name without its package.
fn short(name: &'static str) -> &'static str {
    name.rsplit('.').next().unwrap_or(name)
}

fn quantity(value: &Value) -> Result<Value, DecodeError> {
    let text = match value {
        Value::Null => return Ok("0".into()),
        // Go trims the text as JSON has it, in which line breaks and tabs are escapes.
        Value::String(text) => Cow::Borrowed(text.trim_matches(|c: char| c.is_whitespace() && c >= ' ')),
        other => Cow::Owned(other.to_string()),
    };
    match Quantity::parse(&text) {
        Ok(quantity) => Ok(quantity.to_string().into()),
        Err(error) => Err(DecodeError(error.to_string())),
    }
}

/// True for a set value that `omitempty` leaves out.
fn hidden(field: &'static Field, value: &Value, api: Api) -> bool {
    match (value, &field.kind) {
        _ if field.pointer || !api.omits(field) => false,
        (Value::String(s), Kind::Str) => s.is_empty(),
        (Value::Bool(b), _) => !b,
        (Value::Number(n), Kind::Int32 | Kind::Int64) => n.as_i64() == Some(0),
        (Value::Array(items), _) => items.is_empty(),
        (Value::Object(members), Kind::Map(_)) => members.is_empty(),
        (Value::Null, Kind::Time) => field.omit_zero && api.omits_zero(),
        _ => false,
    }
}

/// What is printed for a field of [`Type::always`] that is not set.
fn unset(field: &'static Field, api: Api) -> Value {
    match field.pointer {
        true => Value::Null,
        false => zero_of(&field.kind, api),
    }
}

/// The zero struct as it prints.
pub fn zero(ty: &'static Type, api: Api) -> Value {
    let member = |i: usize| (Str::const_new(ty.fields[i].json), unset(&ty.fields[i], api));
    Value::Object(Object::from_members(bits(ty.always(api)).map(member).collect()))
}

fn zero_of(kind: &'static Kind, api: Api) -> Value {
    match kind {
        Kind::Str => "".into(),
        Kind::Bool => false.into(),
        Kind::Int32 | Kind::Int64 | Kind::IntOrString => Value::Number(Number::from(0i64)),
        Kind::Quantity => "0".into(),
        Kind::Struct(ty) => zero(ty, api),
        Kind::Time | Kind::Raw | Kind::List(_) | Kind::Map(_) => Value::Null,
    }
}
