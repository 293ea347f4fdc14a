//! Functions on lists, sets among them.

use std::cmp::Ordering;

use super::{Function, costs};
use crate::admission::cel::value::{Failure, Outcome, Val};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "isSorted",
        signatures: "@(list<int>)bool @(list<uint>)bool @(list<double>)bool @(list<bool>)bool @(list<duration>)bool \
            @(list<timestamp>)bool @(list<string>)bool @(list<bytes>)bool",
        run: is_sorted,
        cost: costs::traverse,
    },
    Function {
        name: "sum",
        signatures: "@(list<int>)int @(list<uint>)uint @(list<double>)double @(list<duration>)duration",
        run: sum,
        cost: costs::traverse,
    },
    Function { name: "max", signatures: EXTREMES, run: max, cost: costs::traverse },
    Function { name: "min", signatures: EXTREMES, run: min, cost: costs::traverse },
    Function {
        name: "indexOf",
        signatures: "@(string,string)int @(string,string,int)int @(list<A>,A)int",
        run: index_of,
        cost: costs::traverse,
    },
    Function {
        name: "lastIndexOf",
        signatures: "@(string,string)int @(string,string,int)int @(list<A>,A)int",
        run: last_index_of,
        cost: costs::traverse,
    },
    Function { name: "slice", signatures: "@(list<A>,int,int)list<A>", run: slice, cost: costs::listing },
    Function {
        name: "flatten",
        signatures: "@(list<list<A>>)list<A> @(list<dyn>,int)list<dyn>",
        run: flatten,
        cost: costs::listing,
    },
    Function {
        name: "sort",
        signatures: "@(list<int>)list<int> @(list<uint>)list<uint> @(list<double>)list<double> @(list<bool>)list<bool> \
            @(list<duration>)list<duration> @(list<timestamp>)list<timestamp> @(list<string>)list<string> \
            @(list<bytes>)list<bytes>",
        run: sort,
        cost: costs::sorting,
    },
    Function {
        name: "@sortByAssociatedKeys",
        signatures: "@(list<A>,list<int>)list<A> @(list<A>,list<uint>)list<A> @(list<A>,list<double>)list<A> \
            @(list<A>,list<bool>)list<A> @(list<A>,list<duration>)list<A> @(list<A>,list<timestamp>)list<A> \
            @(list<A>,list<string>)list<A> @(list<A>,list<bytes>)list<A>",
        run: sort_by,
        cost: costs::sorting,
    },
    Function { name: "lists.range", signatures: "(int)list<int>", run: range, cost: costs::listing },
    Function { name: "reverse", signatures: "@(list<A>)list<A>", run: reverse, cost: costs::listing },
    Function { name: "distinct", signatures: "@(list<A>)list<A>", run: distinct, cost: costs::sorting },
    Function { name: "sets.contains", signatures: "(list<A>,list<A>)bool", run: contains, cost: costs::product },
    Function { name: "sets.equivalent", signatures: "(list<A>,list<A>)bool", run: equivalent, cost: costs::product },
    Function { name: "sets.intersects", signatures: "(list<A>,list<A>)bool", run: intersects, cost: costs::product },
];

const EXTREMES: &str = "@(list<int>)int @(list<uint>)uint @(list<double>)double @(list<bool>)bool \
    @(list<duration>)duration @(list<timestamp>)timestamp @(list<string>)string @(list<bytes>)bytes";

/// The longest list that is made out of nothing; costs allow no longer one.
const MAX_RANGE: i64 = 1_000_000;

fn items<'a>(args: &[Val<'a>]) -> Result<Vec<Val<'a>>, Failure> {
    args.first().and_then(Val::items).ok_or_else(Failure::overload)
}

fn is_sorted<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let items = items(args)?;
    for pair in items.windows(2) {
        if pair[0].compare(&pair[1])?.is_gt() {
            return Ok(Val::Bool(false));
        }
    }
    Ok(Val::Bool(true))
}

fn sum<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let items = items(args)?;
    let overflow = || Failure::new("integer overflow");
    let mut rest = items.into_iter();
    let Some(mut total) = rest.next() else { return Ok(Val::Int(0)) };
    if !matches!(total, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Duration(_)) {
        return Err(Failure::overload());
    }
    for item in rest {
        total = match (&total, &item) {
            (Val::Int(a), Val::Int(b)) => Val::Int(a.checked_add(*b).ok_or_else(overflow)?),
            (Val::Uint(a), Val::Uint(b)) => {
                Val::Uint(a.checked_add(*b).ok_or_else(|| Failure::new("unsigned integer overflow"))?)
            }
            (Val::Double(a), Val::Double(b)) => Val::Double(a + b),
            (Val::Duration(a), Val::Duration(b)) => Val::Duration(a.checked_add(*b).ok_or_else(overflow)?),
            _ => return Err(Failure::overload()),
        };
    }
    Ok(total)
}

fn extreme<'a>(name: &str, args: &[Val<'a>], better: Ordering) -> Outcome<'a> {
    let mut items = items(args)?.into_iter();
    let mut best = items.next().ok_or_else(|| Failure::new(format!("{name} called on empty list")))?;
    best.compare(&best)?;
    for item in items {
        if item.compare(&best)? == better {
            best = item;
        }
    }
    Ok(best)
}

fn max<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    extreme("max", args, Ordering::Greater)
}

fn min<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    extreme("min", args, Ordering::Less)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn index_of<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text), Val::String(part)] => text_index(text, part, 0),
        [Val::String(text), Val::String(part), Val::Int(from)] => text_index(text, part, *from),
        [list, wanted] => {
            let items = list.items().ok_or_else(Failure::overload)?;
            let found = items.iter().position(|item| item.equals(wanted).unwrap_or(false));
            Ok(Val::Int(found.map_or(-1, count)))
        }
        _ => Err(Failure::overload()),
    }
}

fn last_index_of<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text), Val::String(part)] => {
            let length = text.chars().count();
            if part.is_empty() {
                return Ok(Val::Int(count(length)));
            }
            if text.len() < part.len() {
                return Ok(Val::Int(-1));
            }
            last_text_index(text, part, count(length) - 1)
        }
        [Val::String(text), Val::String(part), Val::Int(from)] => last_text_index(text, part, *from),
        [list, wanted] => {
            let items = list.items().ok_or_else(Failure::overload)?;
            let found = items.iter().rposition(|item| item.equals(wanted).unwrap_or(false));
            Ok(Val::Int(found.map_or(-1, count)))
        }
        _ => Err(Failure::overload()),
    }
}

/// The place of a text in a text, in characters, from a place on.
fn text_index<'a>(text: &str, part: &str, from: i64) -> Outcome<'a> {
    if part.is_empty() {
        return Ok(Val::Int(from));
    }
    let Ok(from) = usize::try_from(from) else {
        return Err(Failure::new(format!("index out of range: {from}")));
    };
    let Some((start, _)) = text.char_indices().nth(from) else { return Ok(Val::Int(-1)) };
    let found = text[start..].find(part).map(|i| from + text[start..start + i].chars().count());
    Ok(Val::Int(found.map_or(-1, count)))
}

/// The last place of a text in a text that is not behind a place.
fn last_text_index<'a>(text: &str, part: &str, until: i64) -> Outcome<'a> {
    if part.is_empty() {
        return Ok(Val::Int(until));
    }
    let Ok(until) = usize::try_from(until) else {
        return Err(Failure::new(format!("index out of range: {until}")));
    };
    if until >= text.chars().count() {
        return Ok(Val::Int(-1));
    }
    let found =
        text.char_indices().enumerate().take(until + 1).filter(|(_, (i, _))| text[*i..].starts_with(part)).last();
    Ok(Val::Int(found.map_or(-1, |(place, _)| count(place))))
}

fn slice<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [list, Val::Int(start), Val::Int(end)] = args else { return Err(Failure::overload()) };
    let items = list.items().ok_or_else(Failure::overload)?;
    let wrong = |why: String| Err(Failure::new(format!("cannot slice({start}, {end}), {why}")));
    match (usize::try_from(*start), usize::try_from(*end)) {
        (Ok(from), Ok(to)) if from > to => wrong("start index must be less than or equal to end index".into()),
        (Ok(from), Ok(to)) => match items.get(from..to) {
            Some(part) => Ok(Val::list(part.to_vec())),
            None => wrong(format!("list is length {}", items.len())),
        },
        _ => wrong("negative indexes not supported".into()),
    }
}

fn flatten<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    fn add<'a>(out: &mut Vec<Val<'a>>, items: Vec<Val<'a>>, depth: i64) {
        for item in items {
            match item.items() {
                Some(inner) if depth > 0 => add(out, inner, depth - 1),
                _ => out.push(item),
            }
        }
    }
    let depth = match args {
        [_] => 1,
        [_, Val::Int(depth)] => *depth,
        _ => return Err(Failure::overload()),
    };
    if depth < 0 {
        return Err(Failure::new("level must be non-negative"));
    }
    let mut out = Vec::new();
    add(&mut out, items(args)?, depth);
    Ok(Val::list(out))
}

fn sorted<'a>(list: Vec<Val<'a>>, keys: &[Val<'a>]) -> Outcome<'a> {
    if list.len() != keys.len() {
        return Err(Failure::new(format!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {} and {} elements respectively",
            list.len(),
            keys.len()
        )));
    }
    let Some(first) = keys.first() else { return Ok(Val::list(list)) };
    if first.compare(first).is_err() {
        return Err(Failure::new("list elements must be comparable"));
    }
    if keys.len() > 1 && keys.iter().any(|key| key.ty().name() != first.ty().name()) {
        return Err(Failure::new("list elements must have the same type"));
    }
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| keys[*a].compare(&keys[*b]).unwrap_or(Ordering::Equal));
    Ok(Val::list(order.into_iter().map(|i| list[i].clone()).collect()))
}

fn sort<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let list = items(args)?;
    let keys = list.clone();
    sorted(list, &keys)
}

fn sort_by<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [list, keys] = args else { return Err(Failure::overload()) };
    let keys = keys.items().ok_or_else(Failure::overload)?;
    sorted(list.items().ok_or_else(Failure::overload)?, &keys)
}

fn range<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(n)] if *n > MAX_RANGE => Err(Failure::Cancelled),
        [Val::Int(n)] => Ok(Val::list((0..*n).map(Val::Int).collect())),
        _ => Err(Failure::overload()),
    }
}

fn reverse<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let mut list = items(args)?;
    list.reverse();
    Ok(Val::list(list))
}

/// How many items are compared with all others; costs forbid more.
const MAX_COMPARED: usize = 1000;

fn distinct<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let items = items(args)?;
    if items.len() > MAX_COMPARED {
        return Err(Failure::Cancelled);
    }
    let mut unique: Vec<Val<'a>> = Vec::with_capacity(items.len());
    for item in items {
        if !unique.iter().any(|seen| item.equals(seen).unwrap_or(false)) {
            unique.push(item);
        }
    }
    Ok(Val::list(unique))
}

/// Two lists.
type Pair<'a> = (Vec<Val<'a>>, Vec<Val<'a>>);

fn both<'a>(args: &[Val<'a>]) -> Result<Pair<'a>, Failure> {
    let [a, b] = args else { return Err(Failure::overload()) };
    let (a, b) = a.items().zip(b.items()).ok_or_else(Failure::overload)?;
    if a.len().saturating_mul(b.len()) > MAX_COMPARED * MAX_COMPARED {
        return Err(Failure::Cancelled);
    }
    Ok((a, b))
}

fn has(list: &[Val<'_>], wanted: &Val<'_>) -> bool {
    list.iter().any(|item| item.equals(wanted).unwrap_or(false))
}

fn contains<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (list, wanted) = both(args)?;
    Ok(Val::Bool(wanted.iter().all(|item| has(&list, item))))
}

fn equivalent<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (a, b) = both(args)?;
    Ok(Val::Bool(a.iter().all(|item| has(&b, item)) && b.iter().all(|item| has(&a, item))))
}

fn intersects<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (a, b) = both(args)?;
    Ok(Val::Bool(a.iter().any(|item| has(&b, item))))
}
