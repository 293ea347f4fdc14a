use conjector::go::json::Value;

/// Lays `over` onto `base`: objects are merged, everything else is replaced, null removes. A key that ends in `+`
/// appends its list to the one that is there.
pub(super) fn merge(base: &mut Value, over: Value) {
    let Value::Object(members) = over else {
        *base = over;
        return;
    };
    if !matches!(base, Value::Object(_)) {
        *base = Value::object();
    }
    for (key, value) in members {
        match (key.strip_suffix('+'), value) {
            (Some(list), Value::Array(items)) => {
                let slot = base.entry(list);
                match slot {
                    Value::Array(before) => before.extend(items),
                    slot => *slot = Value::Array(items),
                }
            }
            (_, Value::Null) => {
                if let Value::Object(base) = base {
                    base.remove(&key);
                }
            }
            (_, value @ Value::Object(_)) => merge(base.entry(&key), value),
            (_, value) => *base.entry(&key) = value,
        }
    }
}

/// Puts a value at a JSON pointer, making objects on the way.
pub(super) fn set(base: &mut Value, pointer: &str, value: Value) {
    let mut place = base;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        place = place.entry(&token);
    }
    *place = value;
}
