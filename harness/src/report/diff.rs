use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use similar::TextDiff;

use crate::compare::key_of;

/// A unified diff of two documents as YAML. Items of lists are put into the order of the expected ones by their keys
/// first, so that one missing item does not shift all others; a difference in order alone is shown as it is.
pub(super) fn unified(expected: &Value, got: &Value) -> String {
    let aligned = aligned(expected, got);
    let got = if aligned == *expected { got } else { &aligned };
    let (left, right) = (yaml::from_json_ordered(expected), yaml::from_json_ordered(got));
    TextDiff::from_lines(&left, &right).unified_diff().context_radius(3).header("expected", "got").to_string()
}

fn aligned(expected: &Value, got: &Value) -> Value {
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            let mut members = Object::with_capacity(b.len());
            for (key, value) in a.iter() {
                if let Some(other) = b.get(key) {
                    members.insert(key.clone(), aligned(value, other));
                }
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(key)) {
                members.insert(key.clone(), value.clone());
            }
            Value::Object(members)
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut rest: Vec<&Value> = b.iter().collect();
            let mut items = Vec::with_capacity(b.len());
            for (i, item) in a.iter().enumerate() {
                let at = match key_of(item) {
                    Some(key) => rest.iter().position(|other| other[key] == item[key]),
                    None => b
                        .get(i)
                        .filter(|other| key_of(other).is_none())
                        .and_then(|other| rest.iter().position(|r| std::ptr::eq(*r, other))),
                };
                if let Some(at) = at {
                    items.push(aligned(item, rest.remove(at)));
                }
            }
            items.extend(rest.into_iter().cloned());
            Value::Array(items)
        }
        _ => got.clone(),
    }
}
