//! The difference of two documents as a JSON Patch, the way the injector makes it: lists are compared by position.

use crate::go::json::{Number, Object, Str, Value};

/// The operations that turn `from` into `to`: a list of `{op, path, value}`. Lists shrink at their end, last item
/// first, or grow at their end; then the common positions are compared. Members are taken in the order of `to`, then
/// those that are gone in the order of `from` (the real order of members is random). Numbers differ when their
/// spelling does.
///
/// Source: gomodules.xyz/jsonpatch v2.5.0.
pub fn diff(from: &Value, to: &Value) -> Value {
    let mut differ = Differ { operations: Vec::new(), path: String::new() };
    differ.value(from, to);
    Value::Array(differ.operations)
}

struct Differ {
    operations: Vec<Value>,
    /// The JSON pointer of the place that is compared.
    path: String,
}

impl Differ {
    fn value(&mut self, from: &Value, to: &Value) {
        match (from, to) {
            (Value::Object(from), Value::Object(to)) => self.object(from, to),
            (Value::Array(from), Value::Array(to)) => self.array(from, to),
            (Value::Number(from), Value::Number(to)) if same_spelling(from, to) => {}
            (Value::Null, Value::Null) => {}
            (Value::Bool(from), Value::Bool(to)) if from == to => {}
            (Value::String(from), Value::String(to)) if from == to => {}
            _ => self.operation("replace", Some(to)),
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
