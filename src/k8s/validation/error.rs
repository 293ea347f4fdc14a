use std::cell::RefCell;
use std::fmt;

use crate::go::json::{self, Object, Value};
use crate::go::strconv::quote;
use crate::k8s::schema::{Api, Kind, Type};

/// A step of a path.
#[derive(Clone, Copy)]
enum Step<'a> {
    Child(&'a str),
    Index(usize),
    Key(&'a str),
}

/// Where something stands in an object. Written out only for errors.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
}

impl<'a> Path<'a> {
    /// A member at the top.
    pub const fn root(name: &'a str) -> Path<'a> {
        Path { above: None, step: Step::Child(name) }
    }

    /// A member.
    pub fn child<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path { above: Some(self), step: Step::Child(name) }
    }

    /// An item of a list.
    pub fn index(&self, i: usize) -> Path<'_> {
        Path { above: Some(self), step: Step::Index(i) }
    }

    /// A value of a map.
    pub fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { above: Some(self), step: Step::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            write!(f, "{above}")?;
        }
        match self.step {
            Step::Child(name) if self.above.is_some() => write!(f, ".{name}"),
            Step::Child(name) => f.write_str(name),
            Step::Index(i) => write!(f, "[{i}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A name that nothing has.
    NotFound,
    /// A missing value.
    Required,
    /// A value that must be unique.
    Duplicate,
    /// A malformed value.
    Invalid,
    /// A value that is none of a list.
    NotSupported,
    /// A value that may not be set here.
    Forbidden,
    /// A value with too many bytes.
    TooLong,
    /// A list with too many items.
    TooMany,
}

impl ErrorKind {
    /// The reason in a Status, and the text.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            ErrorKind::NotFound => ("FieldValueNotFound", "Not found"),
            ErrorKind::Required => ("FieldValueRequired", "Required value"),
            ErrorKind::Duplicate => ("FieldValueDuplicate", "Duplicate value"),
            ErrorKind::Invalid => ("FieldValueInvalid", "Invalid value"),
            ErrorKind::NotSupported => ("FieldValueNotSupported", "Unsupported value"),
            ErrorKind::Forbidden => ("FieldValueForbidden", "Forbidden"),
            ErrorKind::TooLong => ("FieldValueTooLong", "Too long"),
            ErrorKind::TooMany => ("FieldValueTooMany", "Too many"),
        }
    }

    /// The reason that a Status gives.
    pub fn reason(self) -> &'static str {
        self.names().0
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The field.
    pub field: String,
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// The value as texts show it; `None` where they don't.
    pub value: Option<String>,
    /// What is wanted instead, or empty.
    pub detail: String,
}

impl Error {
    /// The text without the field.
    pub fn body(&self) -> String {
        let mut text = self.kind.names().1.to_owned();
        for part in self.value.iter().chain(Some(&self.detail).filter(|detail| !detail.is_empty())) {
            text.push_str(": ");
            text.push_str(part);
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

/// A value in an error text.
pub struct Shown(String);

impl From<&str> for Shown {
    fn from(text: &str) -> Shown {
        Shown(quote(text))
    }
}

impl From<&String> for Shown {
    fn from(text: &String) -> Shown {
        Shown(quote(text))
    }
}

impl From<i64> for Shown {
    fn from(n: i64) -> Shown {
        Shown(n.to_string())
    }
}

impl From<bool> for Shown {
    fn from(b: bool) -> Shown {
        Shown(b.to_string())
    }
}

/// As `encoding/json` writes it; strings are quoted as in Go source.
impl From<&Value> for Shown {
    fn from(value: &Value) -> Shown {
        match value {
            Value::String(text) => Shown(quote(text)),
            value => Shown(json::to_string(value)),
        }
    }
}

/// A text whose Go type is not plain `string`, or a pointer: such values are shown as JSON.
pub struct Typed<'a>(pub &'a str);

impl From<Typed<'_>> for Shown {
    fn from(text: Typed<'_>) -> Shown {
        Shown(json::to_string(&text.0.into()))
    }
}

/// A struct as the API server's internal types are written: members by their Go names, missing ones too.
pub fn internal(value: &Value, ty: &'static Type) -> Shown {
    Shown(json::to_string(&internal_struct(value, ty)))
}

fn internal_struct(value: &Value, ty: &'static Type) -> Value {
    let known = ty.fields.iter().filter(|field| Api::LATEST.knows(field));
    let members = known.map(|field| {
        let shown = match (value.get(field.json).filter(|value| !value.is_null()), &field.kind) {
            (Some(value), kind) => internal_value(value, kind),
            (None, Kind::Str) if !field.pointer => "".into(),
            (None, Kind::Bool) if !field.pointer => false.into(),
            (None, Kind::Int32 | Kind::Int64) if !field.pointer => 0i64.into(),
            (None, Kind::Struct(ty)) if !field.pointer => internal_struct(&Value::Null, ty),
            _ => Value::Null,
        };
        (field.go, shown)
    });
    Value::Object(members.collect())
}

fn internal_value(value: &Value, kind: &'static Kind) -> Value {
    match kind {
        Kind::Struct(ty) => internal_struct(value, ty),
        Kind::List(item) => Value::Array(value.items().iter().map(|value| internal_value(value, item)).collect()),
        Kind::Map(item) => {
            let members = value.as_object().into_iter().flat_map(Object::iter);
            Value::Object(members.map(|(key, value)| (key.clone(), internal_value(value, item))).collect())
        }
        _ => value.clone(),
    }
}

/// Errors as they are found. Shared by all checks of an object.
#[derive(Default)]
pub struct Errors(RefCell<Vec<Error>>);

impl Errors {
    fn add(&self, path: &Path<'_>, kind: ErrorKind, value: Option<Shown>, detail: impl Into<String>) {
        let value = value.map(|shown| shown.0);
        self.0.borrow_mut().push(Error { field: path.to_string(), kind, value, detail: detail.into() });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// All of them, in the order in which they were found.
    pub fn into_list(self) -> Vec<Error> {
        self.0.into_inner()
    }

    /// A missing value.
    pub fn required(&self, path: &Path<'_>, detail: &str) {
        self.add(path, ErrorKind::Required, None, detail);
    }

    /// A value that may not be set.
    pub fn forbidden(&self, path: &Path<'_>, detail: &str) {
        self.add(path, ErrorKind::Forbidden, None, detail);
    }

    /// A malformed value.
    pub fn invalid(&self, path: &Path<'_>, value: impl Into<Shown>, detail: impl Into<String>) {
        self.add(path, ErrorKind::Invalid, Some(value.into()), detail);
    }

    /// A malformed value, once for each complaint.
    pub fn each(&self, path: &Path<'_>, value: &str, complaints: Vec<String>) {
        for complaint in complaints {
            self.invalid(path, value, complaint);
        }
    }

    /// [`Errors::each`] for a text with a type of its own.
    pub fn each_typed(&self, path: &Path<'_>, value: &str, complaints: Vec<String>) {
        for complaint in complaints {
            self.invalid(path, Typed(value), complaint);
        }
    }

    /// A value that must be unique.
    pub fn duplicate(&self, path: &Path<'_>, value: impl Into<Shown>) {
        self.add(path, ErrorKind::Duplicate, Some(value.into()), "");
    }

    /// A name that nothing has.
    pub fn not_found(&self, path: &Path<'_>, value: &str, detail: &str) {
        self.add(path, ErrorKind::NotFound, Some(value.into()), detail);
    }

    /// A value that is none of these; words mostly have a type of their own.
    pub fn not_supported(&self, path: &Path<'_>, value: &str, known: &[&str]) {
        self.unsupported(path, Typed(value), known);
    }

    /// [`Errors::not_supported`] for values of any type.
    pub fn unsupported(&self, path: &Path<'_>, value: impl Into<Shown>, known: &[&str]) {
        let known: Vec<String> = known.iter().map(|known| quote(known)).collect();
        let detail = format!("supported values: {}", known.join(", "));
        self.add(path, ErrorKind::NotSupported, Some(value.into()), detail);
    }

    /// A value with more bytes than allowed.
    pub fn too_long(&self, path: &Path<'_>, most: usize) {
        self.add(path, ErrorKind::TooLong, None, format!("may not be more than {most} bytes"));
    }

    /// A list with more items than allowed.
    pub fn too_many(&self, path: &Path<'_>, count: usize, most: usize) {
        let count = Shown(count.to_string());
        self.add(path, ErrorKind::TooMany, Some(count), format!("must have at most {most} items"));
    }

    /// A value that must be one of these; nothing where it is missing and `optional`.
    pub fn one_of(&self, path: &Path<'_>, value: &str, known: &[&str]) {
        match value {
            "" => self.required(path, ""),
            value if !known.contains(&value) => self.not_supported(path, value, known),
            _ => {}
        }
    }

    /// A number that must not be below zero.
    pub fn not_negative(&self, path: &Path<'_>, value: i64) {
        if value < 0 {
            self.invalid(path, value, "must be greater than or equal to 0");
        }
    }

    /// A number that must lie in a range.
    pub fn in_range(&self, path: &Path<'_>, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.invalid(path, value, format!("must be between {least} and {most}, inclusive"));
        }
    }

    /// Texts of a struct that must not be empty.
    pub fn require(&self, path: &Path<'_>, value: &Value, members: &[&str]) {
        for member in members {
            if text(value, member).is_empty() {
                self.required(&path.child(member), "");
            }
        }
    }
}

/// A member that is a text; empty where it is missing.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// A member that is a number; zero where it is missing.
pub fn number(value: &Value, member: &str) -> i64 {
    value[member].as_i64().unwrap_or(0)
}

/// A member that is true.
pub fn is_true(value: &Value, member: &str) -> bool {
    value[member].as_bool() == Some(true)
}
