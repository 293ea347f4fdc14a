//! Node trees to JSON, as `YAMLToJSON` converts them.

use std::collections::HashSet;

use super::node::{Document, Error, Kind, Node, first_document};
use super::plain;
use super::resolve::{binary, resolve};
use super::scalar::{Exponents, Scalar};
use crate::go::json::{Number, Object, Str, Value, format_float};
use crate::go::strconv;

/// Reads the first document of `text`; an empty text is null. Members are sorted by key.
///
/// Errors: Go's text for syntax, anchors, tags, keys that have no JSON form, numbers that have none.
pub fn to_json(text: &str) -> Result<Value, Error> {
    if let Some(value) = plain::to_json(text, false, Exponents::Any) {
        return Ok(value);
    }
    read(text, false)
}

/// [`to_json`], where a key that a mapping has twice is an error.
pub fn to_json_strict(text: &str) -> Result<Value, Error> {
    read(text, true)
}

/// [`to_json`], where floats stay such ([`Number::is_integer`] is false), also `.inf` and `.nan`, which have no form in
/// JSON.
pub fn to_json_with_floats(text: &str, exponents: Exponents) -> Result<Value, Error> {
    if let Some(value) = plain::to_json(text, true, exponents) {
        return Ok(value);
    }
    let Some(document) = first_document(text)? else { return Ok(Value::Null) };
    document.to_json_with_floats(exponents)
}

fn read(text: &str, strict: bool) -> Result<Value, Error> {
    let Some(document) = first_document(text)? else { return Ok(Value::Null) };
    document.to_json(strict)
}

impl Document {
    /// The document as JSON; see [`to_json`].
    pub fn to_json(&self, strict: bool) -> Result<Value, Error> {
        Decoder { strict, ..Decoder::new(self) }.document()
    }

    /// The document as JSON in which floats stay such; see [`to_json_with_floats`].
    pub(super) fn to_json_with_floats(&self, exponents: Exponents) -> Result<Value, Error> {
        Decoder { floats: true, exponents, ..Decoder::new(self) }.document()
    }
}

struct Decoder<'a> {
    document: &'a Document,
    strict: bool,
    /// Floats stay such.
    floats: bool,
    exponents: Exponents,
    duplicates: Vec<String>,
    /// Nodes decoded so far, and how many of them through aliases: the measure of an alias bomb.
    nodes: u64,
    aliased: u64,
    /// The aliases that are being followed.
    inside: Vec<usize>,
    /// The first value or key without a JSON form; it is reported only when everything else is fine.
    unsupported: Option<Error>,
}

/// The share of nodes that may come through aliases: nearly all in small documents, a tenth in huge ones.
fn allowed_share(nodes: u64) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    0.99 - 0.89 * ((nodes as f64 - LOW) / (HIGH - LOW)).clamp(0.0, 1.0)
}

/// A mapping's key: its text in JSON, or none for null and the like.
enum Key {
    Text(Str),
    /// A number beyond `int64`.
    Huge(u64),
    Null,
}

impl<'a> Decoder<'a> {
    fn new(document: &'a Document) -> Decoder<'a> {
        Decoder {
            document,
            strict: false,
            floats: false,
            exponents: Exponents::Any,
            duplicates: Vec::new(),
            nodes: 0,
            aliased: 0,
            inside: Vec::new(),
            unsupported: None,
        }
    }

    fn document(mut self) -> Result<Value, Error> {
        let value = self.node(&self.document.root)?;
        if !self.duplicates.is_empty() {
            return Err(Error::new(format!("yaml: unmarshal errors:\n  {}", self.duplicates.join("\n  "))));
        }
        self.unsupported.map_or(Ok(value), Err)
    }

    fn count(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        self.aliased += u64::from(!self.inside.is_empty());
        let share = self.aliased as f64 / self.nodes as f64;
        if self.aliased > 100 && self.nodes > 1000 && share > allowed_share(self.nodes) {
            return Err(Error::new("yaml: document contains excessive aliasing"));
        }
        Ok(())
    }

    fn node(&mut self, node: &'a Node) -> Result<Value, Error> {
        self.count()?;
        match &node.kind {
            Kind::Scalar { text, plain } => self.scalar(node, text, *plain),
            Kind::Sequence(items) => {
                items.iter().map(|item| self.node(item)).collect::<Result<_, _>>().map(Value::Array)
            }
            Kind::Mapping(members) => {
                let mut object = Object::with_capacity(members.len());
                self.mapping(members, &mut object, &mut HashSet::new())?;
                object.sort();
                Ok(Value::Object(object))
            }
            Kind::Alias(alias) => {
                let target = self.enter(*alias)?;
                let value = self.node(target);
                self.inside.pop();
                value
            }
        }
    }

    fn enter(&mut self, alias: usize) -> Result<&'a Node, Error> {
        let (name, target) = self.document.anchor(alias);
        match target.filter(|_| !self.inside.contains(&alias) && self.inside.len() < super::MAX_DEPTH / 2) {
            Some(target) => {
                self.inside.push(alias);
                Ok(target)
            }
            None => Err(Error::new(format!("yaml: anchor '{name}' value contains itself"))),
        }
    }

    fn scalar(&mut self, node: &Node, text: &str, plain: bool) -> Result<Value, Error> {
        if node.tag == "tag:yaml.org,2002:binary" {
            return Ok(Value::String(Str::from_utf8_lossy(&binary(text)?)));
        }
        Ok(match resolve(text, &node.tag, plain, self.exponents)? {
            Scalar::Null => Value::Null,
            Scalar::Bool(b) => Value::Bool(b),
            Scalar::Int(n) => n.into(),
            Scalar::Uint(n) => n.into(),
            Scalar::Float(n) if self.floats => Value::Number(n.into()),
            Scalar::Float(n) if n.is_finite() => {
                Value::Number(Number::parse(&format_float(n)).unwrap_or_else(|| Number::from(n)))
            }
            Scalar::Float(n) => {
                let name = strconv::format_float(n, 'g', 64);
                self.unsupported(format!("json: unsupported value: {name}"));
                Value::Null
            }
            Scalar::Timestamp | Scalar::Text => Value::String(text.into()),
        })
    }

    fn unsupported(&mut self, message: String) {
        self.unsupported.get_or_insert_with(|| Error::new(message));
    }

    /// Sets the members of an object; `seen` are the keys that it has in strict mode.
    fn mapping(
        &mut self,
        members: &'a [(Node, Node)],
        object: &mut Object,
        seen: &mut HashSet<String>,
    ) -> Result<(), Error> {
        // What is overwritten by a later member of the same name is never printed, so its problems do not count.
        let outside = self.unsupported.take();
        let mut inside: Vec<(Str, Error)> = Vec::new();
        let mut bad_key = None;
        for (key_node, value_node) in members {
            if is_merge(key_node) {
                self.merge(value_node, object, seen)?;
                continue;
            }
            let key = self.key(key_node)?;
            let value = self.node(value_node)?;
            if self.strict && !seen.insert(self.identity(key_node)) {
                // The line is the value's.
                let key = self.go_value(key_node);
                self.duplicates.push(format!("line {}: key {key} already set in map", value_node.line));
                self.unsupported = None;
                continue;
            }
            match key {
                Key::Text(key) => {
                    inside.retain(|(k, _)| *k != key);
                    inside.extend(self.unsupported.take().map(|error| (key.clone(), error)));
                    object.insert(key, value);
                }
                Key::Null => {
                    let value = self.go_value(value_node);
                    bad_key = Some(format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}"));
                }
                Key::Huge(n) => {
                    let value = self.go_value(value_node);
                    bad_key = Some(format!("unsupported map key of type: uint64, key: 0x{n:x}, value: {value}"));
                }
            }
        }
        let first = inside.into_iter().min_by(|a, b| a.0.cmp(&b.0)).map(|(_, error)| error);
        self.unsupported = outside.or(bad_key.map(Error::new)).or(first);
        Ok(())
    }

    /// `<<`: takes over the members of a mapping, or of several (the first one wins), over what is there so far.
    fn merge(&mut self, node: &'a Node, object: &mut Object, seen: &mut HashSet<String>) -> Result<(), Error> {
        let wrong = || Error::new("yaml: map merge requires map or sequence of maps as the value");
        match &node.kind {
            Kind::Mapping(members) => {
                self.count()?;
                self.mapping(members, object, seen)
            }
            Kind::Alias(alias) => {
                if !matches!(self.document.anchor(*alias).1.map(|n| &n.kind), Some(Kind::Mapping(_))) {
                    return Err(wrong());
                }
                self.count()?;
                let target = self.enter(*alias)?;
                let merged = self.merge(target, object, seen);
                self.inside.pop();
                merged
            }
            Kind::Sequence(items) => {
                for item in items.iter().rev() {
                    if matches!(item.kind, Kind::Sequence(_) | Kind::Scalar { .. }) {
                        return Err(wrong());
                    }
                    self.merge(item, object, seen)?;
                }
                Ok(())
            }
            Kind::Scalar { .. } => Err(wrong()),
        }
    }

    fn key(&mut self, node: &'a Node) -> Result<Key, Error> {
        self.count()?;
        match &node.kind {
            Kind::Alias(alias) => {
                let target = self.enter(*alias)?;
                let key = self.key(target);
                self.inside.pop();
                key
            }
            Kind::Scalar { text, plain } => {
                if node.tag == "tag:yaml.org,2002:binary" {
                    return Ok(Key::Text(Str::from_utf8_lossy(&binary(text)?)));
                }
                Ok(match resolve(text, &node.tag, *plain, self.exponents)? {
                    Scalar::Null => Key::Null,
                    Scalar::Bool(b) => Key::Text(if b { "true" } else { "false" }.into()),
                    Scalar::Int(n) => Key::Text(n.to_string().into()),
                    Scalar::Uint(n) => Key::Huge(n),
                    Scalar::Float(n) => Key::Text(float_key(n).into()),
                    Scalar::Timestamp | Scalar::Text => Key::Text(text.as_str().into()),
                })
            }
            Kind::Sequence(_) | Kind::Mapping(_) => {
                // The key is decoded first, so that an error inside it comes before the error about it.
                self.node(node)?;
                Err(Error::new(format!("yaml: invalid map key: {}", self.go_syntax(node))))
            }
        }
    }

    /// The members of a mapping in the order in which they are set, those that `<<` takes over included.
    fn merged<'n>(&'n self, members: &'n [(Node, Node)]) -> Vec<(&'n Node, &'n Node)> {
        let mut all = Vec::with_capacity(members.len());
        for (key, value) in members {
            match is_merge(key) {
                true => self.merge_into(value, &mut all),
                false => all.push((key, value)),
            }
        }
        all
    }

    fn merge_into<'n>(&'n self, node: &'n Node, all: &mut Vec<(&'n Node, &'n Node)>) {
        match &node.kind {
            Kind::Mapping(members) => all.extend(self.merged(members)),
            Kind::Sequence(items) => items.iter().rev().for_each(|item| self.merge_into(item, all)),
            Kind::Alias(alias) => {
                self.document.anchor(*alias).1.into_iter().for_each(|node| self.merge_into(node, all))
            }
            Kind::Scalar { .. } => {}
        }
    }

    /// What tells a key from others: its type and value.
    fn identity(&self, node: &Node) -> String {
        format!("{} {}", self.rank(node), self.go_syntax(node))
    }

    /// The place of a key's type in the order in which Go prints the keys of a map of any type. It follows from where
    /// a Go program's linker puts the types.
    fn rank(&self, key: &Node) -> u8 {
        match &key.kind {
            Kind::Alias(alias) => self.document.anchor(*alias).1.map_or(1, |node| self.rank(node)),
            Kind::Scalar { text, plain } => match resolve(text, &key.tag, *plain, self.exponents) {
                Ok(Scalar::Null) => 0,
                Ok(Scalar::Uint(_)) => 2,
                Ok(Scalar::Int(_)) => 3,
                Ok(Scalar::Float(_)) => 4,
                Ok(Scalar::Bool(_)) => 5,
                _ => 1,
            },
            _ => 1,
        }
    }

    /// The key's number, for ordering among others of its type.
    fn number(&self, key: &Node) -> f64 {
        match &key.kind {
            Kind::Alias(alias) => self.document.anchor(*alias).1.map_or(0.0, |node| self.number(node)),
            Kind::Scalar { text, plain } => match resolve(text, &key.tag, *plain, self.exponents) {
                Ok(Scalar::Uint(n)) => n as f64,
                Ok(Scalar::Int(n)) => n as f64,
                Ok(Scalar::Float(n)) => n,
                _ => 0.0,
            },
            _ => 0.0,
        }
    }

    /// A node as `%#v` prints it on its own, where nil has no type.
    fn go_value(&self, node: &Node) -> String {
        match self.go_syntax(node) {
            nil if nil == "interface {}(nil)" => "<nil>".into(),
            text => text,
        }
    }

    /// The decoded node as Go's `%#v` prints it inside a collection.
    fn go_syntax(&self, node: &Node) -> String {
        match &node.kind {
            Kind::Alias(alias) => self.document.anchor(*alias).1.map_or(String::new(), |n| self.go_syntax(n)),
            Kind::Scalar { text, plain } => match resolve(text, &node.tag, *plain, self.exponents) {
                Ok(Scalar::Null) => "interface {}(nil)".into(),
                Ok(Scalar::Bool(b)) => b.to_string(),
                Ok(Scalar::Int(n)) => n.to_string(),
                Ok(Scalar::Uint(n)) => format!("0x{n:x}"),
                Ok(Scalar::Float(n)) => strconv::format_float(n, 'g', 64),
                _ => strconv::quote(text),
            },
            Kind::Sequence(items) => {
                let items: Vec<_> = items.iter().map(|i| self.go_syntax(i)).collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Kind::Mapping(members) => {
                // The last of a name counts; types of keys stand in Go's order.
                let mut sorted: Vec<(&Node, String, String)> = Vec::with_capacity(members.len());
                for (key, value) in self.merged(members) {
                    let (name, value) = (self.go_syntax(key), self.go_syntax(value));
                    match sorted.iter_mut().find(|(k, n, _)| *n == name && self.rank(k) == self.rank(key)) {
                        // In strict mode the first one is kept.
                        Some(_) if self.strict => {}
                        Some(slot) => slot.2 = value,
                        None => sorted.push((key, name, value)),
                    }
                }
                sorted.sort_by(|a, b| {
                    let numbers = self.number(a.0).total_cmp(&self.number(b.0));
                    let names = a.1.trim_end_matches('"').cmp(b.1.trim_end_matches('"'));
                    self.rank(a.0).cmp(&self.rank(b.0)).then(numbers).then(names)
                });
                let members: Vec<_> = sorted.iter().map(|(_, key, value)| format!("{key}:{value}")).collect();
                format!("map[interface {{}}]interface {{}}{{{}}}", members.join(", "))
            }
        }
    }
}

/// `<<`, plain or tagged as a merge key.
fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar { text, plain } if text == "<<"
        && ((*plain && key.tag.is_empty()) || matches!(key.tag.as_str(), "!" | "tag:yaml.org,2002:merge")))
}

/// A float key as sigs.k8s.io/yaml spells it: shortest form that a 32-bit float needs.
fn float_key(n: f64) -> String {
    match () {
        () if n.is_nan() => ".nan".into(),
        () if (n as f32).is_infinite() => if n > 0.0 { ".inf" } else { "-.inf" }.into(),
        () => strconv::format_float(n, 'g', 32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_libraries_know_fewer_numbers() {
        use crate::go::yaml::{Style, from_json_in};

        let read = |text: &str, exponents| {
            let text = format!("v: {text}\n");
            let short = to_json_with_floats(&text, exponents).unwrap();
            let full = first_document(&text).unwrap().unwrap().to_json_with_floats(exponents).unwrap();
            assert_eq!(short, full, "{text}");
            short["v"].as_str().is_none()
        };
        for (text, early) in [("1e3", false), ("1.", false), ("1.5e+3", true), ("-.5", true), ("1e-3", true)] {
            assert_eq!(read(text, Exponents::Signed), early, "{text}");
            assert!(read(text, Exponents::Any), "{text}");
            let style = Style { exponents: Exponents::Signed, ..Style::default() };
            assert_eq!(from_json_in(&text.into(), style) == format!("{text}\n"), !early, "{text}");
        }
    }

    #[test]
    fn keys_merge_by_their_tag() {
        let json = |text: &str| to_json(text).map(|v| v.to_string());
        for (text, wanted) in [
            ("{<<: {a: 1}}", r#"{"a":1}"#),
            ("{! << : {a: 1}}", r#"{"a":1}"#),
            ("{! \"<<\" : {a: 1}}", r#"{"a":1}"#),
            ("{!!merge \"<<\": {a: 1}}", r#"{"a":1}"#),
            ("{\"<<\": {a: 1}}", r#"{"<<":{"a":1}}"#),
            ("{!!str <<: {a: 1}}", r#"{"<<":{"a":1}}"#),
            ("{!!merge x: {a: 1}}", r#"{"x":{"a":1}}"#),
        ] {
            assert_eq!(json(text).map(|t| t.replace("\\u003c", "<")), Ok(wanted.to_owned()), "{text}");
        }
    }
}
