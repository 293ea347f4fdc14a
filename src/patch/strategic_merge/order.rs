//! The order of merged lists: items of the patch in the patch's order, the others in the original's, woven together
//! by the original's order.

use super::format::{go_type, go_value};
use super::{DIRECTIVE, ORDER_PREFIX, bad_argument, no_merge_key};
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
pub(super) fn same(a: &Value, b: &Value) -> Result<bool, String> {
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

/// True when a list of scalars has one. As keys of Go's maps, lists and maps are an error.
pub(super) fn contains(list: &[Value], item: &Value) -> Result<bool, String> {
    if let Some(bad) = list.iter().chain([item]).find(|v| matches!(v, Value::Array(_) | Value::Object(_))) {
        return Err(format!("runtime error: hash of unhashable type {}", go_type(bad)));
    }
    list.iter().try_fold(false, |found, other| Ok(found || same(other, item)?))
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

/// The member called `key` of a map, for errors.
fn merge_value<'a>(item: &'a Value, key: &str) -> Result<&'a Value, String> {
    match item {
        Value::Object(members) => members.get(key).ok_or_else(|| no_merge_key(item, key)),
        other => Err(bad_argument("map[string]interface {}", other)),
    }
}

/// Checks that the items of the patch come in the order that `$setElementOrder` gives. Items with a directive may be
/// missing there, those that replace only in front of others.
pub(super) fn check(patch: &[Value], order: &[Value], key: &str) -> Result<(), String> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let directive = |item: &Value| item.get(DIRECTIVE).cloned();
    let mut kept = Vec::with_capacity(patch.len());
    for item in patch {
        if !key.is_empty() && !matches!(item, Value::Object(_)) {
            return Err(bad_argument("map[string]interface {}", item));
        }
        if key.is_empty() || directive(item).as_ref().and_then(Value::as_str) != Some("delete") {
            kept.push(item);
        }
    }
    let (mut next, mut at) = (0, 0);
    while let (Some(item), Some(ordered)) = (kept.get(next), order.get(at)) {
        if directive(item).is_some() {
            next += 1;
            continue;
        }
        let equal = match key.is_empty() {
            true => same(item, ordered)?,
            false => {
                if let Some(other) = [item, ordered].into_iter().find(|v| !matches!(v, Value::Object(_))) {
                    return Err(bad_argument("map[string]interface {}", other));
                }
                same(merge_value(item, key)?, merge_value(ordered, key)?)?
            }
        };
        next += usize::from(equal);
        at += 1;
    }
    if next < kept.len() && at >= order.len() {
        let (patch, order) = (Value::Array(patch.to_vec()), Value::Array(order.to_vec()));
        return Err(format!(
            "The order in patch list:\n{}\n doesn't match {ORDER_PREFIX} list:\n{}\n",
            go_value(&patch),
            go_value(&order)
        ));
    }
    Ok(())
}

/// Puts merged items into order: those of the patch in its order, the others in the server's. `are_maps` says what the
/// lists hold; it is asked after the items are parted.
///
/// Errors: an item that is no map, or one without its merge key, where there is to be one.
pub(super) fn by_patch(
    merged: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    key: &str,
    are_maps: impl FnOnce() -> Result<bool, String>,
) -> Result<Vec<Value>, String> {
    let (mut from_patch, mut from_server) = (Vec::new(), Vec::new());
    for item in merged {
        let in_patch = match key.is_empty() {
            true => contains(patch_order, &item)?,
            false => find(patch_order, key, merge_value(&item, key)?)?.is_some(),
        };
        if in_patch { &mut from_patch } else { &mut from_server }.push(item);
    }
    let are_maps = are_maps()?;
    let order = |list: &'_ [Value], item: &Value| index(list, item, key, are_maps);
    let sorted = |items: Vec<Value>, list: &[Value]| -> Result<Vec<Value>, String> {
        if are_maps {
            items.iter().chain(list).try_for_each(|item| merge_value(item, key).map(|_| ()))?;
        }
        let deleted = |item: &Value| are_maps && item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete");
        let (deleted, kept): (Vec<_>, Vec<_>) = items.into_iter().partition(deleted);
        if kept.len() < 2 {
            return Ok(kept.into_iter().chain(deleted).collect());
        }
        let mut ranked: Vec<(Option<usize>, Value)> = Vec::with_capacity(kept.len());
        for item in kept {
            // Go's sort by insertion, where an item without a place goes before all others.
            let rank = order(list, &item)?;
            let before = |other: &Option<usize>| rank.zip(*other).is_none_or(|(rank, other)| rank < other);
            let at = ranked.iter().rposition(|(other, _)| !before(other)).map_or(0, |i| i + 1);
            ranked.insert(at, (rank, item));
        }
        Ok(ranked.into_iter().map(|(_, item)| item).chain(deleted).collect())
    };
    let mut patch = sorted(from_patch, patch_order)?.into_iter().peekable();
    let mut server = sorted(from_server, server_order)?.into_iter().peekable();

    let mut out = Vec::new();
    loop {
        let server_first = match (server.peek(), patch.peek()) {
            (None, None) => return Ok(out),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => {
                let places = order(server_order, left)?.zip(order(server_order, right)?);
                places.is_some_and(|(left, right)| left < right)
            }
        };
        let next = if server_first { server.next() } else { patch.next() };
        out.extend(next);
    }
}

/// The position of an item in a list: by the value of its key for maps, by itself for scalars.
fn index(list: &[Value], item: &Value, key: &str, are_maps: bool) -> Result<Option<usize>, String> {
    let wanted = if are_maps { &item[key] } else { item };
    for (i, other) in list.iter().enumerate() {
        if same(if are_maps { &other[key] } else { other }, wanted)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}
