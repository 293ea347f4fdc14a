//! The order of merged lists: items of the patch in the patch's order, the others in the original's, woven together
//! by the original's order.

use super::format::go_value;
use super::{DIRECTIVE, ORDER_PREFIX, bad_argument, go_type, no_merge_key};
use crate::go::json::Value;

/// Whether the items are maps.
///
/// Errors: items of different types, lists of lists, no items at all.
pub(super) fn kind(lists: &[&[Value]]) -> Result<bool, String> {
    let mut items = lists.iter().flat_map(|list| list.iter());
    let Some(first) = items.next() else { return Err("no elements in any of the given slices".into()) };
    match first {
        Value::Null => return Err("runtime error: invalid memory address or nil pointer dereference".into()),
        Value::Array(_) => return Err("lists of lists are not supported".into()),
        _ => {}
    }
    if items.any(|item| go_type(item) != go_type(first)) {
        let lists = lists.iter().map(|list| Value::Array(list.to_vec())).collect();
        return Err(format!("list element types are not identical: {}", go_value(&Value::Array(lists))));
    }
    Ok(matches!(first, Value::Object(_)))
}

/// Equality of two decoded values as Go compares interfaces: lists and maps cannot be compared.
fn same(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => {
            Err(format!("runtime error: comparing uncomparable type {}", go_type(a)))
        }
        (Value::Number(a_number), Value::Number(b_number)) => Ok(go_type(a) == go_type(b)
            && a_number.as_f64() == b_number.as_f64()
            && a_number.as_i64() == b_number.as_i64()),
        _ => Ok(a == b),
    }
}

/// The position of the first item whose `key` has the wanted value.
pub(super) fn find(items: &[Value], key: &str, wanted: &Value) -> Result<Option<usize>, String> {
    for (i, item) in items.iter().enumerate() {
        if !matches!(item, Value::Object(_)) {
            return Err(format!("value for key {i} is not a map"));
        }
        if let Some(value) = item.get(key)
            && same(value, wanted)?
        {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

/// The position of an item in `order`: by key for maps, by value for scalars.
fn position(order: &[Value], item: &Value, key: &str, are_maps: bool) -> Result<Option<usize>, String> {
    if are_maps {
        let wanted = item.get(key).ok_or_else(|| no_merge_key(item, key))?;
        find(order, key, wanted)
    } else {
        for (i, other) in order.iter().enumerate() {
            if same(other, item)? {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }
}

/// Checks that the items of the patch come in the order that `$setElementOrder` gives; items with a directive
/// may be missing there.
pub(super) fn check(patch: &[Value], order: &[Value], key: &str) -> Result<(), String> {
    if patch.is_empty() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(patch.len());
    for item in patch {
        if !key.is_empty() {
            let Value::Object(members) = item else { return Err(bad_argument("map[string]interface {}", item)) };
            if members.contains_key(DIRECTIVE) {
                continue;
            }
        }
        kept.push(item);
    }
    let mut next = 0;
    for ordered in order {
        let Some(item) = kept.get(next) else { break };
        let equal = if key.is_empty() {
            same(item, ordered)?
        } else {
            if !matches!(ordered, Value::Object(_)) {
                return Err(bad_argument("map[string]interface {}", ordered));
            }
            same(item.get(key).unwrap_or(&Value::Null), ordered.get(key).unwrap_or(&Value::Null))?
        };
        next += usize::from(equal);
    }
    if next < kept.len() {
        let prefix = ORDER_PREFIX.trim_end_matches('/');
        let (patch, order) = (Value::Array(patch.to_vec()), Value::Array(order.to_vec()));
        return Err(format!(
            "The order in patch list:\n{}\n doesn't match {prefix} list:\n{}\n",
            go_value(&patch),
            go_value(&order)
        ));
    }
    Ok(())
}

/// Puts merged items into order.
///
/// Errors: an item without its merge key.
pub(super) fn by_patch(
    merged: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    key: &str,
    are_maps: bool,
) -> Result<Vec<Value>, String> {
    let mut from_patch = Vec::new();
    let mut from_server = Vec::new();
    for item in merged {
        if are_maps && !matches!(item, Value::Object(_)) {
            return Err(bad_argument("map[string]interface {}", &item));
        }
        match position(patch_order, &item, key, are_maps)? {
            Some(at) => from_patch.push((at, item)),
            None => from_server.push(item),
        }
    }
    let without_key = |items: &[Value]| {
        items.iter().find(|item| are_maps && item.get(key).is_none()).map(|item| no_merge_key(item, key))
    };
    if let Some(error) = without_key(patch_order).or_else(|| without_key(server_order)) {
        return Err(error);
    }
    from_patch.sort_by_key(|(at, _)| *at);
    let mut server = Vec::with_capacity(from_server.len());
    for item in from_server {
        let at = position(server_order, &item, key, are_maps)?;
        server.push((at, item));
    }
    server.sort_by_key(|(at, _)| *at);

    let mut out = Vec::with_capacity(from_patch.len() + server.len());
    let mut patch = from_patch.into_iter().map(|(_, item)| item).peekable();
    let mut server = server.into_iter().peekable();
    loop {
        let server_first = match (server.peek(), patch.peek()) {
            (None, None) => return Ok(out),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((at, _)), Some(item)) => match (at, position(server_order, item, key, are_maps)?) {
                (Some(server), Some(patch)) => *server < patch,
                _ => false,
            },
        };
        let next = if server_first { server.next().map(|(_, item)| item) } else { patch.next() };
        out.extend(next);
    }
}
