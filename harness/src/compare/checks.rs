//! Checks of single places, one function a kind.

use conjector::go::json::{self, Object, Value};
use conjector::go::yaml;

use super::path::{lookup, short};
use super::{Checked, Context, Failure, subset};
use crate::case::Check;

type Kind = fn(&Check, &Context<'_>) -> Result<(), String>;

/// The kinds, in the order of [`crate::case::CHECKS`].
const KINDS: &[(&str, Kind)] = &[
    ("absent", absent),
    ("arguments", arguments),
    ("count", count),
    ("equals", equals),
    ("equals-ref", equals_ref),
    ("order", order),
    ("parse", parse),
    ("unchanged", unchanged),
];

pub(super) fn checks(context: &Context<'_>) -> Checked {
    let mut failures = Vec::new();
    for check in &context.case.expect.checks {
        let kind = KINDS.iter().find(|(name, _)| *name == check.kind).map(|(_, kind)| kind);
        let result =
            kind.map_or_else(|| Err(format!("no check is called {}", check.kind)), |kind| kind(check, context));
        if let Err(message) = result {
            failures.push(
                Failure::new("checks", format!("{} {}: {message}", check.path, check.kind)).at(check.path.clone()),
            );
        }
    }
    failures.into()
}

fn found<'a>(check: &Check, context: &Context<'a>) -> Option<&'a Value> {
    lookup(&context.outcome.object, &check.path)
}

fn there<'a>(check: &Check, context: &Context<'a>) -> Result<&'a Value, String> {
    found(check, context).ok_or_else(|| "there is nothing".into())
}

fn absent(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let wanted = check.argument.as_bool() == Some(true);
    match found(check, context) {
        Some(value) if wanted => Err(format!("there is {}", short(value))),
        None if !wanted => Err("there is nothing".into()),
        _ => Ok(()),
    }
}

/// A list of arguments has these flags: each with its value behind it or after `=`, `true` where the value does not
/// matter, `false` where the flag must not be there.
fn arguments(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let all: Vec<&str> = there(check, context)?.items().iter().filter_map(Value::as_str).collect();
    for (flag, wanted) in check.argument.as_object().into_iter().flat_map(Object::iter) {
        let flag_of = |argument: &str| argument.split_once('=').map_or(argument, |(flag, _)| flag).to_owned();
        let at = all.iter().position(|argument| flag_of(argument) == *flag);
        let at = match (at, wanted.as_bool()) {
            (Some(_), Some(true)) | (None, Some(false)) => continue,
            (Some(_), Some(false)) => return Err(format!("{flag} is there")),
            (None, _) => return Err(format!("{flag} is not there")),
            (Some(at), None) => at,
        };
        let value = all[at].split_once('=').map(|(_, value)| value).or_else(|| all.get(at + 1).copied());
        let text = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
        if value != Some(text.as_str()) {
            let value = value.map_or_else(|| "nothing".into(), |value| short(&value.into()));
            return Err(format!("{flag}: expected {}, got {value}", short(wanted)));
        }
    }
    Ok(())
}

fn count(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let count = match found(check, context) {
        None | Some(Value::Null) => 0,
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(members)) => members.len(),
        Some(other) => return Err(format!("{} is nothing to count", short(other))),
    };
    let expected = check.argument.as_i64().unwrap_or(-1);
    if expected == count as i64 { Ok(()) } else { Err(format!("expected {expected}, got {count}")) }
}

fn equals(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let value = there(check, context)?;
    if *value == check.argument {
        Ok(())
    } else {
        Err(format!("expected {}, got {}", short(&check.argument), short(value)))
    }
}

fn equals_ref(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let value = there(check, context)?;
    let path = check.argument.as_str().unwrap_or_default();
    let other = lookup(&context.outcome.object, path).ok_or_else(|| format!("there is nothing at {path}"))?;
    // A number and its text count as equal: what one field holds as a number another holds as an argument.
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    if text(value) == text(other) {
        Ok(())
    } else {
        Err(format!("it is {}, but {path} is {}", short(value), short(other)))
    }
}

/// The named items come in this order; others may stand between them.
fn order(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let names: Vec<&str> =
        there(check, context)?.items().iter().map(|i| i["name"].as_str().unwrap_or_default()).collect();
    let mut rest = names.iter();
    for wanted in check.argument.items().iter().filter_map(Value::as_str) {
        if !rest.any(|name| *name == wanted) {
            return Err(format!("{wanted} is not in its place among {}", names.join(", ")));
        }
    }
    Ok(())
}

fn parse(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let value = there(check, context)?;
    let text = value.as_str().ok_or_else(|| format!("{} is no text", short(value)))?;
    let parsed = match check.argument.as_str() {
        Some("json") => json::parse(text).map_err(|e| e.to_string())?,
        _ => yaml::to_json(text).map_err(|e| e.to_string())?,
    };
    let mut failures = Vec::new();
    if !check.subset.is_null() {
        subset::subset(&check.subset, &parsed, &mut String::new(), &mut failures);
    }
    failures.into_iter().next().map_or(Ok(()), |f| Err(f.message))
}

fn unchanged(check: &Check, context: &Context<'_>) -> Result<(), String> {
    let before = lookup(&context.case.scenario.request.object, &check.path);
    let after = found(check, context);
    let same = before == after;
    if same == (check.argument.as_bool() == Some(true)) {
        return Ok(());
    }
    let text = |v: Option<&Value>| v.map_or_else(|| "nothing".into(), short);
    Err(if same { "it is unchanged".into() } else { format!("it was {}, and is {}", text(before), text(after)) })
}
