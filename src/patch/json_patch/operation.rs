//! One operation of a patch, its fields read as the library reads them.

use super::MISSING;
use super::tree::Tree;
use crate::go::json::Value;

pub(super) struct Operation<'a, T> {
    pub(super) op: &'a str,
    path: &'a Value,
    from: &'a Value,
    value: Option<T>,
}

impl<'a, T: Tree> Operation<'a, T> {
    /// The operation of these members, with its value in the form of the document.
    pub(super) fn of(members: &'a Value, value: Option<T>) -> Operation<'a, T> {
        let op = members["op"].as_str().unwrap_or("unknown");
        Operation { op, path: &members["path"], from: &members["from"], value }
    }

    /// Errors: what is wrong with the path.
    pub(super) fn path(&self) -> Result<&'a str, String> {
        self.text(self.path, "path", "operation missing path field")
    }

    /// [`path`](Self::path), where the library says only that it misses something.
    pub(super) fn path_or_missing(&self) -> Result<&'a str, String> {
        self.path.as_str().ok_or_else(|| format!("{} operation failed to decode path: {MISSING}", self.op))
    }

    /// Errors: what is wrong with `from`.
    pub(super) fn from(&self) -> Result<&'a str, String> {
        self.text(self.from, "from", "operation, missing from field")
    }

    fn text(&self, value: &'a Value, name: &str, missing: &str) -> Result<&'a str, String> {
        let op = self.op;
        match value {
            Value::String(text) => Ok(text),
            Value::Null => Err(format!("{op} operation failed to decode {name}: {missing}: {MISSING}")),
            other => Err(format!(
                "{op} operation failed to decode {name}: json: cannot unmarshal {} into Go value of type string",
                other.kind()
            )),
        }
    }

    /// The value; null when there is none.
    pub(super) fn value(&self) -> T {
        self.value.clone().unwrap_or_else(T::null)
    }
}
