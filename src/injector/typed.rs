//! YAML read into Go structs: first it becomes JSON, in which strings are texts where strings are wanted, then that is
//! decoded. Source: github.com/ghodss/yaml 1.0, sigs.k8s.io/yaml 1.6.

use crate::go::json::{Number, Value};
use crate::go::strconv;
use crate::go::yaml::{self, Exponents};
use crate::injector::release::YamlLibrary;
use crate::k8s::decode;
use crate::k8s::schema::{Api, Field, Kind, Type};

/// Kind and version of an object.
pub(super) static TYPE_META: Type =
    Type::new("v1.TypeMeta", "*v1.TypeMeta", &[text("kind", "Kind"), text("apiVersion", "APIVersion")]);

const fn text(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Str, go_type: "string", omit: true, ..Field::DEFAULT }
}

/// Why a text is no such struct, with Go's words.
pub(super) enum Unreadable {
    /// It does not become JSON.
    Converting(String),
    /// The JSON does not fit.
    Decoding(String),
}

/// How the text about a key without a form in JSON starts.
const KEY: &str = "unsupported map key";

impl Unreadable {
    /// What the library says.
    pub(super) fn text(&self, library: YamlLibrary) -> String {
        match (self, library) {
            (Unreadable::Converting(e), library) => {
                let start = if library == YamlLibrary::Ghodss { "Unsupported map key" } else { KEY };
                let e = e.strip_prefix(KEY).map_or_else(|| e.clone(), |rest| format!("{start}{rest}"));
                format!("error converting YAML to JSON: {e}")
            }
            (Unreadable::Decoding(e), YamlLibrary::Ghodss) => format!("error unmarshaling JSON: {e}"),
            (Unreadable::Decoding(e), YamlLibrary::Sigs | YamlLibrary::LaterSigs) => {
                format!("error unmarshaling JSON: while decoding JSON: {e}")
            }
        }
    }
}

/// Reads a text as a struct; `exponents` says which texts are numbers.
pub(super) fn read(text: &str, ty: &'static Type, api: Api, exponents: Exponents) -> Result<Value, Unreadable> {
    let mut tree = yaml::to_json_with_floats(text, exponents).map_err(|e| Unreadable::Converting(e.to_string()))?;
    settle(&mut tree, Some(&Kind::Struct(ty)), api).map_err(Unreadable::Converting)?;
    decode::decode_as(tree, ty, api).map_err(|e| Unreadable::Decoding(e.to_string()))
}

/// Makes JSON of what YAML gave, for what is wanted: for a string, booleans and numbers are texts. `None` for what no
/// field takes, or what reads itself.
///
/// Errors: a float without a form in JSON.
fn settle(value: &mut Value, kind: Option<&Kind>, api: Api) -> Result<(), String> {
    match (kind, &mut *value) {
        (Some(Kind::Str), Value::Bool(b)) => *value = if *b { "true".into() } else { "false".into() },
        (Some(Kind::Str), Value::Number(n)) => *value = number_text(n).into(),
        (_, Value::Number(n)) if !n.is_integer() => {
            *n = Number::parse(&n.to_string())
                .filter(|_| n.as_f64().is_finite())
                .ok_or_else(|| format!("json: unsupported value: {}", strconv::format_float(n.as_f64(), 'g', 64)))?;
        }
        (Some(Kind::Struct(ty)), Value::Object(members)) => {
            for (key, member) in members.iter_mut() {
                match decode::field(ty, key).filter(|f| api.knows(f)) {
                    None => settle(member, None, api)?,
                    Some(field) if field.embedded.is_empty() => settle(member, Some(&field.kind), api)?,
                    Some(field) => settle_embedded(member, ty, field.embedded, api)?,
                }
            }
        }
        (kind, Value::Object(members)) => {
            let inner = match kind {
                Some(Kind::Map(item)) => Some(*item),
                _ => None,
            };
            members.iter_mut().try_for_each(|(_, member)| settle(member, inner, api))?;
        }
        (kind, Value::Array(items)) => {
            let inner = match kind {
                Some(Kind::List(item)) => Some(*item),
                _ => None,
            };
            items.iter_mut().try_for_each(|item| settle(item, inner, api))?;
        }
        _ => {}
    }
    Ok(())
}

/// The library takes an embedded struct for what is wanted of each of its members.
fn settle_embedded(value: &mut Value, ty: &'static Type, embedded: &str, api: Api) -> Result<(), String> {
    let Value::Object(members) = value else { return settle(value, None, api) };
    for (key, member) in members.iter_mut() {
        let inner = decode::field(ty, key).filter(|f| f.embedded == embedded && api.knows(f));
        settle(member, inner.map(|f| &f.kind), api)?;
    }
    Ok(())
}

/// Integers as they are, others with the digits of a `float32`.
fn number_text(n: &Number) -> String {
    if n.is_integer() { n.to_string() } else { strconv::format_float(n.as_f64(), 'g', 32) }
}
