//! Strategic merge patch: lists merged by their key where the schema says so, with the directives of `kubectl`.
//!
//! Source: k8s.io/apimachinery strategicpatch 0.36, `StrategicMergePatch` with a struct as schema.

mod format;
mod order;

use crate::go::json::{Number, Object, Value};
use crate::k8s::schema::{Api, Field, Kind, Type};
use format::{go_string, go_type, go_value};

const DIRECTIVE: &str = "$patch";
/// Kubernetes releases since which nulls, and then directives, of what is taken as it is are dropped.
const DROPS_NULLS: Api = Api::v1(24);
const DROPS_DIRECTIVES: Api = Api::v1(28);
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_PREFIX: &str = "$deleteFromPrimitiveList";
const ORDER_PREFIX: &str = "$setElementOrder";

/// Merges `patch` into `original`, both objects (or null) of the Go type `ty`. Directives are obeyed, nulls delete,
/// numbers come out as Go prints them.
///
/// Errors: Go's text.
pub fn merge(original: Value, patch: Value, ty: &'static Type) -> Result<Value, String> {
    merge_as(original, patch, ty, Api::LATEST)
}

/// [`merge`] with the library of a release of Kubernetes. What the original has nothing to merge with is taken as it is
/// until 1.23, without its nulls until 1.27, and since then without what has a directive too.
pub fn merge_as(original: Value, patch: Value, ty: &'static Type, api: Api) -> Result<Value, String> {
    let object = |value| match value {
        Value::Object(members) => Ok(members),
        Value::Null => Ok(Object::new()),
        _ => Err("invalid JSON document".to_owned()),
    };
    let mut merged = merge_object(object(original)?, object(patch)?, Schema::Struct(ty), api)?;
    print_numbers(&mut merged);
    Ok(Value::Object(merged))
}

/// What is known of an object's members.
#[derive(Clone, Copy)]
enum Schema {
    Struct(&'static Type),
    /// Anything else: asking for a member is an error.
    Other(&'static str),
}

/// What is known of one member.
struct Member {
    kind: &'static Kind,
    merge_lists: bool,
    key: &'static str,
}

impl Schema {
    fn of(kind: &'static Kind) -> Schema {
        match kind {
            Kind::Struct(ty) => Schema::Struct(ty),
            Kind::Map(_) => Schema::Other("map"),
            // Structs to Go, though they print as scalars.
            Kind::Quantity | Kind::Time | Kind::IntOrString | Kind::Raw => Schema::Other("struct"),
            Kind::List(_) => Schema::Other("slice"),
            Kind::Str => Schema::Other("string"),
            Kind::Bool => Schema::Other("bool"),
            Kind::Int32 => Schema::Other("int32"),
            Kind::Int64 => Schema::Other("int64"),
        }
    }

    fn go_kind(self) -> &'static str {
        match self {
            Schema::Struct(_) => "struct",
            Schema::Other(kind) => kind,
        }
    }

    fn member(self, name: &str) -> Result<Member, String> {
        match self {
            Schema::Struct(ty) => {
                let ignoring_case = || ty.fields.iter().find(|f| f.json.eq_ignore_ascii_case(name));
                let field: &'static Field = ty.field(name).or_else(ignoring_case).ok_or_else(|| {
                    let ty = ty.name.rsplit('.').next().unwrap_or(ty.name);
                    format!("unable to find api field in struct {ty} for the json field {name:?}")
                })?;
                let merge = field.merge;
                Ok(Member {
                    kind: &field.kind,
                    merge_lists: merge.is_some_and(|m| m.merge),
                    key: merge.map_or("", |m| m.key),
                })
            }
            Schema::Other(kind) => {
                Err(format!("merging an object in json but data type is not struct, instead is: {kind}"))
            }
        }
    }

    fn list(self, name: &str) -> Result<(Schema, Member), String> {
        let member = self.member(name)?;
        match member.kind {
            Kind::List(item) => Ok((Schema::of(item), member)),
            _ => Err(format!("expected slice or array type, but got: {}", self.go_kind())),
        }
    }
}

fn merge_object(mut original: Object, mut patch: Object, schema: Schema, api: Api) -> Result<Object, String> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                Ok(patch)
            }
            Some("delete") => Ok(Object::new()),
            _ => Err(unknown_directive(directive, &patch)),
        };
    }
    retain_keys(&mut original, &mut patch)?;
    merge_ordered_lists(&mut original, &mut patch, schema, api)?;
    for (key, mut value) in patch {
        let (deletion, key) = match key.strip_prefix(DELETE_PREFIX) {
            Some(list) => (true, list.strip_prefix('/').ok_or("invalid patch format of primitive list")?),
            None => (false, key.as_str()),
        };
        if value.is_null() {
            original.remove(key);
            continue;
        }
        let both = (original.get(key), &value);
        if !matches!(both, (Some(Value::Object(_)), Value::Object(_)) | (Some(Value::Array(_)), Value::Array(_))) {
            // A deletion list without a list to delete from does nothing.
            if deletion {
                continue;
            }
            if clean(&mut value, api) {
                original.insert(key, value);
            } else {
                original.remove(key);
            }
            continue;
        }
        let slot = original.entry(key);
        *slot = match (slot.take(), value) {
            (Value::Object(before), Value::Object(after)) => {
                Value::Object(merge_object(before, after, Schema::of(schema.member(key)?.kind), api)?)
            }
            (Value::Array(before), Value::Array(after)) => {
                let (items, member) = schema.list(key)?;
                if member.merge_lists || deletion && api >= DROPS_DIRECTIVES {
                    Value::Array(merge_list(before, after, items, member.key, deletion, api)?)
                } else {
                    Value::Array(after)
                }
            }
            (_, after) => after,
        };
    }
    Ok(original)
}

fn unknown_directive(directive: &Value, patch: &Object) -> String {
    format!("unknown patch type: {} in map: {}", go_string(directive), go_value(&Value::Object(patch.clone())))
}

/// `$retainKeys`: members of the original that the list does not name go; the patch may not hold others.
fn retain_keys(original: &mut Object, patch: &mut Object) -> Result<(), String> {
    const BAD_FORMAT: &str = "invalid patch format of retainKeys";
    let Some(keys) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let Value::Array(keys) = keys else { return Err(BAD_FORMAT.into()) };
    if let Some(bad) = keys.iter().find(|k| matches!(k, Value::Array(_) | Value::Object(_))) {
        return Err(format!("runtime error: hash of unhashable type {}", go_type(bad)));
    }
    let retained = |key: &str| keys.iter().any(|k| k.as_str() == Some(key));
    let directive = |key: &str| key.starts_with(DELETE_PREFIX) || key.starts_with(ORDER_PREFIX);
    if patch.iter().any(|(key, value)| !value.is_null() && !directive(key) && !retained(key)) {
        return Err(BAD_FORMAT.into());
    }
    original.retain(|key, _| retained(key));
    Ok(())
}

/// `$setElementOrder`: merges the lists that come with an order, and puts them into that order.
fn merge_ordered_lists(original: &mut Object, patch: &mut Object, schema: Schema, api: Api) -> Result<(), String> {
    let directives: Vec<String> = patch.keys().filter(|k| k.starts_with(ORDER_PREFIX)).map(|k| k.to_string()).collect();
    let list = |value: Option<Value>| match value {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(other) => Err(bad_argument("[]interface {}", &other)),
    };
    for directive in directives {
        let Some(set_order) = list(patch.remove(&directive))? else { continue };
        let key = directive[ORDER_PREFIX.len()..].strip_prefix('/');
        let key = key.ok_or("invalid patch format of setElementOrder list")?;
        let before = list(original.get(key).cloned())?;
        let change = list(patch.get(key).cloned())?;
        let (items, member) = schema.list(key)?;
        order::check(change.as_deref().unwrap_or_default(), &set_order, member.key)?;
        let server_order = before.clone().unwrap_or_default();
        let (old, new) = (server_order.clone(), change.clone().unwrap_or_default());
        let kinds = [old.as_slice(), new.as_slice()];
        let merged = match (before, change) {
            (None, None) => continue,
            (Some(before), None) => before,
            (None, Some(mut change)) => {
                if api >= DROPS_DIRECTIVES {
                    change.retain_mut(without_directives);
                }
                change
            }
            (Some(before), Some(change)) if member.merge_lists => {
                merge_list(before, change, items, member.key, false, api)?
            }
            (Some(_), Some(change)) => change,
        };
        let ordered = order::by_patch(merged, &set_order, &server_order, member.key, || order::kind(&kinds))?;
        original.insert(key, Value::Array(ordered));
        patch.remove(key);
    }
    Ok(())
}

fn bad_argument(expected: &str, got: &Value) -> String {
    let got = if got.is_null() { "%!s(<nil>)" } else { go_type(got) };
    format!("expected a {expected}, but received a {got}")
}

fn no_merge_key(item: &Value, key: &str) -> String {
    format!("map: {} does not contain declared merge key: {key}", go_value(item))
}

/// Merges two lists of the same kind of item: maps by their key, scalars as a set.
fn merge_list(
    original: Vec<Value>,
    patch: Vec<Value>,
    schema: Schema,
    key: &'static str,
    deletion: bool,
    api: Api,
) -> Result<Vec<Value>, String> {
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let are_maps = order::kind(&[&original, &patch])?;
    if !are_maps {
        if deletion {
            let kept = original.into_iter().filter_map(|v| match order::contains(&patch, &v) {
                Ok(true) => None,
                Ok(false) => Some(Ok(v)),
                Err(e) => Some(Err(e)),
            });
            return kept.collect();
        }
        let both: Vec<Value> = original.iter().chain(&patch).cloned().collect();
        return order::by_patch(without_repeats(both)?, &patch, &original, key, || Ok(false));
    }
    if key.is_empty() {
        let name = schema.go_kind();
        return Err(format!("cannot merge lists without merge key for {name}"));
    }
    let (original, patch) = obey_item_directives(original, patch, key)?;
    let mut merged = original.clone();
    for item in &patch {
        let wanted = item.get(key).ok_or_else(|| no_merge_key(item, key))?;
        match order::find(&merged, key, wanted)? {
            Some(at) => {
                if let (Value::Object(before), Value::Object(after)) = (merged[at].take(), item.clone()) {
                    merged[at] = Value::Object(merge_object(before, after, schema, api)?);
                }
            }
            None => merged.push(item.clone()),
        }
    }
    order::by_patch(merged, &patch, &original, key, || Ok(true))
}

/// Items with `$patch`: `delete` removes all items with their key, `replace` drops the original list.
fn obey_item_directives(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let mut rest = Vec::with_capacity(patch.len());
    let mut replace = false;
    for item in patch {
        let Some(directive) = item.get(DIRECTIVE) else {
            rest.push(item);
            continue;
        };
        match directive.as_str() {
            Some("delete") => {
                let wanted = item.get(key).ok_or_else(|| no_merge_key(&item, key))?;
                while let Some(at) = order::find(&original, key, wanted)? {
                    original.remove(at);
                }
            }
            Some("replace") => replace = true,
            Some("merge") => return Err("merging lists cannot yet be specified in the patch".into()),
            _ => {
                let members = item.as_object().cloned().unwrap_or_default();
                return Err(unknown_directive(directive, &members));
            }
        }
    }
    Ok(if replace { (rest, Vec::new()) } else { (original, rest) })
}

/// Drops repeated scalars as Go does: a repeat is overwritten by the last item, which moves there.
fn without_repeats(mut items: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut i = 0;
    while i + 1 < items.len() {
        let mut j = i + 1;
        while j < items.len() {
            if order::same(&items[i], &items[j])? {
                items.swap_remove(j);
            } else {
                j += 1;
            }
        }
        i += 1;
    }
    Ok(items)
}

/// A patch value that is taken as it is: members that are null (1.24 on) and objects with a directive (1.28 on) are
/// dropped, at any depth. False when the value itself is such an object.
fn clean(value: &mut Value, api: Api) -> bool {
    if api < DROPS_NULLS {
        return true;
    }
    let directive = |value: &Value| api >= DROPS_DIRECTIVES && !value.is_null();
    match value {
        Value::Object(members) if members.get(DIRECTIVE).is_some_and(directive) => return false,
        Value::Object(members) => members.retain(|_, v| !v.is_null() && clean(v, api)),
        Value::Array(items) => items.retain_mut(|item| clean(item, api)),
        _ => {}
    }
    true
}

/// [`clean`], but nulls stay.
fn without_directives(value: &mut Value) -> bool {
    match value {
        Value::Object(members) if members.contains_key(DIRECTIVE) => return false,
        Value::Object(members) => members.retain(|_, v| without_directives(v)),
        Value::Array(items) => items.retain_mut(without_directives),
        _ => {}
    }
    true
}

/// Numbers as Go prints them again: 64-bit integers stay, all others went through a float.
fn print_numbers(members: &mut Object) {
    fn print(value: &mut Value) {
        match value {
            Value::Number(n) if !(n.is_integer() && n.as_i64().is_some()) => {
                if let Some(printed) = Number::parse(&crate::go::json::format_float(n.as_f64())) {
                    *n = printed;
                }
            }
            Value::Object(members) => members.iter_mut().for_each(|(_, v)| print(v)),
            Value::Array(items) => items.iter_mut().for_each(print),
            _ => {}
        }
    }
    members.iter_mut().for_each(|(_, v)| print(v));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;
    use crate::k8s::schema;

    fn merged(original: &str, patch: &str) -> Result<String, String> {
        let value = |text| json::parse(text).unwrap();
        merge(value(original), value(patch), &schema::POD).map(|merged| merged.to_string())
    }

    #[test]
    fn members_of_maps_are_unknown_to_the_schema() {
        const ERROR: &str = "merging an object in json but data type is not struct, instead is: map";
        for (before, after) in
            [(r#"{"a":{}}"#, r#"{"a":{}}"#), (r#"{"a":[]}"#, r#"{"a":[]}"#), (r#"{}"#, r#"{"$setElementOrder/a":[]}"#)]
        {
            let pod = |labels| format!(r#"{{"metadata":{{"labels":{labels}}}}}"#);
            assert_eq!(merged(&pod(before), &pod(after)).unwrap_err(), ERROR, "{after}");
        }
        assert_eq!(
            merged(r#"{"metadata":{"labels":{"a":"b"}}}"#, r#"{"metadata":{"labels":{"a":"c"}}}"#).unwrap(),
            r#"{"metadata":{"labels":{"a":"c"}}}"#
        );
    }
}
