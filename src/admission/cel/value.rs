//! Values at run time.
//!
//! Source: cel-go 0.26, common types; what differs there by Go type is kept where an expression can see it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::library::kubernetes::Opaque;
use super::types::{OPTIONAL, Type};
use crate::go::json::{Object, Value};
use crate::go::strconv::format_float;
use crate::go::time::Time;

/// A value; what comes from objects is borrowed from them.
#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    /// In nanoseconds.
    Duration(i64),
    Timestamp(Time),
    /// A list of an object.
    JsonList(&'a [Value]),
    List(Arc<Vec<Val<'a>>>),
    /// A map of an object.
    JsonMap(&'a Object),
    Map(Arc<Vec<(Val<'a>, Val<'a>)>>),
    Type(Type),
    Optional(Option<Arc<Val<'a>>>),
    Opaque(Arc<Opaque>),
}

/// Why an evaluation has no value.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// An error, which logical operators can pass over.
    Error(Cow<'static, str>),
    /// No signature goes with the types of the arguments.
    NoOverload,
    /// The cost limit is reached: everything ends.
    Cancelled,
}

pub(super) type Outcome<'a> = Result<Val<'a>, Failure>;

impl Failure {
    pub(super) fn new(text: impl Into<Cow<'static, str>>) -> Failure {
        Failure::Error(text.into())
    }

    /// The usual text for arguments of other types than any declaration has.
    pub(super) fn overload() -> Failure {
        Failure::NoOverload
    }

    /// The text of an error; the end of everything has one of its own.
    pub(super) fn into_text(self) -> String {
        match self {
            Failure::Error(text) => text.into_owned(),
            Failure::NoOverload => "no such overload".into(),
            Failure::Cancelled => "operation cancelled: actual cost limit exceeded".into(),
        }
    }
}

impl<'a> Val<'a> {
    pub(super) fn of(json: &'a Value) -> Val<'a> {
        match json {
            Value::Null => Val::Null,
            Value::Bool(b) => Val::Bool(*b),
            Value::Number(n) => n.as_i64().map_or_else(|| Val::Double(n.as_f64()), Val::Int),
            Value::String(s) => Val::String(Cow::Borrowed(s)),
            Value::Array(items) => Val::JsonList(items),
            Value::Object(members) => Val::JsonMap(members),
        }
    }

    /// The same value, its texts borrowed.
    pub(super) fn borrowed(&'a self) -> Val<'a> {
        match self {
            Val::String(text) => Val::String(Cow::Borrowed(text)),
            Val::Bytes(bytes) => Val::Bytes(Cow::Borrowed(bytes)),
            other => other.clone(),
        }
    }

    /// The value with nothing borrowed, as far as conversions of constants need it.
    pub(super) fn into_static(self) -> Option<Val<'static>> {
        Some(match self {
            Val::Null => Val::Null,
            Val::Bool(b) => Val::Bool(b),
            Val::Int(n) => Val::Int(n),
            Val::Uint(n) => Val::Uint(n),
            Val::Double(n) => Val::Double(n),
            Val::String(text) => Val::String(Cow::Owned(text.into_owned())),
            Val::Bytes(bytes) => Val::Bytes(Cow::Owned(bytes.into_owned())),
            Val::Duration(n) => Val::Duration(n),
            Val::Timestamp(time) => Val::Timestamp(time),
            Val::Type(ty) => Val::Type(ty),
            _ => return None,
        })
    }

    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Val<'a> {
        Val::String(text.into())
    }

    pub(super) fn list(items: Vec<Val<'a>>) -> Val<'a> {
        Val::List(Arc::new(items))
    }

    pub(super) fn some(value: Val<'a>) -> Val<'a> {
        Val::Optional(Some(Arc::new(value)))
    }

    pub(super) fn opaque(opaque: Opaque) -> Val<'a> {
        Val::Opaque(Arc::new(opaque))
    }

    /// Its type, without parameters that only a check would know.
    pub(super) fn ty(&self) -> Type {
        match self {
            Val::Null => Type::Null,
            Val::Bool(_) => Type::Bool,
            Val::Int(_) => Type::Int,
            Val::Uint(_) => Type::Uint,
            Val::Double(_) => Type::Double,
            Val::String(_) => Type::String,
            Val::Bytes(_) => Type::Bytes,
            Val::Duration(_) => Type::Duration,
            Val::Timestamp(_) => Type::Timestamp,
            Val::JsonList(_) | Val::List(_) => Type::list(Type::Dyn),
            Val::JsonMap(_) | Val::Map(_) => Type::map(Type::Dyn, Type::Dyn),
            Val::Type(_) => Type::Meta(None),
            Val::Optional(_) => Type::Opaque(OPTIONAL, Vec::new()),
            Val::Opaque(opaque) => Type::Opaque(opaque.type_name(), Vec::new()),
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Val::String(s) => Some(s),
            _ => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Option<Vec<Val<'a>>> {
        match self {
            Val::JsonList(items) => Some(items.iter().map(Val::of).collect()),
            Val::List(items) => Some(items.to_vec()),
            _ => None,
        }
    }

    /// The members of a map.
    pub(super) fn members(&self) -> Option<Vec<(Val<'a>, Val<'a>)>> {
        match self {
            Val::JsonMap(members) => Some(members.iter().map(|(k, v)| (Val::text(k.as_str()), Val::of(v))).collect()),
            Val::Map(members) => Some(members.to_vec()),
            _ => None,
        }
    }

    /// How many characters, bytes, items or members it has.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Val::String(s) => Some(s.chars().count()),
            Val::Bytes(b) => Some(b.len()),
            Val::JsonList(items) => Some(items.len()),
            Val::List(items) => Some(items.len()),
            Val::JsonMap(members) => Some(members.len()),
            Val::Map(members) => Some(members.len()),
            _ => None,
        }
    }

    /// The size that costs go by.
    pub(super) fn cost_size(&self) -> u64 {
        match self {
            Val::Optional(Some(inner)) => inner.cost_size(),
            Val::Opaque(opaque) => opaque.cost_size(),
            other => other.size().map_or(1, |n| n as u64),
        }
    }

    /// The item at a place in a list.
    pub(super) fn item(&self, index: usize) -> Option<Val<'a>> {
        match self {
            Val::JsonList(items) => items.get(index).map(Val::of),
            Val::List(items) => items.get(index).cloned(),
            _ => None,
        }
    }

    /// The member of a map with a key; numbers of other types count as the same key.
    pub(super) fn member(&self, key: &Val<'_>) -> Option<Val<'a>> {
        match self {
            Val::JsonMap(members) => members.get(key.as_str()?).map(Val::of),
            Val::Map(members) => {
                members.iter().find(|(k, _)| k.equals(key).unwrap_or(false)).map(|(_, value)| value.clone())
            }
            _ => None,
        }
    }

    /// `==`, which is false for other types.
    pub(super) fn equals(&self, other: &Val<'_>) -> Result<bool, Failure> {
        Ok(match (self, other) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::String(a), Val::String(b)) => a == b,
            (Val::Bytes(a), Val::Bytes(b)) => a == b,
            (Val::Duration(a), Val::Duration(b)) => a == b,
            (Val::Timestamp(a), Val::Timestamp(b)) => instant(a) == instant(b),
            (Val::Type(a), Val::Type(b)) => a.name() == b.name(),
            (Val::Optional(a), Val::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => a.equals(b)?,
                (None, None) => true,
                _ => false,
            },
            (Val::Opaque(a), Val::Opaque(b)) => return a.equals(b).ok_or_else(Failure::overload),
            (Val::Opaque(_), _) => return Err(Failure::overload()),
            _ => {
                if let Some(order) = numbers(self, other) {
                    return Ok(order == Some(Ordering::Equal));
                }
                match (self.size(), other.size()) {
                    (Some(a), Some(b)) if a == b => self.same_contents(other, a)?,
                    _ => false,
                }
            }
        })
    }

    fn same_contents(&self, other: &Val<'_>, size: usize) -> Result<bool, Failure> {
        if let (Val::JsonMap(_) | Val::Map(_), Val::JsonMap(_) | Val::Map(_)) = (self, other) {
            for (key, value) in self.members().unwrap_or_default() {
                match other.member(&key) {
                    Some(found) if value.equals(&found)? => {}
                    _ => return Ok(false),
                }
            }
            return Ok(true);
        }
        if !matches!((self, other), (Val::JsonList(_) | Val::List(_), Val::JsonList(_) | Val::List(_))) {
            return Ok(false);
        }
        for i in 0..size {
            match (self.item(i), other.item(i)) {
                (Some(a), Some(b)) if a.equals(&b)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The order of two values, where they have one.
    pub(super) fn compare(&self, other: &Val<'_>) -> Result<Ordering, Failure> {
        match (self, other) {
            (Val::Bool(a), Val::Bool(b)) => Ok(a.cmp(b)),
            (Val::String(a), Val::String(b)) => Ok(a.as_bytes().cmp(b.as_bytes())),
            (Val::Bytes(a), Val::Bytes(b)) => Ok(a.cmp(b)),
            (Val::Duration(a), Val::Duration(b)) => Ok(a.cmp(b)),
            (Val::Timestamp(a), Val::Timestamp(b)) => Ok(instant(a).cmp(&instant(b))),
            _ => match numbers(self, other) {
                Some(Some(order)) => Ok(order),
                Some(None) => Err(Failure::new("NaN values cannot be ordered")),
                None => Err(Failure::overload()),
            },
        }
    }

    /// As Go's `%v` shows it in error texts.
    pub(super) fn shown(&self) -> String {
        match self {
            Val::Null => "null".into(),
            Val::Bool(b) => b.to_string(),
            Val::Int(n) => n.to_string(),
            Val::Uint(n) => n.to_string(),
            Val::Double(n) => format_float(*n, 'g', 64),
            Val::String(s) => s.to_string(),
            Val::Bytes(b) => format!("{b:?}").replace(',', ""),
            Val::Type(ty) => ty.name().into(),
            other => other.ty().name().into(),
        }
    }

    /// True for what is zero of its type.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Val::Null => true,
            Val::Bool(b) => !b,
            Val::Int(n) => *n == 0,
            Val::Uint(n) => *n == 0,
            Val::Double(n) => *n == 0.0,
            Val::Duration(n) => *n == 0,
            Val::Optional(inner) => inner.as_ref().is_none_or(|v| v.is_zero()),
            other => other.size() == Some(0),
        }
    }
}

/// A time as seconds and nanoseconds, which order and equality go by.
fn instant(time: &Time) -> (i64, u32) {
    (time.seconds(), time.nanoseconds())
}

/// The order of two numbers of any types; the inner `None` with NaN, the outer where one is no number.
#[expect(clippy::option_option, reason = "no number and no order are two different answers")]
fn numbers(a: &Val<'_>, b: &Val<'_>) -> Option<Option<Ordering>> {
    let double_int = |d: f64, i: i64| match d {
        // As large as no i64 is.
        d if d < i64::MIN as f64 => Some(Ordering::Less),
        d if d > i64::MAX as f64 => Some(Ordering::Greater),
        d => d.partial_cmp(&(i as f64)),
    };
    let double_uint = |d: f64, u: u64| match d {
        d if d < 0.0 => Some(Ordering::Less),
        d if d > u64::MAX as f64 => Some(Ordering::Greater),
        d => d.partial_cmp(&(u as f64)),
    };
    let int_uint = |i: i64, u: u64| u64::try_from(i).map_or(Ordering::Less, |i| i.cmp(&u));
    Some(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Uint(a), Val::Uint(b)) => Some(a.cmp(b)),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Double(d), Val::Int(i)) => double_int(*d, *i),
        (Val::Int(i), Val::Double(d)) => double_int(*d, *i).map(Ordering::reverse),
        (Val::Double(d), Val::Uint(u)) => double_uint(*d, *u),
        (Val::Uint(u), Val::Double(d)) => double_uint(*d, *u).map(Ordering::reverse),
        (Val::Int(i), Val::Uint(u)) => Some(int_uint(*i, *u)),
        (Val::Uint(u), Val::Int(i)) => Some(int_uint(*i, *u).reverse()),
        _ => return None,
    })
}
