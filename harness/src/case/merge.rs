use conjector::go::json::Value;

/// Lays `over` onto `base`: objects are merged, everything else is replaced, null removes. A key that ends in `+`
/// appends its list to the one that is there.
pub(super) fn merge(base: &mut Value, over: Value) {
    lay(base, over, false);
}

/// [`merge`]; with `keep_null`, null is a value like others.
fn lay(base: &mut Value, over: Value, keep_null: bool) {
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
            (_, Value::Null) if !keep_null => {
                if let Value::Object(base) = base {
                    base.remove(&key);
                }
            }
            (_, value @ Value::Object(_)) => lay(base.entry(&key), value, keep_null),
            (_, value) => *base.entry(&key) = value,
        }
    }
}

/// The tokens of a JSON pointer.
pub(super) fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// Puts a value at a JSON pointer, making objects on the way. Items of lists are named by position or name.
///
/// Errors: the token that names no item of a list, or that leads into a scalar.
pub(super) fn set(base: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let mut place = base;
    for token in tokens(pointer) {
        place = match place {
            Value::Array(items) => {
                let named = items.iter().position(|item| item["name"].as_str() == Some(&token));
                let at = token.parse().ok().filter(|at| *at < items.len()).or(named);
                at.and_then(|at| items.get_mut(at)).ok_or(token)?
            }
            Value::Null | Value::Object(_) => place.entry(&token),
            _ => return Err(token),
        };
    }
    *place = value;
    Ok(())
}

/// Lays one `expect` over another. One that is given by range keeps its blocks: the other comes as one more, and so does
/// one that has a range.
pub(super) fn merge_expect(base: &mut Value, over: Value) {
    if over.is_null() {
        return;
    }
    let blocks = |value: Value| match value {
        Value::Array(blocks) => blocks,
        Value::Null => Vec::new(),
        block => vec![block],
    };
    // A block that has a condition keeps it to itself.
    let alone = |value: &Value| matches!(value, Value::Array(_)) || !value["when"].is_null();
    if alone(base) || alone(&over) {
        let mut all = blocks(base.take());
        all.extend(blocks(over));
        *base = Value::Array(all);
    } else {
        merge_block(base, over);
    }
}

/// Lays one block of `expect` over another. Null inside of `pod` stays: it says that there must be nothing.
pub(super) fn merge_block(base: &mut Value, mut over: Value) {
    let pod = match &mut over {
        Value::Object(members) if members.get("pod").is_some_and(|pod| !pod.is_null()) => members.remove("pod"),
        _ => None,
    };
    merge(base, over);
    if let Some(pod) = pod {
        lay(base.entry("pod"), pod, true);
    }
}
