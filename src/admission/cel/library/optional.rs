//! Optional values.

use std::sync::Arc;

use super::{Function, costs};
use crate::admission::cel::value::{Failure, Outcome, Val};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "optional.of", signatures: "(A)optional<A>", run: of, cost: costs::one },
    Function { name: "optional.ofNonZeroValue", signatures: "(A)optional<A>", run: of_non_zero, cost: costs::one },
    Function { name: "optional.none", signatures: "()optional<A>", run: none, cost: costs::one },
    Function { name: "hasValue", signatures: "@(optional<A>)bool", run: has_value, cost: costs::one },
    Function { name: "value", signatures: "@(optional<A>)A", run: value, cost: costs::one },
    // These two run as nodes of their own.
    Function { name: "or", signatures: "@(optional<A>,optional<A>)optional<A>", run: none, cost: costs::one },
    Function { name: "orValue", signatures: "@(optional<A>,A)A", run: none, cost: costs::one },
    Function { name: "first", signatures: "@(list<A>)optional<A>", run: first, cost: costs::one },
    Function { name: "last", signatures: "@(list<A>)optional<A>", run: last, cost: costs::one },
    Function { name: "optional.unwrap", signatures: "(list<optional<A>>)list<A>", run: unwrap, cost: costs::one },
    Function { name: "unwrapOpt", signatures: "@(list<optional<A>>)list<A>", run: unwrap, cost: costs::one },
    // Runs as a node of its own.
    Function {
        name: "_[?_]",
        signatures: "(list<A>,int)optional<A> (optional<list<A>>,int)optional<A> (map<A,B>,A)optional<B> \
            (optional<map<A,B>>,A)optional<B>",
        run: none,
        cost: costs::one,
    },
    Function {
        name: "cel.@mapInsert",
        signatures: "(map<A,B>,A,B)map<A,B> (map<A,B>,map<A,B>)map<A,B>",
        run: insert,
        cost: costs::one,
    },
];

fn of<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    args.first().map(|v| Val::some(v.clone())).ok_or_else(Failure::overload)
}

fn of_non_zero<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [value] if value.is_zero() => Ok(Val::Optional(None)),
        _ => of(args),
    }
}

fn none<'a>(_: &[Val<'a>]) -> Outcome<'a> {
    Ok(Val::Optional(None))
}

fn has_value<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Optional(inner)] => Ok(Val::Bool(inner.is_some())),
        _ => Err(Failure::overload()),
    }
}

fn value<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Optional(Some(inner))] => Ok((**inner).clone()),
        [Val::Optional(None)] => Err(Failure::new("optional.none() dereference")),
        _ => Err(Failure::overload()),
    }
}

fn first<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let list = args.first().filter(|list| list.items().is_some()).ok_or_else(Failure::overload)?;
    Ok(list.item(0).map_or(Val::Optional(None), Val::some))
}

fn last<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let items = args.first().and_then(Val::items).ok_or_else(Failure::overload)?;
    Ok(items.into_iter().next_back().map_or(Val::Optional(None), Val::some))
}

/// The values of those that have one.
fn unwrap<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let items = args.first().and_then(Val::items).ok_or_else(Failure::overload)?;
    let value = |item: Val<'a>| match item {
        Val::Optional(inner) => inner.map(|v| (*v).clone()),
        other => Some(other),
    };
    Ok(Val::list(items.into_iter().filter_map(value).collect()))
}

/// Adds to a map that a comprehension makes; a key comes only once.
fn insert<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (map, more) = match args {
        [map, key, value] => (map, vec![(key.clone(), value.clone())]),
        [map, more] => (map, more.members().ok_or_else(Failure::overload)?),
        _ => return Err(Failure::overload()),
    };
    let mut members = map.members().ok_or_else(Failure::overload)?;
    for (key, value) in more {
        if map.member(&key).is_some() {
            return Err(Failure::new(format!("insert failed: key {} already exists", key.shown())));
        }
        members.push((key, value));
    }
    Ok(Val::Map(Arc::new(members)))
}
