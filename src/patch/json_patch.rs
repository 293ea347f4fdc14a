//! Applying a JSON Patch as the API server does, with its liberties: indices may be negative, `replace` and `copy`
//! accept missing members, errors read as in Go.
//!
//! [`apply`] works on values. Two things only show in text: `test` compares how strings and numbers are spelled, and
//! what no operation comes by keeps its spelling; [`apply_text`] is exact there too, to the byte.
//!
//! ```
//! use conjector::patch::json_patch;
//!
//! let patch = r#"[{"op":"add","path":"/b/-","value":2},{"op":"remove","path":"/a"}]"#;
//! assert_eq!(json_patch::apply_text(r#"{"a": 1, "b": [1]}"#, patch, 0).unwrap(), r#"{"b":[1,2]}"#);
//! let error = json_patch::apply_text("{}", r#"[{"op":"remove","path":"/a"}]"#, 0).unwrap_err();
//! assert_eq!(error, "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value");
//! ```
//!
//! Source: gopkg.in/evanphx/json-patch.v4 4.13 as kube-apiserver 1.36 uses it. Where the library panics, an error comes.

mod operation;
mod text;
mod tree;

use crate::go::json::Value;
use operation::Operation;
use tree::{Place, Tree, place};

pub use text::apply_text;

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
/// front. Error texts are as in Go where it has one; the limit is the API server's.
///
/// Errors: the first operation that does not apply; the document is lost.
pub fn apply_strict(document: Value, patch: &Value) -> Result<Value, String> {
    run(document, patch, MAX_COPIED, true)
}

fn run(document: Value, patch: &Value, max_copied: u64, strict: bool) -> Result<Value, String> {
    let operations = operations(patch)?;
    if !matches!(document, Value::Object(_) | Value::Array(_) | Value::Null) {
        return Err(no_document(document.kind()));
    }
    let mut patcher = Patcher { document, copied: 0, max_copied };
    for operation in operations {
        if strict {
            check(&patcher.document, operation)?;
        }
        patcher.apply(&Operation::of(operation, operation.get("value").cloned()))?;
    }
    Ok(patcher.document)
}

fn no_document(kind: &str) -> String {
    format!("json: cannot unmarshal {kind} into Go value of type jsonpatch.partialDoc")
}

/// What RFC 6902 asks beyond the library.
fn check(document: &Value, operation: &Value) -> Result<(), String> {
    let missing = |key: &str| {
        let place = operation[key].as_str().unwrap_or_default();
        match document.pointer(place) {
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

struct Patcher<T> {
    document: T,
    copied: u64,
    max_copied: u64,
}

impl<T: Tree> Patcher<T> {
    fn apply(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        match operation.op {
            "add" => self.add(operation),
            "remove" => self.remove(operation),
            "replace" => self.replace(operation),
            "move" => self.relocate(operation),
            "copy" => self.copy(operation),
            "test" => self.test(operation),
            other => Err(format!("Unexpected kind: {other}")),
        }
    }

    fn place(&mut self, path: &str) -> Option<Place<'_, T>> {
        place(&mut self.document, path)
    }

    fn add(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let path = operation.path_or_missing()?;
        let place = self
            .place(path)
            .ok_or_else(|| format!("add operation does not apply: doc is missing path: \"{path}\": {MISSING}"))?;
        place.add(operation.value()).map_err(|e| format!("error in add for path: '{path}': {e}"))
    }

    fn remove(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let path = operation.path_or_missing()?;
        let place = self
            .place(path)
            .ok_or_else(|| format!("remove operation does not apply: doc is missing path: \"{path}\": {MISSING}"))?;
        place.remove().map_err(|e| format!("error in remove for path: '{path}': {e}"))?;
        Ok(())
    }

    fn replace(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let path = operation.path()?;
        if path.is_empty() {
            let mut value = operation.value();
            if value.open().is_none() {
                return Err("replace operation value must be object or array: %!w(<nil>)".into());
            }
            self.document = value;
            return Ok(());
        }
        let mut place = self
            .place(path)
            .ok_or_else(|| format!("replace operation does not apply: doc is missing path: {path}: {MISSING}"))?;
        if place.get().is_err() {
            return Err(format!("replace operation does not apply: doc is missing key: {path}: {MISSING}"));
        }
        // The library speaks of removal here.
        place.set(operation.value()).map_err(|e| format!("error in remove for path: '{path}': {e}"))
    }

    fn relocate(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let from = operation.from()?;
        let mut place = self
            .place(from)
            .ok_or_else(|| format!("move operation does not apply: doc is missing from path: {from}: {MISSING}"))?;
        let key = place.key.clone();
        let failed = |e| format!("error in move for path: '{key}': {e}");
        place.get().map_err(failed)?;
        let value = place.remove().map_err(failed)?;
        let path = operation.path()?;
        let place = self.place(path).ok_or_else(|| {
            format!("move operation does not apply: doc is missing destination path: {path}: {MISSING}")
        })?;
        place.add(value).map_err(|e| format!("error in move for path: '{path}': {e}"))
    }

    fn copy(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let from = operation.from()?;
        let missing = || format!("copy operation does not apply: doc is missing from path: {from}: {MISSING}");
        let failed = |e| format!("error in copy for from: '{from}': {e}");
        self.place(from).ok_or_else(missing)?.get().map_err(failed)?;
        let path = operation.path_or_missing()?;
        if self.place(path).is_none() {
            return Err(format!("copy operation does not apply: doc is missing destination path: {path}: {MISSING}"));
        }
        // Only now: the way to the destination may take apart what is copied.
        let value = self.place(from).ok_or_else(missing)?.get().map_err(failed)?.map_or_else(T::null, |v| v.clone());
        if !value.is_null() {
            self.copied += value.print().len() as u64;
        }
        if self.max_copied > 0 && self.copied > self.max_copied {
            let (copied, limit) = (self.copied, self.max_copied);
            return Err(format!(
                "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {limit}"
            ));
        }
        match self.place(path) {
            Some(place) => place.add(value.copied()).map_err(|e| format!("error while adding value during copy: {e}")),
            None => Ok(()),
        }
    }

    fn test(&mut self, operation: &Operation<'_, T>) -> Result<(), String> {
        let path = operation.path()?;
        let mut expected = operation.value();
        let result = |equal| if equal { Ok(()) } else { Err(format!("testing value {path} failed: test failed")) };
        if path.is_empty() {
            return result(self.document.same(&mut expected)?);
        }
        let mut place = self
            .place(path)
            .ok_or_else(|| format!("test operation does not apply: is missing path: {path}: {MISSING}"))?;
        match place.get().map_err(|e| format!("error in test for path: '{path}': {e}"))? {
            Some(value) if !value.is_null() && !expected.is_null() => result(value.same(&mut expected)?),
            value => result(value.is_none_or(|v| v.is_null()) == expected.is_null()),
        }
    }
}
