//! The error texts of the JSON reader that decodes reviews until Kubernetes 1.22.
//!
//! That reader goes on after an error, and everything it still comes by puts its own name before the text. As it also
//! loses its place then, the text depends on the very bytes that follow; so this goes through the bytes as it does.
//!
//! Source: github.com/json-iterator/go 1.1, reading into structs.

use std::borrow::Cow;

use crate::go::json::{self, Object, Value};
use crate::k8s::schema::Api;

/// What a value is read into.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Bool,
    /// Kept as it is.
    Raw,
    Struct(&'static Struct),
    /// A pointer to a struct or to a boolean.
    Optional(&'static Shape),
    /// A slice of strings, with Go's name of its type.
    Texts(&'static str),
    /// A map of such slices.
    TextsByName(&'static str),
}

struct Struct {
    name: &'static str,
    fields: &'static [Field],
}

struct Field {
    json: &'static str,
    go: &'static str,
    shape: Shape,
    /// The minor version of Kubernetes that brought it.
    since: u8,
}

const fn field(json: &'static str, go: &'static str, shape: Shape) -> Field {
    Field { json, go, shape, since: 0 }
}

const fn later(since: u8, json: &'static str, go: &'static str, shape: Shape) -> Field {
    Field { json, go, shape, since }
}

/// A struct with more fields than this is read in another way.
const FEW: usize = 10;

static KIND: Struct = Struct {
    name: "v1.GroupVersionKind",
    fields: &[
        field("group", "Group", Shape::Text),
        field("version", "Version", Shape::Text),
        field("kind", "Kind", Shape::Text),
    ],
};

static RESOURCE: Struct = Struct {
    name: "v1.GroupVersionResource",
    fields: &[
        field("group", "Group", Shape::Text),
        field("version", "Version", Shape::Text),
        field("resource", "Resource", Shape::Text),
    ],
};

static USER: Struct = Struct {
    name: "v1.UserInfo",
    fields: &[
        field("username", "Username", Shape::Text),
        field("uid", "UID", Shape::Text),
        field("groups", "Groups", Shape::Texts("[]string")),
        field("extra", "Extra", Shape::TextsByName("v1.ExtraValue")),
    ],
};

static OPTIONAL_KIND: Shape = Shape::Struct(&KIND);
static OPTIONAL_RESOURCE: Shape = Shape::Struct(&RESOURCE);

const REQUEST_FIELDS: &[Field] = &[
    field("uid", "UID", Shape::Text),
    field("kind", "Kind", Shape::Struct(&KIND)),
    field("resource", "Resource", Shape::Struct(&RESOURCE)),
    field("subResource", "SubResource", Shape::Text),
    later(15, "requestKind", "RequestKind", Shape::Optional(&OPTIONAL_KIND)),
    later(15, "requestResource", "RequestResource", Shape::Optional(&OPTIONAL_RESOURCE)),
    later(15, "requestSubResource", "RequestSubResource", Shape::Text),
    field("name", "Name", Shape::Text),
    field("namespace", "Namespace", Shape::Text),
    field("operation", "Operation", Shape::Text),
    field("userInfo", "UserInfo", Shape::Struct(&USER)),
    field("object", "Object", Shape::Raw),
    field("oldObject", "OldObject", Shape::Raw),
    later(12, "dryRun", "DryRun", Shape::Optional(&Shape::Bool)),
    later(15, "options", "Options", Shape::Raw),
];

static REQUEST_BETA: Struct = Struct { name: "v1beta1.AdmissionRequest", fields: REQUEST_FIELDS };
static REQUEST: Struct = Struct { name: "v1.AdmissionRequest", fields: REQUEST_FIELDS };

static REVIEW_BETA: Struct = Struct {
    name: "v1beta1.AdmissionReview",
    fields: &[
        field("kind", "TypeMeta: Kind", Shape::Text),
        field("apiVersion", "TypeMeta: APIVersion", Shape::Text),
        field("request", "Request", Shape::Optional(&Shape::Struct(&REQUEST_BETA))),
        field("response", "Response", Shape::Raw),
    ],
};
static REVIEW: Struct = Struct {
    name: "v1.AdmissionReview",
    fields: &[
        field("kind", "TypeMeta: Kind", Shape::Text),
        field("apiVersion", "TypeMeta: APIVersion", Shape::Text),
        field("request", "Request", Shape::Optional(&Shape::Struct(&REQUEST))),
        field("response", "Response", Shape::Raw),
    ],
};

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
    if fits(review, Shape::Struct(ty), api) {
        return None;
    }
    let mut reader = Reader { bytes: json, head: 0, error: None, uid: &[], api, any_case };
    reader.structure(ty);
    Some((reader.error?, String::from_utf8_lossy(reader.uid).into_owned()))
}

/// A review whose members count in any case, with the names as they should be; the last of a name counts.
pub(in crate::injector) fn spelled(review: Value) -> Value {
    respelled(review, Shape::Struct(&REVIEW_BETA))
}

fn respelled(value: Value, shape: Shape) -> Value {
    match (shape, value) {
        (Shape::Optional(inner), value) => respelled(value, *inner),
        (Shape::Struct(ty), Value::Object(members)) => {
            let mut out = Object::with_capacity(members.len());
            for (key, value) in members.into_members() {
                _ = match ty.fields.iter().find(|f| f.json.eq_ignore_ascii_case(&key)) {
                    Some(field) => out.insert(field.json, respelled(value, field.shape)),
                    None => out.insert(key, value),
                };
            }
            Value::Object(out)
        }
        (_, value) => value,
    }
}

/// True when a value can be read into the shape.
fn fits(value: &Value, shape: Shape, api: Api) -> bool {
    let all_texts = |items: &[Value]| items.iter().all(|item| fits(item, Shape::Text, api));
    match (shape, value) {
        (Shape::Raw, _) | (_, Value::Null) | (Shape::Text, Value::String(_)) | (Shape::Bool, Value::Bool(_)) => true,
        (Shape::Optional(inner), value) => fits(value, *inner, api),
        (Shape::Struct(ty), Value::Object(members)) => {
            let field = |key: &str| ty.fields.iter().find(|f| f.json == key && api >= Api::v1(f.since));
            members.iter().all(|(key, value)| field(key).is_none_or(|f| fits(value, f.shape, api)))
        }
        (Shape::Texts(_), Value::Array(items)) => all_texts(items),
        (Shape::TextsByName(name), Value::Object(members)) => {
            members.values().all(|value| fits(value, Shape::Texts(name), api))
        }
        _ => false,
    }
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

    fn shape(&mut self, shape: Shape) {
        match shape {
            Shape::Text => _ = self.string(),
            Shape::Bool => self.boolean(),
            Shape::Raw => {
                self.token();
                self.unread();
                self.skip();
            }
            Shape::Struct(ty) => self.structure(ty),
            Shape::Optional(inner) => match self.token() {
                b'n' => self.literal("ull"),
                _ => {
                    self.unread();
                    self.shape(*inner);
                }
            },
            Shape::Texts(name) => {
                self.texts();
                self.name(name, ": ");
            }
            Shape::TextsByName(name) => self.map(Shape::Texts(name)),
        }
    }

    fn texts(&mut self) {
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

    fn map(&mut self, item: Shape) {
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
                b':' => self.shape(item),
                c => return self.found("ReadMapCB", "expect : after object field", c),
            }
            match self.token() {
                b',' => {}
                b'}' => return,
                c => return self.found("ReadMapCB", "expect }", c),
            }
        }
    }

    fn structure(&mut self, ty: &'static Struct) {
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
        let known = move |f: &&Field| api >= Api::v1(f.since);
        let few = ty.fields.iter().filter(known).count() <= FEW;
        loop {
            let key = if few { self.key_of_few() } else { Some(self.key_of_many()) };
            match key.and_then(|key| ty.fields.iter().filter(known).find(|f| named(f, key))) {
                Some(field) if field.json == "uid" && std::ptr::eq(ty.fields, REQUEST_FIELDS) => {
                    self.uid = self.string();
                    self.name(field.go, ": ");
                }
                Some(field) => {
                    self.shape(field.shape);
                    self.name(field.go, ": ");
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
