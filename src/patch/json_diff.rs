//! The difference of two documents as a JSON Patch, the way the injector makes it: lists are compared by position.
//!
//! ```
//! use conjector::patch::json_diff;
//!
//! let (from, to) = json_diff::documents(r#"{"a":[1,2,3],"b":1}"#, r#"{"a":[1,5],"b":1.0}"#).unwrap();
//! assert_eq!(
//!     json_diff::diff(&from, &to).to_string(),
//!     r#"[{"op":"remove","path":"/a/2"},{"op":"replace","path":"/a/1","value":5},{"op":"replace","path":"/b","value":1.0}]"#
//! );
//! assert!(!json_diff::has_one_order(&from, &to)); // `a` and `b` come in any order
//! ```

use crate::go::json::{self, Number, Object, Str, Value};

/// The operations that turn `from` into `to`: a list of `{op, path, value}`. Lists shrink at their end, last item
/// first, or grow at their end; then the common positions are compared. Members are taken in the order of `to`, then
/// those that are gone in the order of `from` (the real order of members is random). Numbers differ when their
/// spelling does.
///
/// Source: gomodules.xyz/jsonpatch v2.5.0.
pub fn diff(from: &Value, to: &Value) -> Value {
    diff_as(from, to, Library::Exact)
}

/// [`diff`] as another version of the library does it.
pub fn diff_as(from: &Value, to: &Value, library: Library) -> Value {
    let mut differ = Differ { library, operations: Vec::new(), path: String::new() };
    differ.value(from, to);
    Value::Array(differ.operations)
}

/// The versions of the library that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// Numbers are floats; what was null is added, not replaced; lists of plain values change by the fewest edits.
    ///
    /// Source: gomodules.xyz/jsonpatch v3.0.1.
    Edits,
    /// Numbers are floats.
    ///
    /// Source: gomodules.xyz/jsonpatch v2.4.0.
    Floats,
    /// Numbers differ when their spelling does.
    Exact,
}

/// How many pairs of items are compared at most when the fewest edits are looked for; longer lists are compared by
/// position, which gives other operations with the same result.
const MAX_EDITS: usize = 4 << 20;

/// Reads both documents. What follows the first value of a text is not looked at.
///
/// Errors: the library's text for one that is no JSON.
pub fn documents(from: &str, to: &str) -> Result<(Value, Value), String> {
    let read = |text: &str| match json::parse_prefix(text.as_bytes()) {
        Ok((value, _)) => Ok(value),
        Err(_) => Err("invalid JSON Document".to_owned()),
    };
    if from == to {
        // Equal texts are not looked at.
        let value = read(from).unwrap_or_default();
        return Ok((value.clone(), value));
    }
    Ok((read(from)?, read(to)?))
}

/// True when the library's operations have only one order: it takes the members of an object in random order, so no
/// object may have two members with operations below.
pub fn has_one_order(from: &Value, to: &Value) -> bool {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => {
            let (added, common): (Vec<_>, Vec<_>) = to.iter().partition(|(key, _)| !from.contains_key(key));
            let removed = from.keys().filter(|key| !to.contains_key(key)).count();
            let pairs = || common.iter().filter_map(|(key, after)| Some((from.get(key)?, *after)));
            let changed = pairs().filter(|(before, after)| differ(before, after)).count();
            // Removals come after all else.
            added.len() + changed <= 1 && removed <= 1 && pairs().all(|(before, after)| has_one_order(before, after))
        }
        (Value::Array(from), Value::Array(to)) => from.iter().zip(to).all(|(a, b)| has_one_order(a, b)),
        _ => true,
    }
}

fn differ(from: &Value, to: &Value) -> bool {
    !diff(from, to).items().is_empty()
}

struct Differ {
    library: Library,
    operations: Vec<Value>,
    /// The JSON pointer of the place that is compared.
    path: String,
}

impl Differ {
    fn value(&mut self, from: &Value, to: &Value) {
        match (from, to) {
            (Value::Object(from), Value::Object(to)) => self.object(from, to),
            (Value::Array(from), Value::Array(to)) => self.array(from, to),
            (Value::Number(from), Value::Number(to)) if self.same(from, to) => {}
            (Value::Null, Value::Null) => {}
            (Value::Bool(from), Value::Bool(to)) if from == to => {}
            (Value::String(from), Value::String(to)) if from == to => {}
            (Value::Null, _) if self.library == Library::Edits => self.operation("add", Some(to)),
            _ => self.operation("replace", Some(to)),
        }
    }

    fn same(&self, a: &Number, b: &Number) -> bool {
        match self.library {
            Library::Exact => same_spelling(a, b),
            Library::Edits | Library::Floats => a.as_f64() == b.as_f64(),
        }
    }

    fn object(&mut self, from: &Object, to: &Object) {
        for (key, value) in to.iter() {
            match from.get(key) {
                Some(before) => self.at(key, |differ| differ.value(before, value)),
                None => self.at(key, |differ| differ.operation("add", Some(value))),
            }
        }
        for key in from.keys().filter(|key| !to.contains_key(key)) {
            self.at(key, |differ| differ.operation("remove", None));
        }
    }

    fn array(&mut self, from: &[Value], to: &[Value]) {
        let plain = |v: &Value| matches!(v, Value::String(_) | Value::Number(_) | Value::Bool(_));
        if self.library == Library::Edits && from.iter().chain(to).all(plain) {
            return self.edits(from, to);
        }
        self.by_position(from, to);
    }

    fn by_position(&mut self, from: &[Value], to: &[Value]) {
        let common = from.len().min(to.len());
        for i in (common..from.len()).rev() {
            self.at(&i.to_string(), |differ| differ.operation("remove", None));
        }
        for (i, value) in to.iter().enumerate().skip(common) {
            self.at(&i.to_string(), |differ| differ.operation("add", Some(value)));
        }
        for (i, (before, after)) in from.iter().zip(to).enumerate() {
            self.at(&i.to_string(), |differ| differ.value(before, after));
        }
    }

    /// The fewest edits (Wagner and Fischer), the last ones first; of equally short ways removals are preferred, then
    /// additions.
    fn edits(&mut self, from: &[Value], to: &[Value]) {
        let same = |i: usize, j: usize| match (&from[i], &to[j]) {
            (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
            (a, b) => a == b,
        };
        if from.len().saturating_mul(to.len()) > MAX_EDITS {
            return self.by_position(from, to);
        }
        let mut costs = vec![vec![0usize; to.len() + 1]; from.len() + 1];
        for i in 0..=from.len() {
            for j in 0..=to.len() {
                costs[i][j] = match (i, j) {
                    (i, 0) => i,
                    (0, j) => j,
                    (i, j) if same(i - 1, j - 1) => costs[i - 1][j - 1],
                    (i, j) => 1 + costs[i - 1][j].min(costs[i][j - 1]).min(costs[i - 1][j - 1]),
                };
            }
        }
        let (mut i, mut j) = (from.len(), to.len());
        while i > 0 || j > 0 {
            let cost = costs[i][j];
            if i > 0 && costs[i - 1][j] + 1 == cost {
                i -= 1;
                self.at(&i.to_string(), |differ| differ.operation("remove", None));
            } else if j > 0 && costs[i][j - 1] + 1 == cost {
                j -= 1;
                self.at(&i.to_string(), |differ| differ.operation("add", Some(&to[j])));
            } else {
                (i, j) = (i - 1, j - 1);
                if costs[i][j] + 1 == cost {
                    self.at(&i.to_string(), |differ| differ.operation("replace", Some(&to[j])));
                }
            }
        }
    }

    fn at(&mut self, key: &str, work: impl FnOnce(&mut Differ)) {
        let length = self.path.len();
        self.path.push('/');
        for c in key.chars() {
            match c {
                '~' => self.path.push_str("~0"),
                '/' => self.path.push_str("~1"),
                c => self.path.push(c),
            }
        }
        work(self);
        self.path.truncate(length);
    }

    fn operation(&mut self, op: &'static str, value: Option<&Value>) {
        let mut operation = Object::with_capacity(3);
        operation.push(Str::const_new("op"), op);
        operation.push(Str::const_new("path"), self.path.as_str());
        if let Some(value) = value {
            operation.push(Str::const_new("value"), value.clone());
        }
        self.operations.push(Value::Object(operation));
    }
}

fn same_spelling(a: &Number, b: &Number) -> bool {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a == b,
        _ => a.to_string() == b.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;
    use crate::patch::json_patch;

    #[test]
    fn old_libraries() {
        let parse = |text: &str| json::parse(text).unwrap();
        for (from, to, want) in [
            (r#"{"a":null}"#, r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a","value":[1]}]"#),
            (r#"{"a":["x","y"]}"#, r#"{"a":["y"]}"#, r#"[{"op":"remove","path":"/a/0"}]"#),
            (r#"{"a":["x"]}"#, r#"{"a":["n","x"]}"#, r#"[{"op":"add","path":"/a/0","value":"n"}]"#),
            (r#"{"a":["x","z"]}"#, r#"{"a":["y","z"]}"#, r#"[{"op":"replace","path":"/a/0","value":"y"}]"#),
            (r#"{"a":1.0}"#, r#"{"a":1}"#, "[]"),
        ] {
            let (from, to) = (parse(from), parse(to));
            let patch = diff_as(&from, &to, Library::Edits);
            assert_eq!(patch.to_string(), want);
            json_patch::apply(from, &patch).unwrap();
        }
    }

    #[test]
    fn long_lists_are_compared_by_position() {
        let list = |n: i64, len: usize| Value::Array(vec![n.into(); len]);
        let (from, to) = (list(1, 3000), list(2, 3000));
        let patch = diff_as(&from, &to, Library::Edits);
        assert_eq!(json_patch::apply(from, &patch).unwrap(), to);
    }
}
