//! Messages as templates see them: Go structs behind pointers, with getters that work on nil.

use std::rc::Rc;

use super::dialect::Dialect;
use super::schema::{Enum, Field, Kind, Message, Repeat, WellKnown};
use super::{go_json, text};
use crate::go::duration;
use crate::go::json;
use crate::go::template::{Int, Object, Uint, Value};

/// A pointer to a message; nil without a value.
pub(super) fn message<'d>(
    dialect: &'static Dialect,
    message: &'static Message,
    value: Option<&'d json::Value>,
) -> Value<'d> {
    Value::Object(Rc::new(View { dialect, message, value }))
}

struct View<'d> {
    dialect: &'static Dialect,
    message: &'static Message,
    value: Option<&'d json::Value>,
}

impl<'d> View<'d> {
    fn get(&self, field: &'static Field) -> Value<'d> {
        let value = match self.message.well_known() {
            Some(WellKnown::Duration) => return self.duration(field),
            Some(WellKnown::Wrapper) => self.value,
            _ => self.value.and_then(|v| v.get(field.json)),
        };
        match field.repeat {
            Repeat::One => single(self.dialect, &field.kind, value),
            Repeat::List => {
                let items = value.map_or(&[][..], |v| v.items());
                Value::typed_list(
                    go_type(&field.kind),
                    items.iter().map(|v| single(self.dialect, &field.kind, Some(v))).collect(),
                )
            }
            Repeat::Map => match (&field.kind, value) {
                (Kind::String, value) => Value::string_map(value.unwrap_or(&json::Value::Null)),
                (kind, value) => {
                    let members = value.and_then(json::Value::as_object).into_iter().flat_map(json::Object::iter);
                    let members = members
                        .map(|(k, v)| (crate::go::template::Key::Str(k.clone()), single(self.dialect, kind, Some(v))));
                    Value::typed_map(go_type(kind), members.collect())
                }
            },
        }
    }

    fn nanos(&self) -> i64 {
        self.value.and_then(json::Value::as_str).and_then(|text| duration::parse(text).ok()).unwrap_or(0)
    }

    fn duration(&self, field: &Field) -> Value<'d> {
        match field.json {
            "seconds" => Value::Int(self.nanos() / 1_000_000_000, Int::Int64),
            _ => Value::Int(self.nanos() % 1_000_000_000, Int::Int32),
        }
    }
}

fn go_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Double => "float64",
        Kind::String => "string",
        Kind::Enum(ty) => ty.go,
        Kind::Message(message) => message.pointer,
    }
}

fn single<'d>(dialect: &'static Dialect, kind: &'static Kind, value: Option<&'d json::Value>) -> Value<'d> {
    let integer = || {
        let quoted = || value.and_then(json::Value::as_str)?.parse().ok();
        value.and_then(json::Value::as_i64).or_else(quoted).unwrap_or(0)
    };
    match kind {
        Kind::Bool => Value::Bool(value.and_then(json::Value::as_bool).unwrap_or(false)),
        Kind::Int32 => Value::Int(integer(), Int::Int32),
        Kind::Int64 => Value::Int(integer(), Int::Int64),
        Kind::Uint32 => Value::Uint(integer().unsigned_abs(), Uint::Uint32),
        Kind::Double => {
            let number = match value {
                Some(json::Value::Number(n)) => n.as_f64(),
                Some(json::Value::String(s)) => s.parse().unwrap_or(f64::NAN),
                _ => 0.0,
            };
            Value::Float(number, false)
        }
        Kind::String => Value::borrowed(value.and_then(json::Value::as_str).unwrap_or_default()),
        Kind::Enum(ty) => {
            let number = match value {
                Some(json::Value::String(name)) => ty.number(name).unwrap_or(0),
                other => other.and_then(json::Value::as_i64).unwrap_or(0),
            };
            Value::Object(Rc::new(EnumView { ty, number }))
        }
        Kind::Message(inner) => message(dialect, inner, value),
    }
}

impl<'d> Object<'d> for View<'d> {
    fn type_name(&self) -> &str {
        text::type_name(self.dialect, self.message)
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let field = self.message.field(name).filter(|f| self.dialect.knows(f) && !self.dialect.is_oneof(f))?;
        Some(self.get(field))
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        if !args.is_empty() {
            return None;
        }
        if self.message.well_known() == Some(WellKnown::Duration) && name == "AsDuration" {
            return Some(Ok(Value::Int(self.nanos(), Int::Duration)));
        }
        if name == "String" {
            return self.value.and_then(|_| self.text()).map(|text| Ok(Value::string(text)));
        }
        let field = self.message.field(name.strip_prefix("Get")?).filter(|f| self.dialect.knows(f))?;
        Some(Ok(self.get(field)))
    }

    fn is_nil(&self) -> bool {
        self.value.is_none()
    }

    fn text(&self) -> Option<String> {
        text::message(self.dialect, self.message, self.value?)
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        let plain = |f: &&'static Field| self.dialect.knows(f) && !self.dialect.is_oneof(f);
        self.message.fields.iter().filter(plain).map(|f| (f.go, self.get(f))).collect()
    }

    fn to_json(&self) -> json::Value {
        match self.value {
            Some(value) if !self.dialect.prints_messages => go_json::message(self.dialect, self.message, value),
            value => value.cloned().unwrap_or_default(),
        }
    }

    fn proto_json(&self) -> Option<json::Value> {
        self.value.cloned()
    }
}

struct EnumView {
    ty: &'static Enum,
    number: i64,
}

impl<'d> Object<'d> for EnumView {
    fn type_name(&self) -> &str {
        self.ty.go
    }

    fn field(&self, _: &str) -> Option<Value<'d>> {
        None
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        match (name, args) {
            ("String", []) => Some(Ok(Value::string(self.text()?))),
            ("Number", []) => Some(Ok(Value::Int(self.number, Int::Int32))),
            _ => None,
        }
    }

    fn number(&self) -> Option<i64> {
        Some(self.number)
    }

    fn text(&self) -> Option<String> {
        Some(self.ty.value_name(self.number).map_or_else(|| self.number.to_string(), str::to_owned))
    }

    fn to_json(&self) -> json::Value {
        self.number.into()
    }
}
