//! Corpus gotemplate.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

use conjector::go::base64;
use conjector::go::json::{self, Object, Value as Json};
use conjector::go::template::{
    self, ErrorKind, Functions, Int, Items, Key, List, Map, Members, MissingKey, NoHost, Options, Template, Uint,
    Value, sprig,
};

/// The data that inputs name.
static DATA: LazyLock<Json> = LazyLock::new(|| {
    let root = std::env::var_os("CONJECTOR_CORPUS").filter(|v| !v.is_empty());
    let root = root.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), Into::into);
    std::fs::read(root.join("gotemplate/datasets.json"))
        .ok()
        .and_then(|text| json::parse(text).ok())
        .unwrap_or_default()
});

pub fn answer(_cat: &str, input: &Json) -> Json {
    let mut functions = Functions::builtin();
    if input["funcs"].as_str() == Some("sprig") {
        sprig::register(&mut functions);
    }
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let delimiters = (text(&input["delims"][0]), text(&input["delims"][1]));
    let options = Options {
        delims: (&delimiters.0, &delimiters.1),
        missing_key: match input["missingkey"].as_str() {
            Some("zero") => MissingKey::Zero,
            Some("error") => MissingKey::Error,
            _ => MissingKey::Invalid,
        },
    };
    let mut answer = Object::new();
    let parsed = Template::parse_with("t", input["template"].as_str().unwrap_or_default(), &functions, &options);
    let data = typed(&DATA[input["data"].as_str().unwrap_or_default()]);
    let rendered = parsed.as_ref().map(|template| template.render(&data, &NoHost));
    match rendered {
        Ok(Ok(output)) => {
            answer.insert("kind", "ok");
            answer.insert("output", output);
        }
        Ok(Err(error)) => {
            answer.insert("kind", if error.kind == ErrorKind::Exec { "execError" } else { "internal" });
            answer.insert("partial", error.partial.clone());
            answer.insert("error", error.to_string());
        }
        Err(error) => {
            answer.insert("kind", "parseError");
            answer.insert("error", error.to_string());
        }
    }
    Json::Object(answer)
}

/// A value of a data set: `{"$int": 7}` is an `int`, other JSON is Go's `any`.
fn typed<'d>(json: &'d Json) -> Value<'d> {
    let Some(members) = json.as_object() else {
        return match json.as_array() {
            Some(items) => Value::list(items.iter().map(typed).collect()),
            None => Value::json(json),
        };
    };
    let Some((tag, value)) = members.iter().next().filter(|(tag, _)| members.len() == 1 && tag.starts_with('$')) else {
        return map("string", "interface {}", json, typed);
    };
    let integer = |value: &Json| value.as_i64().unwrap_or_default();
    let nil_map = |element| Value::Map(Map { element, key: "string", members: Members::Nil });
    match tag.as_str() {
        "$int" => Value::int(integer(value)),
        "$int32" => Value::Int(integer(value), Int::Int32),
        "$int64" => Value::Int(integer(value), Int::Int64),
        // The recording scanned the number as it prints: `9e+10` is 9.
        "$dur" => {
            let printed = template::format::print(&Value::json(value));
            let digits = printed.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            Value::Int(digits.parse().unwrap_or_default(), Int::Duration)
        }
        "$uint" => Value::Uint(integer(value) as u64, Uint::Uint),
        "$uint8" => Value::Uint(integer(value) as u64, Uint::Uint8),
        "$float32" => Value::Float(value.to_string().parse().unwrap_or_default(), true),
        "$bytes" => {
            let bytes = base64::decode(value.as_str().unwrap_or_default()).unwrap_or_default();
            Value::typed_list("uint8", bytes.into_iter().map(|b| Value::Uint(b.into(), Uint::Uint8)).collect())
        }
        "$strings" => Value::typed_list("string", value.items().iter().map(typed).collect()),
        "$ints" => Value::typed_list("int", value.items().iter().map(|v| Value::int(integer(v))).collect()),
        "$array2" => Value::List(List {
            element: "int",
            array: Some(2),
            items: Items::Shared(Rc::new(value.items().iter().map(|v| Value::int(integer(v))).collect())),
        }),
        "$mapSS" => map("string", "string", value, typed),
        "$mapSI" => map("string", "int", value, |v| Value::int(v.as_i64().unwrap_or_default())),
        "$mapIS" => map("int", "string", value, typed),
        "$nilMapSS" => nil_map("string"),
        "$nilMap" => nil_map("interface {}"),
        "$nilStrings" => Value::List(List { element: "string", array: None, items: Items::Nil }),
        "$nilPtr" => Value::Object(Rc::new(Pointer { ty: "*int".into(), to: None })),
        "$ptr" => {
            let to = typed(value);
            Value::Object(Rc::new(Pointer { ty: format!("*{}", to.type_name()), to: Some(to) }))
        }
        "$struct" => {
            let fields: Vec<_> =
                value.as_object().into_iter().flat_map(Object::iter).map(|(k, v)| (k.as_str(), typed(v))).collect();
            Value::Object(Rc::new(Struct::new(fields)))
        }
        _ => Value::Missing,
    }
}

fn map<'d>(
    key: &'static str,
    element: &'static str,
    members: &'d Json,
    make: impl Fn(&'d Json) -> Value<'d>,
) -> Value<'d> {
    let name = |text: &json::Str| match key {
        "int" => Key::Int(text.parse().unwrap_or_default()),
        _ => Key::Str(text.clone()),
    };
    let members: BTreeMap<Key, Value<'d>> =
        members.as_object().into_iter().flat_map(Object::iter).map(|(k, v)| (name(k), make(v))).collect();
    Value::Map(Map { element, key, members: Members::Shared(Rc::new(members.into())) })
}

/// An anonymous struct.
struct Struct<'d> {
    ty: String,
    fields: Vec<(&'d str, Value<'d>)>,
}

impl<'d> Struct<'d> {
    fn new(mut fields: Vec<(&'d str, Value<'d>)>) -> Struct<'d> {
        fields.sort_by_key(|(name, _)| *name);
        let types: Vec<String> = fields
            .iter()
            .map(|(name, value)| match value {
                Value::Nil => format!("{name} interface {{}}"),
                value => format!("{name} {}", value.type_name()),
            })
            .collect();
        Struct { ty: format!("struct {{ {} }}", types.join("; ")), fields }
    }
}

impl<'d> template::Object<'d> for Struct<'d> {
    fn type_name(&self) -> &str {
        &self.ty
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        self.fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone())
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        self.fields.iter().map(|(name, value)| (*name, value.clone())).collect()
    }

    fn to_json(&self) -> Json {
        Json::Object(self.fields.iter().map(|(name, value)| (*name, value.to_json())).collect())
    }
}

/// A pointer.
struct Pointer<'d> {
    ty: String,
    to: Option<Value<'d>>,
}

impl<'d> template::Object<'d> for Pointer<'d> {
    fn type_name(&self) -> &str {
        &self.ty
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        match &self.to {
            Some(Value::Object(inner)) => inner.field(name),
            _ => None,
        }
    }

    fn is_nil(&self) -> bool {
        self.to.is_none()
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        match &self.to {
            Some(Value::Object(inner)) => inner.fields(),
            _ => Vec::new(),
        }
    }

    fn pointee(&self) -> Option<Value<'d>> {
        self.to.clone()
    }

    fn to_json(&self) -> Json {
        self.to.as_ref().map(Value::to_json).unwrap_or_default()
    }
}
