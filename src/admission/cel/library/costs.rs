//! What calls cost.
//!
//! Source: cel-go 0.26, cost tracker; apiserver 1.36, cost estimator.

use crate::admission::cel::value::{Outcome, Val};

fn size(args: &[Val<'_>], place: usize) -> u64 {
    args.get(place).map_or(1, Val::cost_size)
}

/// The cost of reading so many characters.
fn tenth(size: u64) -> u64 {
    size.div_ceil(10)
}

/// As cheap as can be.
pub(super) fn one<'a>(_: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    1
}

/// The first argument is read once.
pub(super) fn read<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    tenth(size(args, 0))
}

/// The first argument is read and copied.
pub(super) fn copy<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    (size(args, 0) * 2).div_ceil(10)
}

/// The result is written twice.
pub(super) fn join<'a>(_: &[Val<'a>], result: &Outcome<'a>) -> u64 {
    result.as_ref().map_or(1, |value| (value.cost_size() * 2).div_ceil(10))
}

/// Both arguments are read as far as the shorter one goes.
pub(super) fn shorter<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    if matches!(args.first(), Some(Val::Opaque(_))) {
        return 1;
    }
    tenth(size(args, 0).min(size(args, 1)))
}

/// Order is cheap but for texts.
pub(super) fn order<'a>(args: &[Val<'a>], result: &Outcome<'a>) -> u64 {
    match args.first() {
        Some(Val::String(_) | Val::Bytes(_)) => shorter(args, result),
        _ => 1,
    }
}

/// Sums are cheap but for texts, which are copied.
pub(super) fn sum<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    match args.first() {
        Some(Val::String(_) | Val::Bytes(_)) => tenth(size(args, 0).saturating_add(size(args, 1))),
        _ => 1,
    }
}

/// Conversions are cheap but for texts.
pub(super) fn bytes<'a>(args: &[Val<'a>], result: &Outcome<'a>) -> u64 {
    match args.first() {
        Some(Val::Bytes(_)) => read(args, result),
        _ => 1,
    }
}

/// As [`bytes`], from texts.
pub(super) fn text<'a>(args: &[Val<'a>], result: &Outcome<'a>) -> u64 {
    match args.first() {
        Some(Val::String(_)) => read(args, result),
        _ => 1,
    }
}

/// Looking for an item in a list.
pub(super) fn inside<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    match args.get(1) {
        Some(list @ (Val::List(_) | Val::JsonList(_))) => list.cost_size(),
        _ => 1,
    }
}

/// Looking for a text in a text.
pub(super) fn contains<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    tenth(size(args, 0)) * tenth(size(args, 1))
}

/// A regular expression on a text.
pub(super) fn regex<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    tenth(size(args, 0) + 1) * size(args, 1).div_ceil(4)
}

/// Reading every item of a list.
pub(super) fn traverse<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    fn of(value: &Val<'_>) -> u64 {
        match value {
            Val::String(_) | Val::Bytes(_) => tenth(value.cost_size()),
            list @ (Val::List(_) | Val::JsonList(_)) => list.items().unwrap_or_default().iter().map(of).sum(),
            map @ (Val::Map(_) | Val::JsonMap(_)) => {
                map.members().unwrap_or_default().iter().map(|(k, v)| of(k) + of(v)).sum()
            }
            _ => 1,
        }
    }
    args.first().map_or(0, of)
}

/// Making a list of the result's size.
pub(super) fn listing<'a>(_: &[Val<'a>], result: &Outcome<'a>) -> u64 {
    11 + result.as_ref().map_or(0, Val::cost_size)
}

/// Making a list after comparing all items with each other.
pub(super) fn sorting<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    let n = size(args, 0);
    11 + n.saturating_mul(n).saturating_mul(2)
}

/// Comparing all items of two lists.
pub(super) fn product<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    size(args, 0).saturating_mul(size(args, 1)).saturating_add(1)
}

/// Asking the authorizer: an expression can do so twice.
pub(super) fn check<'a>(_: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    350_000
}

/// Validating a text against a named format, whatever the format.
pub(super) fn validate<'a>(args: &[Val<'a>], _: &Outcome<'a>) -> u64 {
    tenth(size(args, 1) + 1) * 8
}
