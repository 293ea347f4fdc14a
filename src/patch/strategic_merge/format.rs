use crate::go::json::Value;
use crate::go::template::{self, format};

/// A decoded JSON value as Go's `%v` prints it.
pub(super) fn go_value(value: &Value) -> String {
    format::print(&template::Value::json(value))
}
