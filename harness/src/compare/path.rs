use conjector::go::json::Value;

/// The value at a JSON pointer whose tokens may name list items: `/spec/containers/app/image`.
pub fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut place = value;
    for token in path.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Object(members) => members.get(&token)?,
            Value::Array(items) => {
                let by_name = || items.iter().find(|item| item["name"].as_str() == Some(&token));
                match token.parse::<usize>() {
                    Ok(at) => items.get(at).or_else(by_name)?,
                    Err(_) => by_name()?,
                }
            }
            _ => return None,
        };
    }
    Some(place)
}

/// A value on one line, cut where it is long.
pub(super) fn short(value: &Value) -> String {
    crate::text::cut(&value.to_string(), 120)
}

/// The first place in which two documents differ, and what stands there. Items of lists that have names are compared by
/// name where the lists hold the same names in the same order.
pub fn first_difference(expected: &Value, got: &Value) -> Option<(String, String, String)> {
    difference(expected, got, &mut String::new())
}

fn difference(expected: &Value, got: &Value, path: &mut String) -> Option<(String, String, String)> {
    if expected == got {
        return None;
    }
    let length = path.len();
    let mut inside = |token: &str, a: &Value, b: &Value| {
        path.push('/');
        path.push_str(&token.replace('~', "~0").replace('/', "~1"));
        let found = difference(a, b, path);
        path.truncate(length);
        found
    };
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a.iter() {
                match b.get(key) {
                    Some(other) => {
                        if let Some(found) = inside(key, value, other) {
                            return Some(found);
                        }
                    }
                    None => return Some((format!("{path}/{key}"), short(value), "nothing".into())),
                }
            }
            let (key, value) = b.iter().find(|(key, _)| !a.contains_key(key))?;
            Some((format!("{path}/{key}"), "nothing".into(), short(value)))
        }
        (Value::Array(a), Value::Array(b)) => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                let token = match (x["name"].as_str(), y["name"].as_str()) {
                    (Some(name), Some(other)) if name == other => name.to_owned(),
                    _ => i.to_string(),
                };
                if let Some(found) = inside(&token, x, y) {
                    return Some(found);
                }
            }
            Some((path.clone(), format!("{} items", a.len()), format!("{} items", b.len())))
        }
        _ => Some((if path.is_empty() { "/".into() } else { path.clone() }, short(expected), short(got))),
    }
}
