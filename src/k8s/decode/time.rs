//! `metav1.Time`: RFC 3339 in, RFC 3339 in UTC to the second out.

use crate::go::json::Value;
use crate::go::time::Time;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// The time as it prints; `None` for null. Errors: the text of Go's `time.Parse`.
pub(super) fn canonical(value: &Value) -> Result<Option<Value>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Time::parse(LAYOUT, text)?.in_utc().format(LAYOUT).into())),
        other => Err(format!("json: cannot unmarshal {} into Go value of type string", other.kind())),
    }
}
