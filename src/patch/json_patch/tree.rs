//! What a patch needs of a document, and walking through it; documents are values or texts.

use std::borrow::Cow;

use super::MISSING;
use crate::go::json::{self, Object, Value};
use crate::go::strconv;

/// A document or a part of one.
pub(super) trait Tree: Clone {
    fn null() -> Self;
    fn is_null(&self) -> bool;
    /// The members or items; `None` for scalars and null.
    fn open(&mut self) -> Option<Open<'_, Self>>;
    /// Compact JSON.
    fn print(&self) -> String;
    /// A copy as `copy` makes it.
    fn copied(self) -> Self;
    /// Equality of `test`. Errors: nulls in lists, of which the library dies.
    fn same(&mut self, other: &mut Self) -> Result<bool, String>;
}

pub(super) enum Open<'a, T> {
    Object(&'a mut dyn Members<T>),
    Array(&'a mut Vec<T>),
}

pub(super) trait Members<T> {
    fn find(&mut self, key: &str) -> Option<&mut T>;
    fn put(&mut self, key: &str, value: T);
    fn take(&mut self, key: &str) -> Option<T>;
}

impl Members<Value> for Object {
    fn find(&mut self, key: &str) -> Option<&mut Value> {
        self.get_mut(key)
    }

    fn put(&mut self, key: &str, value: Value) {
        self.insert(key, value);
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.remove(key)
    }
}

impl Tree for Value {
    fn null() -> Value {
        Value::Null
    }

    fn is_null(&self) -> bool {
        Value::is_null(self)
    }

    fn open(&mut self) -> Option<Open<'_, Value>> {
        match self {
            Value::Object(members) => Some(Open::Object(members)),
            Value::Array(items) => Some(Open::Array(items)),
            _ => None,
        }
    }

    fn print(&self) -> String {
        json::to_string(self)
    }

    fn copied(self) -> Value {
        self
    }

    fn same(&mut self, other: &mut Value) -> Result<bool, String> {
        equal(self, other)
    }
}

pub(super) const DEAD: &str = "runtime error: invalid memory address or nil pointer dereference";

/// Members in any order, numbers by spelling.
fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    Ok(match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().try_fold(true, |same, (key, value)| match b.get(key) {
                    Some(other) if same => equal(value, other),
                    _ => Ok::<_, String>(false),
                })?
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                if a.is_null() || b.is_null() {
                    return Err(DEAD.into());
                }
                if !equal(a, b)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Number(a), Value::Number(b)) => a.to_string() == b.to_string(),
        (a, b) => a == b,
    })
}

/// What a path leads to: the container and the key in it, decoded.
pub(super) struct Place<'a, T> {
    container: Open<'a, T>,
    pub(super) key: Cow<'a, str>,
}

/// Walks to the container that `path` ends in; `None` where there is none. What stands before the first `/` does not
/// matter.
pub(super) fn place<'a, T: Tree>(document: &'a mut T, path: &str) -> Option<Place<'a, T>> {
    let (_, path) = path.split_once('/')?;
    let (parents, key) = path.rsplit_once('/').map_or((None, path), |(parents, key)| (Some(parents), key));
    let mut container = document.open()?;
    for part in parents.iter().flat_map(|p| p.split('/')) {
        let part = unescape(part);
        let next = match container {
            Open::Object(members) => members.find(&part)?,
            Open::Array(items) => {
                let at = index(&part, items.len()).ok()?;
                items.get_mut(at)?
            }
        };
        container = next.open()?;
    }
    Some(Place { container, key: unescape(key).into_owned().into() })
}

/// A token of a JSON pointer as it was meant, read from left to right in one pass.
fn unescape(token: &str) -> Cow<'_, str> {
    match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~").into(),
        false => token.into(),
    }
}

/// The position in a list of `len` items that `key` names; negative ones count from the end.
fn index(key: &str, len: usize) -> Result<usize, String> {
    let at = strconv::atoi(key)?;
    let position = if at < 0 { at + len as i64 } else { at };
    match usize::try_from(position) {
        Ok(position) if position < len => Ok(position),
        _ => Err(format!("Unable to access invalid index: {at}: invalid index referenced")),
    }
}

impl<T: Tree> Place<'_, T> {
    /// The value; none for a member that is not there.
    pub(super) fn get(&mut self) -> Result<Option<&mut T>, String> {
        match &mut self.container {
            Open::Array(items) => {
                let at = index(&self.key, items.len())?;
                Ok(items.get_mut(at))
            }
            Open::Object(members) => Ok(members.find(&self.key)),
        }
    }

    pub(super) fn set(self, value: T) -> Result<(), String> {
        match self.container {
            Open::Array(items) => {
                let at = index(&self.key, items.len())?;
                items[at] = value;
            }
            Open::Object(members) => members.put(&self.key, value),
        }
        Ok(())
    }

    pub(super) fn add(self, value: T) -> Result<(), String> {
        let items = match self.container {
            Open::Array(items) => items,
            Open::Object(members) => {
                members.put(&self.key, value);
                return Ok(());
            }
        };
        if self.key == "-" {
            items.push(value);
            return Ok(());
        }
        let not_an_index = |e| format!("value was not a proper array index: '{}': {e}", self.key);
        strconv::atoi(&self.key).map_err(not_an_index)?;
        let at = index(&self.key, items.len() + 1)?;
        items.insert(at, value);
        Ok(())
    }

    pub(super) fn remove(self) -> Result<T, String> {
        match self.container {
            Open::Array(items) => {
                let at = index(&self.key, items.len())?;
                Ok(items.remove(at))
            }
            Open::Object(members) => members
                .take(&self.key)
                .ok_or_else(|| format!("Unable to remove nonexistent key: {}: {MISSING}", self.key)),
        }
    }
}
