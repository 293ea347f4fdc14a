//! The error texts of the JSON reader that decodes reviews until Kubernetes 1.22.
//!
//! That reader goes on after an error, and everything it still comes by puts its own name before the text. As it also
//! loses its place then, the text depends on the very bytes that follow; so this goes through the bytes as it does.
//!
//! Source: github.com/json-iterator/go 1.1, reading into structs.

use std::borrow::Cow;

use crate::go::json::{self, Object, Value};
use crate::k8s::schema::{self, Api, Field, Kind, Type};

/// A struct with more fields than this is read in another way.
const FEW: usize = 10;

const fn meta(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Str, go_type: "string", embedded: "TypeMeta", ..Field::DEFAULT }
}

/// The members of every AdmissionReview. An answer in it is passed over.
const fn review(request: &'static Type) -> [Field; 4] {
    [
        meta("kind", "Kind"),
        meta("apiVersion", "APIVersion"),
        Field {
            json: "request",
            go: "Request",
            kind: Kind::Struct(request),
            go_type: request.name,
            pointer: true,
            ..Field::DEFAULT
        },
        Field { json: "response", go: "Response", kind: Kind::Raw, ..Field::DEFAULT },
    ]
}

static REVIEW: Type = Type::new("v1.AdmissionReview", "*v1.AdmissionReview", &review(&schema::ADMISSION_REQUEST));
static REVIEW_BETA: Type =
    Type::new("v1beta1.AdmissionReview", "*v1beta1.AdmissionReview", &review(&schema::ADMISSION_REQUEST_V1BETA1));

/// The bytes that are decoded: the body, or the JSON that was made of its YAML.
pub(in crate::injector) fn as_json<'a>(body: &'a [u8], review: &Value) -> Cow<'a, [u8]> {
    match body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Cow::Borrowed(body),
        _ => Cow::Owned(json::to_string(review).into_bytes()),
    }
}

/// The error of reading JSON (of good syntax) as a review, with the uid that was read all the same; `None` where every
/// value fits.
///
/// With `any_case`, members count in any case; the review is then one of [`spelled`].
pub(in crate::injector) fn error(
    review: &Value,
    json: &[u8],
    is_beta: bool,
    any_case: bool,
    api: Api,
) -> Option<(String, String)> {
    let ty = if is_beta { &REVIEW_BETA } else { &REVIEW };
    if members_fit(review, ty, api) {
        return None;
    }
    let mut reader = Reader { bytes: json, head: 0, error: None, uid: &[], api, any_case };
    reader.structure(ty);
    Some((reader.error?, String::from_utf8_lossy(reader.uid).into_owned()))
}

/// A review whose members count in any case, with the names as they should be; the last of a name counts.
pub(in crate::injector) fn spelled(review: Value) -> Value {
    respelled(review, &REVIEW_BETA)
}

fn respelled(value: Value, ty: &'static Type) -> Value {
    let Value::Object(members) = value else { return value };
    let mut out = Object::with_capacity(members.len());
    for (key, value) in members.into_members() {
        let field = ty.fields.iter().find(|f| f.json.eq_ignore_ascii_case(&key));
        _ = match field.map(|f| (f.json, &f.kind)) {
            Some((name, Kind::Struct(ty))) => out.insert(name, respelled(value, ty)),
            Some((name, _)) => out.insert(name, value),
            None => out.insert(key, value),
        };
    }
    Value::Object(out)
}

/// True when a value can be read into what a field holds.
fn fits(value: &Value, kind: &Kind, api: Api) -> bool {
    match (kind, value) {
        (Kind::Raw, _) | (_, Value::Null) | (Kind::Str, Value::String(_)) | (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Struct(ty), value) => members_fit(value, ty, api),
        (Kind::List(item), Value::Array(items)) => items.iter().all(|value| fits(value, item, api)),
        (Kind::Map(item), Value::Object(members)) => members.values().all(|value| fits(value, item, api)),
        _ => false,
    }
}

fn members_fit(value: &Value, ty: &Type, api: Api) -> bool {
    let Value::Object(members) = value else { return value.is_null() };
    let field = |key: &str| ty.field(key).filter(|field| api.knows(field));
    members.iter().all(|(key, value)| field(key).is_none_or(|field| fits(value, &field.kind, api)))
}

struct Reader<'a> {
    bytes: &'a [u8],
    head: usize,
    error: Option<String>,
    uid: &'a [u8],
    api: Api,
    any_case: bool,
}

impl<'a> Reader<'a> {
    /// Only the first error counts.
    fn report(&mut self, place: &str, message: &str) {
        if self.error.is_some() {
            return;
        }
        let around = |n: usize| {
            let (from, to) = (self.head.saturating_sub(n), (self.head + n).min(self.bytes.len()));
            String::from_utf8_lossy(&self.bytes[from.min(to)..to])
        };
        let distance = self.head.min(10);
        self.error = Some(format!(
            "{place}: {message}, error found in #{distance} byte of ...|{}|..., bigger context ...|{}|...",
            around(10),
            around(50)
        ));
    }

    fn found(&mut self, place: &str, wanted: &str, c: u8) {
        self.report(place, &format!("{wanted}, but found {}", char::from(c)));
    }

    /// Puts a name before the error, if there is one.
    fn name(&mut self, name: &str, mark: &str) {
        if let Some(error) = &mut self.error {
            *error = format!("{name}{mark}{error}");
        }
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.head).copied();
        self.head += usize::from(byte.is_some());
        byte.unwrap_or(0)
    }

    /// The next byte that is no blank; 0 at the end.
    fn token(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\t' | b'\r' => {}
                c => return c,
            }
        }
    }

    /// Goes back one byte, but never after an error: that is how the place is lost.
    fn unread(&mut self) {
        if self.error.is_none() {
            self.head -= 1;
        }
    }

    fn literal(&mut self, rest: &str) {
        for expected in rest.bytes() {
            if self.byte() != expected {
                return;
            }
        }
    }

    /// The rest of a string whose opening quote is read.
    fn string_rest(&mut self) -> &'a [u8] {
        let start = self.head;
        while let Some(c) = self.bytes.get(self.head) {
            match c {
                b'"' => {
                    self.head += 1;
                    return &self.bytes[start..self.head - 1];
                }
                b'\\' => self.head = (self.head + 2).min(self.bytes.len()),
                _ => self.head += 1,
            }
        }
        &self.bytes[start..]
    }

    fn string(&mut self) -> &'a [u8] {
        match self.token() {
            b'"' => return self.string_rest(),
            b'n' => self.literal("ull"),
            c => self.found("ReadString", "expects \" or n", c),
        }
        &[]
    }

    fn boolean(&mut self) {
        match self.token() {
            b't' => self.literal("rue"),
            b'f' => self.literal("alse"),
            c => self.found("ReadBool", "expect t or f", c),
        }
    }

    /// What a field holds, or a nil pointer to it.
    fn field(&mut self, field: &'static Field) {
        if field.pointer {
            if self.token() == b'n' {
                return self.literal("ull");
            }
            self.unread();
        }
        match &field.kind {
            Kind::Bool => self.boolean(),
            Kind::Struct(ty) => self.structure(ty),
            Kind::List(_) => self.texts(field.go_type),
            Kind::Map(_) => self.map(field.go_type.strip_prefix("map[string]").unwrap_or_default()),
            Kind::Str => _ = self.string(),
            // Reviews hold no other kinds of scalars.
            _ => {
                self.token();
                self.unread();
                self.skip();
            }
        }
    }

    /// A list of strings, with Go's name of its type.
    fn texts(&mut self, name: &str) {
        self.items();
        self.name(name, ": ");
    }

    fn items(&mut self) {
        match self.token() {
            b'n' => return self.literal("ull"),
            b'[' => {}
            c => return self.found("decode slice", "expect [ or n", c),
        }
        if self.token() == b']' {
            return;
        }
        self.unread();
        loop {
            self.string();
            match self.token() {
                b',' => {}
                b']' => return,
                c => return self.found("decode slice", "expect ]", c),
            }
        }
    }

    /// A map of such lists.
    fn map(&mut self, item: &str) {
        match self.token() {
            b'n' => return self.literal("ull"),
            b'{' => {}
            c => return self.found("ReadMapCB", "expect { or n", c),
        }
        if self.token() == b'}' {
            return;
        }
        self.unread();
        loop {
            self.string();
            match self.token() {
                b':' => self.texts(item),
                c => return self.found("ReadMapCB", "expect : after object field", c),
            }
            match self.token() {
                b',' => {}
                b'}' => return,
                c => return self.found("ReadMapCB", "expect }", c),
            }
        }
    }

    fn structure(&mut self, ty: &'static Type) {
        match self.token() {
            b'{' => {
                if self.token() == b'}' {
                    return;
                }
                self.unread();
            }
            b'n' => return self.literal("ull"),
            c => return self.found("readObjectStart", "expect { or n", c),
        }
        let (api, any_case) = (self.api, self.any_case);
        let named = move |f: &&Field, key: &[u8]| match any_case {
            true => f.json.as_bytes().eq_ignore_ascii_case(key),
            false => f.json.as_bytes() == key,
        };
        let known = move |f: &&Field| api.knows(f);
        let is_request =
            [&schema::ADMISSION_REQUEST, &schema::ADMISSION_REQUEST_V1BETA1].iter().any(|r| std::ptr::eq(*r, ty));
        let few = ty.fields.iter().filter(known).count() <= FEW;
        loop {
            let key = if few { self.key_of_few() } else { Some(self.key_of_many()) };
            match key.and_then(|key| ty.fields.iter().filter(known).find(|f| named(f, key))) {
                Some(field) => {
                    match is_request && field.json == "uid" {
                        true => self.uid = self.string(),
                        false => self.field(field),
                    }
                    self.name(field.go, ": ");
                    if !field.embedded.is_empty() {
                        self.name(field.embedded, ": ");
                    }
                }
                None => self.skip(),
            }
            if self.token() != b',' {
                break;
            }
        }
        self.name(ty.name, ".");
    }

    /// A member's name with its colon; `None` where there is no quote.
    fn key_of_few(&mut self) -> Option<&'a [u8]> {
        match self.token() {
            b'"' => {}
            c => {
                self.found("readFieldHash", "expect \"", c);
                return None;
            }
        }
        let key = self.string_rest();
        (self.token() == b':').then_some(key)
    }

    fn key_of_many(&mut self) -> &'a [u8] {
        let key = self.string();
        self.token();
        key
    }

    fn skip(&mut self) {
        match self.token() {
            b'"' => self.skip_string(),
            b'n' => self.literal("ull"),
            b't' => self.literal("rue"),
            b'f' => self.literal("alse"),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b'[' => {
                self.unread();
                self.skip_array();
            }
            b'{' => {
                self.unread();
                self.skip_object();
            }
            _ => {}
        }
    }

    /// Strings with escapes are read again from their quote.
    fn skip_string(&mut self) {
        let (start, text) = (self.head, self.string_rest());
        if text.contains(&b'\\') {
            self.head = start;
            self.unread();
            self.string();
        }
    }

    fn skip_number(&mut self) {
        let ends = |c: &u8| matches!(c, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        while self.bytes.get(self.head).is_some_and(|c| !ends(c)) {
            self.head += 1;
        }
    }

    fn skip_array(&mut self) {
        if self.token() != b'[' || self.token() == b']' {
            return;
        }
        self.unread();
        loop {
            self.skip();
            if self.token() != b',' {
                return;
            }
        }
    }

    fn skip_object(&mut self) {
        if self.token() != b'{' || self.token() != b'"' {
            return;
        }
        self.unread();
        loop {
            self.key_of_many();
            self.skip();
            if self.token() != b',' {
                return;
            }
        }
    }
}
