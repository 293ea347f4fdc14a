//! Lists and dicts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::functions::{Call, Functions};
use super::super::value::{Items, Key, List, Map, Members, Value};
use super::cast::{is_empty, text};

/// How many items a function may make.
const MAX_ITEMS: i64 = 1_000_000;

/// How many pairs of items a function may compare.
const MAX_COMPARISONS: usize = 20_000_000;

/// What Go panics with where a function looks at the type of nothing.
const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

type Result<'d> = std::result::Result<Value<'d>, String>;

pub(super) fn register(f: &mut Functions) {
    f.add("list", "any...", |c| Ok(Value::list(c.args.to_vec())));
    f.add("tuple", "any...", |c| Ok(Value::list(c.args.to_vec())));
    for name in ["append", "push", "mustAppend", "mustPush"] {
        f.add(name, "any,any", |c| with_items(&c.arg(0), "push on", |items| items.push(c.arg(1))));
    }
    for name in ["prepend", "mustPrepend"] {
        f.add(name, "any,any", |c| with_items(&c.arg(0), "prepend on", |items| items.insert(0, c.arg(1))));
    }
    for name in ["first", "mustFirst"] {
        f.add(name, "any", |c| list(&c.arg(0), "find first on").map(|l| l.get(0).unwrap_or(Value::Nil)));
    }
    for name in ["last", "mustLast"] {
        f.add(name, "any", |c| {
            list(&c.arg(0), "find last on").map(|l| l.len().checked_sub(1).and_then(|i| l.get(i)).unwrap_or(Value::Nil))
        });
    }
    for name in ["rest", "mustRest"] {
        f.add(name, "any", |c| {
            let l = list(&c.arg(0), "find rest on")?;
            Ok(if l.is_empty() { nil_list() } else { Value::list(l.iter().skip(1).collect()) })
        });
    }
    for name in ["initial", "mustInitial"] {
        f.add(name, "any", |c| {
            let l = list(&c.arg(0), "find initial on")?;
            Ok(if l.is_empty() { nil_list() } else { Value::list(l.iter().take(l.len() - 1).collect()) })
        });
    }
    for name in ["reverse", "mustReverse"] {
        f.add(name, "any", |c| with_items(&c.arg(0), "find reverse on", |items| items.reverse()));
    }
    for name in ["uniq", "mustUniq"] {
        f.add(name, "any", |c| {
            let given = c.arg(0);
            comparable(&given, if let Value::List(list) = &given { list.len() } else { 0 })?;
            with_items(&given, "find uniq on", |items| {
                let mut seen: Vec<Value<'_>> = Vec::new();
                items.retain(|i| {
                    !seen.iter().any(|s| s.deep_equal(i)) && {
                        seen.push(i.clone());
                        true
                    }
                });
            })
        });
    }
    for name in ["compact", "mustCompact"] {
        f.add(name, "any", |c| with_items(&c.arg(0), "compact on", |items| items.retain(|i| !is_empty(i))));
    }
    for name in ["without", "mustWithout"] {
        f.add(name, "any,any...", |c| {
            comparable(&c.arg(0), c.args.len())?;
            with_items(&c.arg(0), "find without on", |items| {
                items.retain(|i| !c.args[1..].iter().any(|o| o.deep_equal(i)));
            })
        });
    }
    for name in ["has", "mustHas"] {
        f.add(name, "any,any", |c| match c.arg(1) {
            Value::Missing | Value::Nil => Ok(Value::Bool(false)),
            haystack => Ok(Value::Bool(list(&haystack, "find has on")?.iter().any(|i| i.deep_equal(&c.arg(0))))),
        });
    }
    for name in ["slice", "mustSlice"] {
        f.add(name, "any,any...", |c| {
            let given = c.arg(0);
            let l = list(&given, "slice on").map_err(|e| match given {
                Value::Missing | Value::Nil => e,
                other => format!("list should be type of slice or array but {}", other.kind()),
            })?;
            if l.is_empty() {
                return Ok(Value::Nil);
            }
            if l.array.is_some() {
                return Err("reflect.Value.Slice: slice of unaddressable array".into());
            }
            let bound = |i: usize, or: usize| c.args.get(i).map_or(or as i64, super::cast::integer);
            let (from, to) = (bound(1, 0), bound(2, l.len()));
            if from < 0 || to < from || to > l.len() as i64 {
                return Err("reflect.Value.Slice: slice index out of bounds".to_string());
            }
            Ok(Value::typed_list(l.element, l.iter().skip(from as usize).take((to - from) as usize).collect()))
        });
    }
    for name in ["chunk", "mustChunk"] {
        f.add(name, "int,any", |c| {
            let items: Vec<Value<'_>> = list(&c.arg(1), "chunk")?.iter().collect();
            let size = c.int(0);
            // The number of chunks, computed in floats as Go's library does.
            let chunks = ((items.len() as f64 - 1.0) / size as f64).floor() + 1.0;
            // With a negative size there is at most one chunk, and it must be smaller than that.
            let size = match usize::try_from(size) {
                Ok(size) if size > 0 => size,
                _ if chunks == 0.0 => return Ok(Value::typed_list("[]interface {}", Vec::new())),
                _ if chunks == 1.0 && items.len() as i64 % size != 0 => items.len(),
                _ => return Err("runtime error: makeslice: len out of range".into()),
            };
            Ok(Value::typed_list("[]interface {}", items.chunks(size).map(|c| Value::list(c.to_vec())).collect()))
        });
    }
    f.add("concat", "any...", |c| {
        let mut all = Vec::new();
        for arg in c.args {
            let items = list(arg, "concat").map_err(|e| match arg {
                Value::Missing | Value::Nil => e,
                _ => e + " as list",
            })?;
            all.extend(items.iter());
        }
        Ok(if all.is_empty() { nil_list() } else { Value::list(all) })
    });
    f.add("until", "int", |c| count(0, c.int(0), if c.int(0) < 0 { -1 } else { 1 }));
    f.add("untilStep", "int,int,int", |c| count(c.int(0), c.int(1), c.int(2)));
    f.add("seq", "int...", |c| {
        let n: Vec<i64> = (0..c.args.len()).map(|i| c.int(i)).collect();
        let (from, to, step) = match n[..] {
            [to] => (1, to, if to < 1 { -1 } else { 1 }),
            [from, to] => (from, to, if to < from { -1 } else { 1 }),
            [from, step, to] => (from, to, step),
            _ => return Ok(Value::borrowed("")),
        };
        if step == 0 || (to > from && step < 0) || (to < from && step > 0) {
            return Ok(Value::borrowed(""));
        }
        let end = if to < from { to - 1 } else { to + 1 };
        match count(from, end, step)? {
            Value::List(l) => Ok(Value::string(l.iter().map(|v| text(&v)).collect::<Vec<_>>().join(" "))),
            other => Ok(other),
        }
    });

    f.add("dict", "any...", |c| {
        let mut dict = BTreeMap::new();
        for pair in c.args.chunks(2) {
            let value = pair.get(1).cloned().unwrap_or(Value::borrowed(""));
            dict.insert(Key::Str(text(&pair[0]).into()), value);
        }
        Ok(Value::map(dict))
    });
    f.add("get", "map[string]interface {},string", |c| {
        Ok(map(c, 0).and_then(|m| m.get(c.str(1))).unwrap_or(Value::borrowed("")))
    });
    f.add("set", "map[string]interface {},string,any", |c| {
        change(c, |m| {
            m.insert(Key::Str(c.str(1).into()), c.arg(2));
        })
    });
    f.add("unset", "map[string]interface {},string", |c| match map(c, 0) {
        Some(map) if map.is_nil() => Ok(Value::Map(map)),
        _ => change(c, |m| {
            m.remove(&Key::Str(c.str(1).into()));
        }),
    });
    f.add("hasKey", "map[string]interface {},string", |c| {
        Ok(Value::Bool(map(c, 0).is_some_and(|m| m.get(c.str(1)).is_some())))
    });
    f.add("pluck", "string,map[string]interface {}...", |c| {
        Ok(Value::list((1..c.args.len()).filter_map(|i| map(c, i)?.get(c.str(0))).collect()))
    });
    f.add("keys", "map[string]interface {}...", |c| {
        let all = (0..c.args.len()).filter_map(|i| map(c, i)).flat_map(|m| m.sorted());
        Ok(Value::typed_list("string", all.map(|(k, _)| Value::string(k.to_string())).collect()))
    });
    f.add("values", "map[string]interface {}", |c| {
        Ok(Value::list(map(c, 0).map(|m| m.sorted().into_iter().map(|(_, v)| v).collect()).unwrap_or_default()))
    });
    f.add("pick", "map[string]interface {},string...", |c| filtered(c, |keys, key| keys.contains(&key)));
    f.add("omit", "map[string]interface {},string...", |c| filtered(c, |keys, key| !keys.contains(&key)));
    for name in ["merge", "mustMerge"] {
        f.add(name, "map[string]interface {},map[string]interface {}...", |c| merge(c, false));
    }
    for name in ["mergeOverwrite", "mustMergeOverwrite"] {
        f.add(name, "map[string]interface {},map[string]interface {}...", |c| merge(c, true));
    }
    for name in ["deepCopy", "mustDeepCopy"] {
        f.add(name, "any", |c| match c.arg(0) {
            Value::Missing | Value::Nil => Err("reflect: call of reflect.Value.Type on zero Value".into()),
            value => Ok(copy(&value)),
        });
    }
    f.add("dig", "any...", |c| {
        let n = c.args.len();
        if n < 3 {
            return Err("dig needs at least three arguments".into());
        }
        fn is<'d>(value: &Value<'d>, wanted: &str) -> std::result::Result<(), String> {
            let ty = match value {
                Value::Missing | Value::Nil => "nil".to_owned(),
                other => other.type_name(),
            };
            match ty == wanted {
                true => Ok(()),
                false => Err(format!("interface conversion: interface {{}} is {ty}, not {wanted}")),
            }
        }
        const DICT: &str = "map[string]interface {}";
        let mut at = c.arg(n - 1);
        is(&at, DICT)?;
        c.args[..n - 2].iter().try_for_each(|key| is(key, "string"))?;
        for (i, key) in c.args[..n - 2].iter().enumerate() {
            if i > 0 {
                is(&at, DICT)?;
            }
            let (Value::Map(m), Value::Str(key)) = (&at, key) else { break };
            match m.get(key) {
                Some(next) => at = next,
                None => return Ok(c.arg(n - 2)),
            }
        }
        Ok(at)
    });
}

/// A list argument. `what` names the function in the error: `Cannot WHAT type KIND`.
fn list<'d>(value: &Value<'d>, what: &str) -> std::result::Result<List<'d>, String> {
    match value {
        Value::List(list) => Ok(list.clone()),
        Value::Missing | Value::Nil => Err(NIL_POINTER.into()),
        other => Err(format!("Cannot {what} type {}", other.kind())),
    }
}

/// Refuses to compare each item of a list with so many others, before it is done.
fn comparable(list: &Value<'_>, others: usize) -> std::result::Result<(), String> {
    match list {
        Value::List(list) if list.len().saturating_mul(others) > MAX_COMPARISONS => {
            Err(format!("more than {MAX_COMPARISONS} comparisons would be needed"))
        }
        _ => Ok(()),
    }
}

/// A nil `[]interface {}`.
fn nil_list<'d>() -> Value<'d> {
    Value::List(List { element: "interface {}", array: None, items: Items::Nil })
}

fn with_items<'d>(value: &Value<'d>, what: &str, change: impl FnOnce(&mut Vec<Value<'d>>)) -> Result<'d> {
    let mut items: Vec<Value<'d>> = list(value, what)?.iter().collect();
    change(&mut items);
    Ok(Value::list(items))
}

fn count<'d>(from: i64, to: i64, step: i64) -> Result<'d> {
    let mut items = Vec::new();
    let mut n = from;
    while step != 0 && if to < from { step < 0 && n > to } else { step > 0 && n < to } {
        if items.len() as i64 >= MAX_ITEMS {
            return Err(format!("the list would have more than {MAX_ITEMS} items"));
        }
        items.push(Value::int(n));
        n += step;
    }
    Ok(Value::typed_list("int", items))
}

fn map<'d>(call: &Call<'_, 'd>, i: usize) -> Option<Map<'d>> {
    match call.arg(i) {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// Changes a dict in place, so that other holders see it. Data that was handed in is never changed: a copy is.
fn change<'d>(call: &Call<'_, 'd>, change: impl FnOnce(&mut BTreeMap<Key, Value<'d>>)) -> Result<'d> {
    match map(call, 0).map(|m| (m.members.clone(), m)) {
        Some((Members::Shared(members), map)) => {
            change(&mut members.borrow_mut());
            Ok(Value::Map(map))
        }
        Some((Members::Json(_), map)) => {
            let mut members: BTreeMap<_, _> = map.sorted().into_iter().collect();
            change(&mut members);
            Ok(Value::map(members))
        }
        _ => Err("assignment to entry in nil map".into()),
    }
}

fn filtered<'d>(call: &Call<'_, 'd>, keep: impl Fn(&[&str], &str) -> bool) -> Result<'d> {
    let keys: Vec<&str> = (1..call.args.len()).map(|i| call.str(i)).collect();
    let members = map(call, 0).map(|m| m.sorted()).unwrap_or_default();
    Ok(Value::map(members.into_iter().filter(|(k, _)| matches!(k, Key::Str(k) if keep(&keys, k))).collect()))
}

fn merge<'d>(call: &Call<'_, 'd>, overwrite: bool) -> Result<'d> {
    let sources: Vec<Map<'d>> = (1..call.args.len()).filter_map(|i| map(call, i)).collect();
    // A nil dict stays one unless there is something to merge into it; data that was handed in is copied.
    let target = match map(call, 0) {
        Some(nil) if nil.is_nil() && sources.iter().all(Map::is_nil) => return Ok(Value::Map(nil)),
        Some(Map { members: Members::Shared(members), .. }) => members,
        Some(other) => Rc::new(RefCell::new(other.sorted().into_iter().collect())),
        None => return Ok(Value::borrowed("")),
    };
    for source in sources {
        // Read before anything changes: it may be the target itself.
        let members = source.sorted();
        merge_into(&mut target.borrow_mut(), members, overwrite);
    }
    Ok(Value::Map(Map { element: "interface {}", key: "string", members: Members::Shared(target) }))
}

/// As mergo: dicts within dicts are merged in place, else what is there stays if it is not empty; a nil is never taken over
/// something.
fn merge_into<'d>(target: &mut BTreeMap<Key, Value<'d>>, source: Vec<(Key, Value<'d>)>, overwrite: bool) {
    for (key, value) in source {
        if matches!(value, Value::Missing | Value::Nil) {
            if overwrite {
                target.insert(key, Value::Nil);
            }
            continue;
        }
        let merged = match (target.get(&key), &value) {
            (Some(Value::Map(old)), Value::Map(new)) if !old.is_empty() => match &old.members {
                Members::Shared(members) => {
                    let new = new.sorted();
                    // A dict that is being merged is not merged into itself.
                    if let Ok(mut members) = members.try_borrow_mut() {
                        merge_into(&mut members, new, overwrite);
                    }
                    continue;
                }
                _ => {
                    let mut inner: BTreeMap<_, _> = old.sorted().into_iter().collect();
                    merge_into(&mut inner, new.sorted(), overwrite);
                    Value::map(inner)
                }
            },
            (Some(old), _) if !overwrite && !is_empty(old) => continue,
            _ => value,
        };
        target.insert(key, merged);
    }
}

fn copy<'d>(value: &Value<'d>) -> Value<'d> {
    match value {
        Value::List(list) if !matches!(list.items, Items::Nil) => {
            let items = Items::Shared(Rc::new(list.iter().map(|v| copy(&v)).collect()));
            Value::List(List { items, ..list.clone() })
        }
        Value::Map(map) if !map.is_nil() && map.key == "string" => {
            Value::typed_map(map.element, map.sorted().into_iter().map(|(k, v)| (k, copy(&v))).collect())
        }
        other => other.clone(),
    }
}
