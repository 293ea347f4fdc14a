//! Applying a JSON Patch as the API server does, with its liberties: indices may be negative, `replace` and `copy`
//! accept missing members, errors read as in Go.
//!
//! Source: gopkg.in/evanphx/json-patch.v4 4.13 as kube-apiserver 1.36 uses it. Two things that only show for
//! hand-written text are not followed: `test` compares decoded strings (the library their spelling), and where the
//! library panics, an error comes.

use crate::go::json::{self, Value};

/// How many bytes all `copy` operations of a patch may add, as the API server sets it.
pub const MAX_COPIED: u64 = 3 << 20;

const MISSING: &str = "missing value";

/// Applies `patch` (a list of operations) to a document under the API server's limit.
///
/// Errors: Go's text; the document is lost.
pub fn apply(document: Value, patch: &Value) -> Result<Value, String> {
    apply_limited(document, patch, MAX_COPIED)
}

/// [`apply`] with another limit for the bytes that `copy` adds; 0 means none.
///
/// Errors: Go's text; the document is lost.
pub fn apply_limited(document: Value, patch: &Value, max_copied: u64) -> Result<Value, String> {
    run(document, patch, max_copied, false)
}

/// Applies a patch by the letter of RFC 6902: what is replaced, copied or moved must exist, and indices count from the
/// front. Error texts are as in Go where it has one.
///
/// Errors: the first operation that does not apply; the document is lost.
pub fn apply_strict(document: Value, patch: &Value) -> Result<Value, String> {
    run(document, patch, 0, true)
}

fn run(document: Value, patch: &Value, max_copied: u64, strict: bool) -> Result<Value, String> {
    let operations = operations(patch)?;
    if !matches!(document, Value::Object(_) | Value::Array(_) | Value::Null) {
        return Err(format!("json: cannot unmarshal {} into Go value of type jsonpatch.partialDoc", document.kind()));
    }
    let mut patcher = Patcher { document, copied: 0, max_copied, strict };
    for operation in operations {
        patcher.apply(operation)?;
    }
    Ok(patcher.document)
}

/// Checks the shape that decoding a patch asks for.
///
/// Errors: Go's text.
pub fn operations(patch: &Value) -> Result<&[Value], String> {
    let mismatch =
        |v: &Value, ty: &str| format!("json: cannot unmarshal {} into Go value of type jsonpatch.{ty}", v.kind());
    let operations = match patch {
        Value::Null => return Ok(&[]),
        Value::Array(operations) => operations,
        other => return Err(mismatch(other, "Patch")),
    };
    match operations.iter().find(|o| !matches!(o, Value::Object(_) | Value::Null)) {
        Some(other) => Err(mismatch(other, "Operation")),
        None => Ok(operations),
    }
}

struct Patcher {
    document: Value,
    copied: u64,
    max_copied: u64,
    strict: bool,
}

/// What a path leads to: the container and the key in it, decoded.
struct Place<'a> {
    container: &'a mut Value,
    key: String,
}

impl Patcher {
    fn apply(&mut self, operation: &Value) -> Result<(), String> {
        if self.strict {
            self.check(operation)?;
        }
        match operation["op"].as_str().unwrap_or("unknown") {
            "add" => self.add(operation),
            "remove" => self.remove(operation),
            "replace" => self.replace(operation),
            "move" => self.relocate(operation),
            "copy" => self.copy(operation),
            "test" => self.test(operation),
            other => Err(format!("Unexpected kind: {other}")),
        }
    }

    /// What RFC 6902 asks beyond the library.
    fn check(&self, operation: &Value) -> Result<(), String> {
        let missing = |key: &str| {
            let place = operation[key].as_str().unwrap_or_default();
            match self.document.pointer(place) {
                Some(_) => Ok(()),
                None => Err(format!("there is nothing at {place}: {MISSING}")),
            }
        };
        match operation["op"].as_str() {
            Some("replace" | "remove" | "test") => missing("path"),
            Some("move" | "copy") => missing("from"),
            _ => Ok(()),
        }
    }

    fn place(&mut self, path: &str) -> Option<Place<'_>> {
        place(&mut self.document, path)
    }

    fn add(&mut self, operation: &Value) -> Result<(), String> {
        let path = path(operation, "add")?;
        let place = self
            .place(path)
            .ok_or_else(|| format!("add operation does not apply: doc is missing path: {path:?}: {MISSING}"))?;
        place.add(operation["value"].clone()).map_err(|e| format!("error in add for path: '{path}': {e}"))
    }

    fn remove(&mut self, operation: &Value) -> Result<(), String> {
        let path = path(operation, "remove")?;
        let place = self
            .place(path)
            .ok_or_else(|| format!("remove operation does not apply: doc is missing path: {path:?}: {MISSING}"))?;
        place.remove().map_err(|e| format!("error in remove for path: '{path}': {e}"))?;
        Ok(())
    }

    fn replace(&mut self, operation: &Value) -> Result<(), String> {
        let path = path(operation, "replace")?;
        let value = &operation["value"];
        if path.is_empty() {
            if !matches!(value, Value::Object(_) | Value::Array(_)) {
                return Err("replace operation value must be object or array: %!w(<nil>)".into());
            }
            self.document = value.clone();
            return Ok(());
        }
        let place = self
            .place(path)
            .ok_or_else(|| format!("replace operation does not apply: doc is missing path: {path}: {MISSING}"))?;
        if place.get().is_err() {
            return Err(format!("replace operation does not apply: doc is missing key: {path}: {MISSING}"));
        }
        // The library speaks of removal here.
        place.set(value.clone()).map_err(|e| format!("error in remove for path: '{path}': {e}"))
    }

    fn relocate(&mut self, operation: &Value) -> Result<(), String> {
        let from = from(operation, "move")?;
        let place = self
            .place(from)
            .ok_or_else(|| format!("move operation does not apply: doc is missing from path: {from}: {MISSING}"))?;
        let key = place.key.clone();
        let failed = |e| format!("error in move for path: '{key}': {e}");
        place.get().map_err(failed)?;
        let value = place.remove().map_err(failed)?;
        let path = path(operation, "move")?;
        let place = self.place(path).ok_or_else(|| {
            format!("move operation does not apply: doc is missing destination path: {path}: {MISSING}")
        })?;
        place.add(value).map_err(|e| format!("error in move for path: '{path}': {e}"))
    }

    fn copy(&mut self, operation: &Value) -> Result<(), String> {
        let from = from(operation, "copy")?;
        let place = self
            .place(from)
            .ok_or_else(|| format!("copy operation does not apply: doc is missing from path: {from}: {MISSING}"))?;
        let value = place.get().map_err(|e| format!("error in copy for from: '{from}': {e}"))?.clone();
        let path = path(operation, "copy")?;
        if self.place(path).is_none() {
            return Err(format!("copy operation does not apply: doc is missing destination path: {path}: {MISSING}"));
        }
        if !value.is_null() {
            self.copied += json::to_string(&value).len() as u64;
        }
        if self.max_copied > 0 && self.copied > self.max_copied {
            let (copied, limit) = (self.copied, self.max_copied);
            return Err(format!(
                "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {limit}"
            ));
        }
        match self.place(path) {
            Some(place) => place.add(value).map_err(|e| format!("error while adding value during copy: {e}")),
            None => Ok(()),
        }
    }

    fn test(&mut self, operation: &Value) -> Result<(), String> {
        let path = path(operation, "test")?;
        let expected = &operation["value"];
        let failed = || format!("testing value {path} failed: test failed");
        if path.is_empty() {
            return if equal(&self.document, expected) { Ok(()) } else { Err(failed()) };
        }
        let place = self
            .place(path)
            .ok_or_else(|| format!("test operation does not apply: is missing path: {path}: {MISSING}"))?;
        let value = place.get().map_err(|e| format!("error in test for path: '{path}': {e}"))?;
        if equal(value, expected) { Ok(()) } else { Err(failed()) }
    }
}

fn path<'a>(operation: &'a Value, op: &str) -> Result<&'a str, String> {
    operation["path"].as_str().ok_or_else(|| format!("{op} operation failed to decode path: {MISSING}"))
}

fn from<'a>(operation: &'a Value, op: &str) -> Result<&'a str, String> {
    match &operation["from"] {
        Value::String(from) => Ok(from),
        Value::Null => Err(format!("{op} operation failed to decode from: operation, missing from field: {MISSING}")),
        other => Err(format!(
            "{op} operation failed to decode from: json: cannot unmarshal {} into Go value of type string",
            other.kind()
        )),
    }
}

/// Walks to the container that `path` ends in; `None` where there is none. What stands before the first `/` does not
/// matter.
fn place<'a>(document: &'a mut Value, path: &str) -> Option<Place<'a>> {
    let (_, path) = path.split_once('/')?;
    let (parents, key) = path.rsplit_once('/').map_or((None, path), |(parents, key)| (Some(parents), key));
    let mut container = document;
    for part in parents.iter().flat_map(|p| p.split('/')) {
        let part = unescape(part);
        container = match container {
            Value::Object(members) => members.get_mut(&part)?,
            Value::Array(items) => {
                let at = index(&part, items.len()).ok()?;
                items.get_mut(at)?
            }
            _ => return None,
        };
        if !matches!(container, Value::Object(_) | Value::Array(_)) {
            return None;
        }
    }
    Some(Place { container, key: unescape(key) })
}

/// A token of a JSON pointer as it was meant.
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The position in a list of `len` items that `key` names; negative ones count from the end.
fn index(key: &str, len: usize) -> Result<usize, String> {
    let at = atoi(key)?;
    let position = if at < 0 { at + len as i64 } else { at };
    match usize::try_from(position) {
        Ok(position) if position < len => Ok(position),
        _ => Err(format!("Unable to access invalid index: {at}: invalid index referenced")),
    }
}

/// Go's `strconv.Atoi`.
fn atoi(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let problem = if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        "invalid syntax"
    } else {
        match text.strip_prefix('+').unwrap_or(text).parse() {
            Ok(n) => return Ok(n),
            Err(_) => "value out of range",
        }
    };
    Err(format!("strconv.Atoi: parsing {}: {problem}", crate::go::strconv::quote(text)))
}

impl<'a> Place<'a> {
    /// The value; null for a member that is not there.
    fn get(&self) -> Result<&Value, String> {
        static NULL: Value = Value::Null;
        match &*self.container {
            Value::Array(items) => Ok(&items[index(&self.key, items.len())?]),
            other => Ok(other.get(&self.key).unwrap_or(&NULL)),
        }
    }

    fn set(self, value: Value) -> Result<(), String> {
        match self.container {
            Value::Array(items) => {
                let at = index(&self.key, items.len())?;
                items[at] = value;
                Ok(())
            }
            other => member(other, &self.key, value),
        }
    }

    fn add(self, value: Value) -> Result<(), String> {
        let Value::Array(items) = self.container else { return member(self.container, &self.key, value) };
        if self.key == "-" {
            items.push(value);
            return Ok(());
        }
        let not_an_index = |e| format!("value was not a proper array index: '{}': {e}", self.key);
        atoi(&self.key).map_err(not_an_index)?;
        let at = index(&self.key, items.len() + 1)?;
        items.insert(at, value);
        Ok(())
    }

    fn remove(self) -> Result<Value, String> {
        match self.container {
            Value::Array(items) => {
                let at = index(&self.key, items.len())?;
                Ok(items.remove(at))
            }
            Value::Object(members) => members
                .remove(&self.key)
                .ok_or_else(|| format!("Unable to remove nonexistent key: {}: {MISSING}", self.key)),
            _ => Err(format!("Unable to remove nonexistent key: {}: {MISSING}", self.key)),
        }
    }
}

fn member(container: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match container {
        Value::Object(members) => {
            members.insert(key, value);
            Ok(())
        }
        _ => Err("assignment to entry in nil map".into()),
    }
}

/// Equality of `test`: members in any order, numbers by spelling.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|other| equal(v, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Number(a), Value::Number(b)) => a.to_string() == b.to_string(),
        (a, b) => a == b,
    }
}
