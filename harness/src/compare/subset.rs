use conjector::go::json::Value;

use super::Failure;
use super::path::short;

/// The members by which items of lists are known, in the order in which they are tried.
const KEYS: &[&str] = &["name", "mountPath", "containerPort", "key", "devicePath", "ip", "topologyKey"];

/// The member by which an item of a list is known.
pub(crate) fn key_of(item: &Value) -> Option<&'static str> {
    KEYS.iter().copied().find(|key| !item[*key].is_null())
}

/// Everything that `expected` says must hold: members of objects, items of lists by their key (lists without keys must
/// be equal). Null means that there must be nothing.
pub(super) fn subset(expected: &Value, got: &Value, path: &mut String, failures: &mut Vec<Failure>) {
    let length = path.len();
    match (expected, got) {
        (Value::Null, Value::Null) => {}
        (Value::Object(members), Value::Object(_)) => {
            for (key, value) in members.iter() {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                subset(value, &got[key.as_str()], path, failures);
                path.truncate(length);
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            for (i, item) in items.iter().enumerate() {
                let Some(key) = key_of(item) else {
                    if expected != got {
                        failures.push(differs(expected, got, path));
                    }
                    return;
                };
                path.push_str(&format!("/{}", item[key].as_str().map_or_else(|| i.to_string(), str::to_owned)));
                // Several may have the key, as mounts of one volume: the one that comes nearest counts.
                let mut nearest: Option<Vec<Failure>> = None;
                for other in others.iter().filter(|other| other[key] == item[key]) {
                    let mut inner = Vec::new();
                    subset(item, other, path, &mut inner);
                    if nearest.as_ref().is_none_or(|n| inner.len() < n.len()) {
                        nearest = Some(inner);
                    }
                }
                match nearest {
                    Some(inner) => failures.extend(inner),
                    None => failures.push(Failure::new("pod", format!("{path} is missing")).at(path.clone())),
                }
                path.truncate(length);
            }
        }
        _ if expected == got => {}
        _ => failures.push(differs(expected, got, path)),
    }
}

fn differs(expected: &Value, got: &Value, path: &str) -> Failure {
    let got = if got.is_null() { "nothing".to_owned() } else { short(got) };
    Failure::new("pod", format!("{path}: expected {}, got {got}", short(expected))).at(path)
}
