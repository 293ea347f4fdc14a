//! The operations of a patch.

use crate::go::json::{Object, Str, Value};
use crate::injector::pod;

/// Operations in order.
#[derive(Debug, Default)]
pub(super) struct Operations(Vec<Value>);

impl Operations {
    fn push(&mut self, op: &'static str, path: String, value: Option<Value>) {
        let mut operation = Object::with_capacity(3);
        operation.push("op", op);
        operation.push("path", path);
        if let Some(value) = value {
            operation.push("value", value);
        }
        self.0.push(Value::Object(operation));
    }

    /// Adds a value.
    pub(super) fn add(&mut self, path: impl Into<String>, value: impl Into<Value>) {
        self.push("add", path.into(), Some(value.into()));
    }

    /// Replaces a value.
    pub(super) fn replace(&mut self, path: impl Into<String>, value: impl Into<Value>) {
        self.push("replace", path.into(), Some(value.into()));
    }

    /// Removes the wanted items of a list of the pod's spec, the last first.
    pub(super) fn remove_items(&mut self, list: &str, items: &[Value], wanted: impl Fn(&str) -> bool) {
        for (i, item) in items.iter().enumerate().rev() {
            if wanted(pod::name(item)) {
                self.push("remove", format!("/spec/{list}/{i}"), None);
            }
        }
    }

    /// Adds items to a list of the pod's spec. Whether the list must be made is judged by the incoming pod, though its
    /// items may all have been removed before.
    pub(super) fn add_items(
        &mut self,
        list: &str,
        existing: &[Value],
        items: Vec<Value>,
        goes_first: impl Fn(&str) -> bool,
    ) {
        let mut made = !existing.is_empty();
        for item in items {
            if !made {
                made = true;
                self.add(format!("/spec/{list}"), Value::Array(vec![item]));
            } else if goes_first(pod::name(&item)) {
                self.add(format!("/spec/{list}/0"), item);
            } else {
                self.add(format!("/spec/{list}/-"), item);
            }
        }
    }

    /// Adds one member of a map of the pod's metadata; the map is made with it where there is none.
    pub(super) fn add_member(&mut self, map: &str, exists: bool, key: &str, value: &str) {
        if exists {
            self.add(member_path(map, key), value);
        } else {
            let members: Object = [(Str::from(key), Value::from(value))].into_iter().collect();
            self.add(format!("/metadata/{map}"), members);
        }
    }

    /// Replaces one member of a map of the pod's metadata.
    pub(super) fn replace_member(&mut self, map: &str, key: &str, value: &str) {
        self.replace(member_path(map, key), value);
    }

    /// The patch.
    pub(super) fn finish(self) -> Value {
        Value::Array(self.0)
    }
}

fn member_path(map: &str, key: &str) -> String {
    format!("/metadata/{map}/{}", key.replace('~', "~0").replace('/', "~1"))
}
