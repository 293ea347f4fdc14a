//! What templates compute with: Go values, as far as Go's reflection lets a template see them.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::go::{base64, bytes, json, strconv};

/// A Go value during one rendering. `'d` is the life of the data that was handed in and may be borrowed.
#[derive(Clone)]
pub enum Value<'d> {
    /// No value at all: what a missing map key gives.
    Missing,
    /// `nil` of type `any`.
    Nil,
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    Int(i64, Int),
    /// An unsigned integer.
    Uint(u64, Uint),
    /// A float; `true` for `float32`.
    Float(f64, bool),
    /// A `complex128`: real and imaginary part.
    Complex(f64, f64),
    /// A string.
    Str(Text<'d>),
    /// A slice or an array.
    List(List<'d>),
    /// A map.
    Map(Map<'d>),
    /// A struct, a pointer, an enum: anything with fields or methods.
    Object(Rc<dyn Object<'d> + 'd>),
}

/// The signed integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Int {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    /// `time.Duration`, which prints itself.
    Duration,
}

/// The unsigned integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Uint {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

/// A string, borrowed from the data or shared.
#[derive(Clone)]
pub enum Text<'d> {
    /// From the data.
    Borrowed(&'d str),
    /// Made while rendering.
    Shared(Rc<str>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(s) => s,
            Text::Shared(s) => s,
        }
    }
}

/// A slice with its Go type.
#[derive(Clone)]
pub struct List<'d> {
    /// The element type as Go names it: `interface {}`, `string`, `v1.Container`.
    pub element: &'static str,
    /// `Some(n)` for an array of fixed length.
    pub array: Option<usize>,
    /// The items.
    pub items: Items<'d>,
}

/// The items of a list.
#[derive(Clone)]
pub enum Items<'d> {
    /// A nil slice.
    Nil,
    /// Items of JSON data, seen as Go's `any`.
    Json(&'d [json::Value]),
    /// Items made for or during the rendering.
    Shared(Rc<Vec<Value<'d>>>),
}

/// A map with its Go type.
#[derive(Clone)]
pub struct Map<'d> {
    /// The element type as Go names it: `interface {}`, `string`.
    pub element: &'static str,
    /// The key type: `string` or `int`.
    pub key: &'static str,
    /// The members.
    pub members: Members<'d>,
}

/// The members of a map.
#[derive(Clone)]
pub enum Members<'d> {
    /// A nil map.
    Nil,
    /// Members of JSON data: strings where the element type says so, else seen as Go's `any`.
    Json(&'d json::Object),
    /// Members made for or during the rendering; functions such as sprig's `set` change them in place.
    Shared(Rc<RefCell<BTreeMap<Key, Value<'d>>>>),
}

/// A map key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Of an integer type.
    Int(i64),
    /// Of a string type.
    Str(json::Str),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Int(n) => n.fmt(f),
            Key::Str(s) => f.write_str(s),
        }
    }
}

/// A Go struct, pointer or named type that templates may look into.
///
/// Fields and methods are found by their Go names. The default answers are those of an opaque value.
pub trait Object<'d> {
    /// The Go type, a pointer's with `*`: `v1.Container`, `*inject.SidecarTemplateData`.
    fn type_name(&self) -> &str;

    /// Reads a field; `None` when the type has none of that name.
    fn field(&self, name: &str) -> Option<Value<'d>>;

    /// Calls a method; `None` when the type has none of that name. Methods work on nil pointers too.
    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        let _ = (name, args);
        None
    }

    /// The parameter types of a method as [`Functions::add`](super::Functions::add) takes them; `None` when the type has
    /// no method of that name. The default knows the methods without parameters, by calling them.
    fn parameters(&self, name: &str) -> Option<&'static str> {
        self.call(name, &[]).map(|_| "")
    }

    /// True for a nil pointer.
    fn is_nil(&self) -> bool {
        false
    }

    /// The number of an integer-like named type (an enum).
    fn number(&self) -> Option<i64> {
        None
    }

    /// What the type's `String` method prints, if it has one.
    fn text(&self) -> Option<String> {
        None
    }

    /// What the type's `GoString` method prints for `%#v`, if it has one.
    fn go_syntax(&self) -> Option<String> {
        None
    }

    /// All fields in order, for printing.
    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        Vec::new()
    }

    /// What a pointer points to, where that is not a struct with fields of its own.
    fn pointee(&self) -> Option<Value<'d>> {
        None
    }

    /// What protobuf's JSON printer makes of a message; `None` for anything else and for nil.
    fn proto_json(&self) -> Option<json::Value> {
        None
    }

    /// What `json.Marshal` makes of it.
    fn to_json(&self) -> json::Value {
        json::Value::Null
    }

    /// For functions that need the Rust type behind the value.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

impl<'d> Value<'d> {
    /// A string of this rendering's own.
    pub fn string(text: impl AsRef<str>) -> Value<'d> {
        Value::Str(Text::Shared(Rc::from(text.as_ref())))
    }

    /// A string of the data.
    pub fn borrowed(text: &'d str) -> Value<'d> {
        Value::Str(Text::Borrowed(text))
    }

    /// An `int`.
    pub fn int(n: i64) -> Value<'d> {
        Value::Int(n, Int::Int)
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value<'d>>) -> Value<'d> {
        Value::typed_list("interface {}", items)
    }

    /// A slice of another element type.
    pub fn typed_list(element: &'static str, items: Vec<Value<'d>>) -> Value<'d> {
        Value::List(List { element, array: None, items: Items::Shared(Rc::new(items)) })
    }

    /// A `map[string]interface {}`.
    pub fn map(members: BTreeMap<Key, Value<'d>>) -> Value<'d> {
        Value::typed_map("interface {}", members)
    }

    /// A map with string keys and another element type.
    pub fn typed_map(element: &'static str, members: BTreeMap<Key, Value<'d>>) -> Value<'d> {
        Value::Map(Map { element, key: "string", members: Members::Shared(Rc::new(RefCell::new(members))) })
    }

    /// A `map[string]string` of the data; null is a nil map.
    pub fn string_map(members: &'d json::Value) -> Value<'d> {
        let members = match members {
            json::Value::Object(members) => Members::Json(members),
            _ => Members::Nil,
        };
        Value::Map(Map { element: "string", key: "string", members })
    }

    /// A `map[string]interface {}` of JSON data; null is a nil map.
    pub fn json_map(value: &'d json::Value) -> Value<'d> {
        match value {
            json::Value::Null => Value::Map(Map { element: "interface {}", key: "string", members: Members::Nil }),
            value => Value::json(value),
        }
    }

    /// JSON data as Go's `any` decodes it: numbers are `float64`.
    pub fn json(value: &'d json::Value) -> Value<'d> {
        match value {
            json::Value::Null => Value::Nil,
            json::Value::Bool(b) => Value::Bool(*b),
            json::Value::Number(n) => Value::Float(n.as_f64(), false),
            json::Value::String(s) => Value::borrowed(s),
            json::Value::Array(items) => {
                Value::List(List { element: "interface {}", array: None, items: Items::Json(items) })
            }
            json::Value::Object(members) => {
                Value::Map(Map { element: "interface {}", key: "string", members: Members::Json(members) })
            }
        }
    }

    /// JSON data that does not outlive this call, copied.
    pub fn owned_json(value: &json::Value) -> Value<'d> {
        match value {
            json::Value::Null => Value::Nil,
            json::Value::Bool(b) => Value::Bool(*b),
            json::Value::Number(n) => Value::Float(n.as_f64(), false),
            json::Value::String(s) => Value::string(s.as_str()),
            json::Value::Array(items) => Value::list(items.iter().map(Value::owned_json).collect()),
            json::Value::Object(members) => {
                Value::map(members.iter().map(|(k, v)| (Key::Str(k.clone()), Value::owned_json(v))).collect())
            }
        }
    }

    /// What `json.Marshal` makes of the value; map members sorted.
    pub fn to_json(&self) -> json::Value {
        match self {
            Value::Missing | Value::Nil => json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Int(n, _) => (*n).into(),
            Value::Uint(n, _) => (*n).into(),
            Value::Float(n, is32) => {
                let text = if *is32 { format!("{}", *n as f32) } else { json::format_float(*n) };
                json::Number::parse(&text).map_or(json::Value::Null, json::Value::Number)
            }
            // Go cannot marshal it.
            Value::Complex(..) => json::Value::Null,
            Value::Str(s) if bytes::has_raw(s) => bytes::text(&bytes::of(s)).into(),
            Value::Str(s) => (**s).into(),
            Value::List(list) if matches!(list.items, Items::Nil) => json::Value::Null,
            Value::List(list) if list.element == "uint8" && list.array.is_none() => {
                let bytes: Vec<u8> =
                    list.iter().map(|item| if let Value::Uint(n, _) = item { n as u8 } else { 0 }).collect();
                base64::encode(&bytes).into()
            }
            Value::List(list) => json::Value::Array(list.iter().map(|v| v.to_json()).collect()),
            Value::Map(map) if map.is_nil() => json::Value::Null,
            Value::Map(map) => {
                let mut object = json::Object::new();
                map.for_each(|k, v| object.push(k.to_string(), v.to_json()));
                json::Value::Object(object)
            }
            Value::Object(object) => object.to_json(),
        }
    }

    /// Go's error of `json.Marshal`, where there is something without a JSON form inside.
    pub fn unsupported_by_json(&self) -> Option<String> {
        match self {
            Value::Complex(..) => Some("json: unsupported type: complex128".into()),
            Value::Float(n, _) if !n.is_finite() => {
                Some(format!("json: unsupported value: {}", strconv::format_float(*n, 'g', 64)))
            }
            Value::List(List { items: Items::Shared(items), .. }) => items.iter().find_map(Value::unsupported_by_json),
            Value::Map(Map { members: Members::Shared(members), .. }) => {
                members.borrow().values().find_map(Value::unsupported_by_json)
            }
            _ => None,
        }
    }

    /// Go's `reflect.DeepEqual`.
    pub fn deep_equal(&self, other: &Value<'d>) -> bool {
        let is_nothing = |value: &Value<'_>| matches!(value, Value::Missing | Value::Nil);
        if is_nothing(self) || is_nothing(other) {
            return is_nothing(self) && is_nothing(other);
        }
        if self.type_name() != other.type_name() {
            return false;
        }
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a, _), Value::Int(b, _)) => a == b,
            (Value::Uint(a, _), Value::Uint(b, _)) => a == b,
            (Value::Float(a, _), Value::Float(b, _)) => a == b,
            (Value::Complex(a, i), Value::Complex(b, j)) => a == b && i == j,
            (Value::Str(a), Value::Str(b)) => **a == **b,
            (Value::List(a), Value::List(b)) => {
                matches!(a.items, Items::Nil) == matches!(b.items, Items::Nil)
                    && a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|(a, b)| a.deep_equal(&b))
            }
            (Value::Map(a), Value::Map(b)) => {
                a.is_nil() == b.is_nil()
                    && a.len() == b.len()
                    && a.sorted().iter().zip(b.sorted().iter()).all(|(a, b)| a.0 == b.0 && a.1.deep_equal(&b.1))
            }
            (Value::Object(a), Value::Object(b)) if a.is_nil() || b.is_nil() => a.is_nil() && b.is_nil(),
            (Value::Object(a), Value::Object(b)) => match (a.pointee(), b.pointee()) {
                (Some(a), Some(b)) => a.deep_equal(&b),
                _ => a.number() == b.number() && a.text() == b.text() && a.to_json() == b.to_json(),
            },
            _ => false,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The Go type as `%T` prints it.
    pub fn type_name(&self) -> String {
        match self {
            Value::Missing | Value::Nil => "<nil>".into(),
            Value::Bool(_) => "bool".into(),
            Value::Int(_, kind) => kind.name().into(),
            Value::Uint(_, kind) => kind.name().into(),
            Value::Float(_, is32) => if *is32 { "float32" } else { "float64" }.into(),
            Value::Complex(..) => "complex128".into(),
            Value::Str(_) => "string".into(),
            Value::List(list) => match list.array {
                Some(n) => format!("[{n}]{}", list.element),
                None => format!("[]{}", list.element),
            },
            Value::Map(map) => format!("map[{}]{}", map.key, map.element),
            Value::Object(object) => object.type_name().to_owned(),
        }
    }

    /// True when `%T` prints this.
    pub(super) fn is_type(&self, name: &str) -> bool {
        let made_of = |before: &str, inside: &str, after: &str, element: &str| {
            let rest = name.strip_prefix(before).and_then(|rest| rest.strip_prefix(inside));
            rest.and_then(|rest| rest.strip_prefix(after)) == Some(element)
        };
        match self {
            Value::Str(_) => name == "string",
            Value::List(List { array: None, element, .. }) => made_of("[", "", "]", element),
            Value::Map(map) => made_of("map[", map.key, "]", map.element),
            Value::Object(object) => object.type_name() == name,
            other => other.type_name() == name,
        }
    }

    /// Go's kind: `bool`, `int`, …, `slice`, `map`, `struct`, `ptr`, `invalid`.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Missing | Value::Nil => "invalid",
            Value::Bool(_) => "bool",
            Value::Int(_, Int::Duration) => "int64",
            Value::Int(_, kind) => kind.name(),
            Value::Uint(_, kind) => kind.name(),
            Value::Float(_, true) => "float32",
            Value::Float(_, false) => "float64",
            Value::Complex(..) => "complex128",
            Value::Str(_) => "string",
            Value::List(list) if list.array.is_some() => "array",
            Value::List(_) => "slice",
            Value::Map(_) => "map",
            Value::Object(object) if object.type_name().starts_with('*') => "ptr",
            Value::Object(object) if object.number().is_some() => "int32",
            Value::Object(_) => "struct",
        }
    }

    /// Nothing is nil once it is in a list or map.
    fn something(self) -> Value<'d> {
        if matches!(self, Value::Missing) { Value::Nil } else { self }
    }

    /// True for nothing, and for a nil list, map or pointer.
    pub fn is_nil(&self) -> bool {
        match self {
            Value::Missing | Value::Nil => true,
            Value::List(list) => list.array.is_none() && matches!(list.items, Items::Nil),
            Value::Map(map) => map.is_nil(),
            Value::Object(object) => object.is_nil(),
            _ => false,
        }
    }

    /// What `if` makes of the value.
    pub fn truth(&self) -> bool {
        match self {
            Value::Missing | Value::Nil => false,
            Value::Bool(b) => *b,
            Value::Int(n, _) => *n != 0,
            Value::Uint(n, _) => *n != 0,
            Value::Float(n, _) => *n != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(s) => !s.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => match object.number() {
                Some(n) => n != 0,
                None => !object.is_nil(),
            },
        }
    }
}

impl<'d> From<&'d str> for Value<'d> {
    fn from(text: &'d str) -> Value<'d> {
        Value::borrowed(text)
    }
}

impl Int {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Int::Int => "int",
            Int::Int8 => "int8",
            Int::Int16 => "int16",
            Int::Int32 => "int32",
            Int::Int64 => "int64",
            Int::Duration => "time.Duration",
        }
    }
}

impl Uint {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Uint::Uint => "uint",
            Uint::Uint8 => "uint8",
            Uint::Uint16 => "uint16",
            Uint::Uint32 => "uint32",
            Uint::Uint64 => "uint64",
        }
    }
}

impl<'d> List<'d> {
    /// The number of items.
    pub fn len(&self) -> usize {
        match &self.items {
            Items::Nil => 0,
            Items::Json(items) => items.len(),
            Items::Shared(items) => items.len(),
        }
    }

    /// True when there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One item.
    pub fn get(&self, i: usize) -> Option<Value<'d>> {
        match &self.items {
            Items::Nil => None,
            Items::Json(items) => items.get(i).map(Value::json),
            Items::Shared(items) => items.get(i).cloned().map(Value::something),
        }
    }

    /// All items in order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'d>> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}

impl<'d> Map<'d> {
    /// True for a nil map.
    pub fn is_nil(&self) -> bool {
        matches!(self.members, Members::Nil)
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        match &self.members {
            Members::Nil => 0,
            Members::Json(members) => members.len(),
            Members::Shared(members) => members.borrow().len(),
        }
    }

    /// True when there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn element(&self, value: &'d json::Value) -> Value<'d> {
        match self.element {
            "string" => Value::borrowed(value.as_str().unwrap_or_default()),
            _ => Value::json(value),
        }
    }

    /// The member with a string key.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        match &self.members {
            Members::Nil => None,
            Members::Json(members) => members.get(key).map(|v| self.element(v)),
            Members::Shared(members) => members.borrow().get(&Key::Str(key.into())).cloned().map(Value::something),
        }
    }

    /// The member with any key.
    pub fn get_key(&self, key: &Key) -> Option<Value<'d>> {
        match (key, &self.members) {
            (Key::Str(key), _) => self.get(key),
            (Key::Int(_), Members::Shared(members)) => members.borrow().get(key).cloned(),
            (Key::Int(_), _) => None,
        }
    }

    /// The zero value of the element type, which a missing key gives.
    pub fn zero(&self) -> Value<'d> {
        match self.element {
            "string" => Value::borrowed(""),
            "int" => Value::int(0),
            "bool" => Value::Bool(false),
            _ => Value::Missing,
        }
    }

    /// All members, ordered by key.
    pub fn sorted(&self) -> Vec<(Key, Value<'d>)> {
        let mut all = Vec::with_capacity(self.len());
        self.for_each(|k, v| all.push((k.clone(), v)));
        all
    }

    /// All members, ordered by key, the keys as values.
    pub(super) fn keys_and_values(&self) -> Vec<(Value<'d>, Value<'d>)> {
        if let Members::Json(members) = &self.members {
            return members.sorted().into_iter().map(|(k, v)| (Value::borrowed(k), self.element(v))).collect();
        }
        let key = |key| match key {
            Key::Str(key) => Value::string(key),
            Key::Int(n) => Value::int(n),
        };
        self.sorted().into_iter().map(|(k, v)| (key(k), v)).collect()
    }

    /// Visits all members, ordered by key.
    pub fn for_each(&self, mut visit: impl FnMut(&Key, Value<'d>)) {
        match &self.members {
            Members::Nil => {}
            Members::Json(members) => {
                for (key, value) in members.sorted() {
                    visit(&Key::Str(key.clone()), self.element(value));
                }
            }
            Members::Shared(members) => {
                let members: Vec<_> = members.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                members.into_iter().for_each(|(k, v)| visit(&k, v));
            }
        }
    }
}

/// Orders two numbers of any integer types.
pub(super) fn compare_integers(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    let wide = |v: &Value<'_>| match v {
        Value::Int(n, _) => Some(i128::from(*n)),
        Value::Uint(n, _) => Some(i128::from(*n)),
        Value::Object(object) => object.number().map(i128::from),
        _ => None,
    };
    Some(wide(a)?.cmp(&wide(b)?))
}
