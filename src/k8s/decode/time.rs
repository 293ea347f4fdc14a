//! `metav1.Time`: RFC 3339 in, RFC 3339 in UTC to the second out.

use crate::go::json::Value;
use crate::go::time::Time;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// The time as it prints; null for the zero time. Errors: the text of Go's `time.Parse`.
pub(super) fn canonical(value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else { return Ok(Value::Null) };
    let time = Time::parse(LAYOUT, text)?.in_utc();
    Ok(if time == Time::zero() { Value::Null } else { time.format(LAYOUT).into() })
}
