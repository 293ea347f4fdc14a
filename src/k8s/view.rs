//! Go structs of the API as templates see them: field names of Go over the JSON that they decode from.

use std::rc::Rc;

use crate::go::json;
use crate::go::template::{Int, Key, Object, Value};
use crate::go::time::Time;
use crate::k8s::quantity::Quantity;
use crate::k8s::schema::{Api, Field, Kind, Type};

/// A struct in the form of `k8s::decode`, as a template sees the value itself (no pointer).
pub fn structure<'d>(ty: &'static Type, value: &'d json::Value) -> Value<'d> {
    Value::Object(Rc::new(Struct { ty, value: Some(value), pointer: false, api: Api::LATEST }))
}

/// A pointer to a struct, as a program sees it that was built with other API types.
pub fn pointer<'d>(ty: &'static Type, value: &'d json::Value, api: Api) -> Value<'d> {
    Value::Object(Rc::new(Struct { ty, value: Some(value), pointer: true, api }))
}

/// A list of structs, as a template sees the slice.
pub fn structures<'d>(ty: &'static Type, items: &'d [json::Value]) -> Value<'d> {
    Value::typed_list(ty.name, items.iter().map(|item| structure(ty, item)).collect())
}

struct Struct<'d> {
    ty: &'static Type,
    value: Option<&'d json::Value>,
    pointer: bool,
    api: Api,
}

fn field<'d>(field: &'static Field, value: Option<&'d json::Value>, api: Api) -> Value<'d> {
    let value = value.filter(|v| !v.is_null());
    match (&field.kind, field.pointer) {
        (Kind::Struct(ty), pointer) => Value::Object(Rc::new(Struct { ty, value, pointer, api })),
        (kind, true) => Value::Object(Rc::new(Pointer { ty: format!("*{}", field.go_type), kind, value })),
        (kind, false) => plain(kind, field.go_type, value, api),
    }
}

fn plain<'d>(kind: &'static Kind, go_type: &'static str, value: Option<&'d json::Value>, api: Api) -> Value<'d> {
    let integer = || value.and_then(json::Value::as_i64).unwrap_or(0);
    match kind {
        Kind::Str => Value::borrowed(value.and_then(json::Value::as_str).unwrap_or_default()),
        Kind::Bool => Value::Bool(value.and_then(json::Value::as_bool).unwrap_or(false)),
        Kind::Int32 => Value::Int(integer(), Int::Int32),
        Kind::Int64 => Value::Int(integer(), Int::Int64),
        Kind::Struct(ty) => Value::Object(Rc::new(Struct { ty, value, pointer: false, api })),
        Kind::List(item) => {
            let element = go_type.strip_prefix("[]").unwrap_or(go_type);
            let items = value.map_or(&[][..], json::Value::items);
            Value::typed_list(element, items.iter().map(|v| plain(item, element, Some(v), api)).collect())
        }
        Kind::Map(Kind::Str) => Value::string_map(value.unwrap_or(&json::Value::Null)),
        Kind::Map(item) => {
            let members = value.and_then(json::Value::as_object).into_iter().flat_map(json::Object::iter);
            let element = match item {
                Kind::Quantity => "resource.Quantity",
                _ => "interface {}",
            };
            Value::typed_map(
                element,
                members.map(|(k, v)| (Key::Str(k.clone()), plain(item, element, Some(v), api))).collect(),
            )
        }
        Kind::Quantity | Kind::IntOrString | Kind::Time => Value::Object(Rc::new(Scalar { kind, value })),
        Kind::Raw => value.map_or(Value::Nil, Value::json),
    }
}

impl<'d> Object<'d> for Struct<'d> {
    fn type_name(&self) -> &str {
        self.api.go_name(if self.pointer { self.ty.pointer } else { self.ty.name })
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let found = self.ty.go_field(name).filter(|f| self.api.knows(f))?;
        Some(field(found, self.value.and_then(|v| v.get(found.json)), self.api))
    }

    fn is_nil(&self) -> bool {
        self.pointer && self.value.is_none()
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        let known = self.ty.fields.iter().filter(|f| self.api.knows(f));
        known.map(|f| (f.go, field(f, self.value.and_then(|v| v.get(f.json)), self.api))).collect()
    }

    fn to_json(&self) -> json::Value {
        match self.value {
            Some(value) => value.clone(),
            None if self.pointer => json::Value::Null,
            None => crate::k8s::decode::zero(self.ty, self.api),
        }
    }
}

/// A pointer to anything but a struct.
struct Pointer<'d> {
    ty: String,
    kind: &'static Kind,
    value: Option<&'d json::Value>,
}

impl<'d> Object<'d> for Pointer<'d> {
    fn type_name(&self) -> &str {
        &self.ty
    }

    fn field(&self, _: &str) -> Option<Value<'d>> {
        None
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        match self.pointee()? {
            Value::Object(inner) => inner.call(name, args),
            _ => None,
        }
    }

    fn is_nil(&self) -> bool {
        self.value.is_none()
    }

    fn text(&self) -> Option<String> {
        match self.pointee()? {
            Value::Object(inner) => inner.text(),
            _ => None,
        }
    }

    fn pointee(&self) -> Option<Value<'d>> {
        let go_type: &'static str = match self.kind {
            Kind::Str => "string",
            _ => "interface {}",
        };
        self.value.map(|value| plain(self.kind, go_type, Some(value), Api::LATEST))
    }

    fn to_json(&self) -> json::Value {
        self.value.cloned().unwrap_or_default()
    }
}

/// A type that prints itself: quantity, int-or-string, time.
struct Scalar<'d> {
    kind: &'static Kind,
    value: Option<&'d json::Value>,
}

impl<'d> Scalar<'d> {
    /// A time, which is the first one there is when nothing is set.
    fn time(&self) -> Time {
        let text = self.value.and_then(json::Value::as_str);
        text.and_then(|text| Time::parse("2006-01-02T15:04:05Z07:00", text).ok()).unwrap_or_else(Time::zero)
    }

    fn string(&self) -> String {
        if matches!(self.kind, Kind::Time) {
            return self.time().format("2006-01-02 15:04:05.999999999 -0700 MST");
        }
        match self.value {
            Some(json::Value::String(text)) => text.to_string(),
            Some(json::Value::Number(n)) => n.to_string(),
            _ => "0".into(),
        }
    }
}

impl<'d> Object<'d> for Scalar<'d> {
    fn type_name(&self) -> &str {
        match self.kind {
            Kind::Quantity => "resource.Quantity",
            Kind::IntOrString => "intstr.IntOrString",
            _ => "v1.Time",
        }
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let text = self.value.and_then(json::Value::as_str);
        match (self.kind, name) {
            (Kind::IntOrString, "Type") => Some(Value::Int(i64::from(text.is_some()), Int::Int64)),
            (Kind::IntOrString, "IntVal") => {
                Some(Value::Int(self.value.and_then(json::Value::as_i64).unwrap_or(0), Int::Int32))
            }
            (Kind::IntOrString, "StrVal") => Some(Value::borrowed(text.unwrap_or_default())),
            (Kind::Quantity, "Format") => Some(Value::borrowed("")),
            _ => None,
        }
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        if !args.is_empty() {
            return None;
        }
        let integer = || self.string().parse::<i64>().unwrap_or(0);
        match (self.kind, name) {
            (Kind::Time, "IsZero") => Some(Ok(Value::Bool(self.time() == Time::zero()))),
            (_, "String") => Some(Ok(Value::string(self.string()))),
            (Kind::IntOrString, "IntValue") => Some(Ok(Value::int(integer()))),
            (Kind::Quantity, "Value" | "MilliValue") => {
                let scale = if name == "Value" { 0 } else { -3 };
                let value = Quantity::parse(&self.string()).map_or(0, |q| q.scaled_value(scale));
                Some(Ok(Value::Int(value, Int::Int64)))
            }
            (Kind::Quantity, "IsZero") => {
                let zero = Quantity::parse(&self.string()).is_ok_and(|q| q.is_zero());
                Some(Ok(Value::Bool(zero)))
            }
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        Some(self.string())
    }

    fn to_json(&self) -> json::Value {
        self.value.cloned().unwrap_or_default()
    }
}
