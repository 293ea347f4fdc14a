//! Laws: statements about injection that hold for every pod. They are looked at in every case; where the real release
//! breaks one, the case says so.
//!
//! Most cases keep all of them, so laws that one more run can show together are tried together first, and one by one
//! only when that run differs.

use conjector::go::json::{Object, Value};
use conjector::scenario::{Request, Scenario};
use conjector::simulate::{self, Outcome, OutcomeKind};

use super::{Checked, Context, Failure, first_difference, subset};
use crate::case::Law;

/// An annotation that nobody knows.
const FOREIGN: &str = "conjector.example.com/unrelated";

/// A law, or several at once.
type Check = fn(&Context<'_>) -> Result<(), String>;

/// The laws about the same pod once more, and those about the pod as it was admitted.
const GROUPS: &[(&[Law], Check)] = &[
    (&[Law::Deterministic, Law::LabelOrder, Law::UnrelatedAnnotations], |context| {
        again(context, |pod| annotate(reverse_labels(pod)))
    }),
    (&[Law::Idempotent, Law::ReinvokeStable], |context| reinjected(context, annotate)),
    (&[Law::SingleCaller], single_caller),
];

pub(super) fn laws(context: &Context<'_>) -> Checked {
    let broken = |law: Law| context.case.expect.broken_laws.iter().find(|(l, _)| *l == law).map(|(_, why)| why);
    // What is not idempotent is not stable either, and need not be said twice.
    let implied = |law: Law| law == Law::ReinvokeStable && broken(law).is_none() && broken(Law::Idempotent).is_some();
    let mut failures = Vec::new();
    for (laws, together) in GROUPS {
        let said = laws.iter().any(|law| broken(*law).is_some());
        let all = if said { Err(String::new()) } else { together(context) };
        let Err(message) = all else { continue };
        let before = failures.len();
        for law in laws.iter().filter(|law| !implied(**law)) {
            let result = match law {
                Law::Deterministic => again(context, |pod| pod),
                Law::LabelOrder => again(context, reverse_labels),
                Law::UnrelatedAnnotations => again(context, annotate),
                Law::Idempotent => reinjected(context, |pod| pod),
                Law::ReinvokeStable => reinjected(context, annotate),
                Law::SingleCaller => single_caller(context),
            };
            match (result, broken(*law)) {
                (Err(message), None) => failures.push(Failure::new("laws", format!("not {}: {message}", law.name()))),
                (Ok(()), Some(why)) => {
                    let message = format!("{} holds, although it was said to be broken: {why}", law.name());
                    failures.push(Failure::new("laws", message));
                }
                _ => {}
            }
        }
        if !said && failures.len() == before {
            let names: Vec<&str> = laws.iter().map(|law| law.name()).collect();
            failures.push(Failure::new("laws", format!("not {} at once: {message}", names.join(" and "))));
        }
    }
    failures.into()
}

fn with_object(scenario: &Scenario, object: Value) -> Scenario {
    Scenario { request: Request { object, ..scenario.request.clone() }, ..scenario.clone() }
}

/// The labels in another order: a set has none.
fn reverse_labels(mut object: Value) -> Value {
    if let Some(Value::Object(labels)) = object["metadata"].get("labels") {
        let reversed: Vec<_> = labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let reversed: Object = reversed.into_iter().rev().collect();
        *object.entry("metadata").entry("labels") = Value::Object(reversed);
    }
    object
}

fn annotate(mut object: Value) -> Value {
    if !object["metadata"].is_null() {
        *object.entry("metadata").entry("annotations").entry(FOREIGN) = "x".into();
    }
    object
}

/// The same request, changed in a way that does not matter, comes to the same.
fn again(context: &Context<'_>, change: fn(Value) -> Value) -> Result<(), String> {
    let first = context.outcome;
    let scenario = &*context.case.scenario;
    let second = simulate::run(&with_object(scenario, change(scenario.request.object.clone())), context.injector)?;
    if second.kind != first.kind {
        return Err(format!("the second time it is {}", second.kind));
    }
    let names = |outcome: &Outcome| -> Vec<String> { outcome.called.iter().map(|c| c.webhook.clone()).collect() };
    if names(first) != names(&second) {
        return Err(format!("the second time {} are called", names(&second).join(", ")));
    }
    let message = |outcome: &Outcome| outcome.refusal.as_ref().map(|r| r.message.clone()).unwrap_or_default();
    if message(first) != message(&second) {
        return Err(format!("the second time the message is {:?}", message(&second)));
    }
    if first.trace_complete && second.trace_complete && first.trace.reasons() != second.trace.reasons() {
        return Err(format!("the second time the reasons are {}", second.trace.reasons().join(", ")));
    }
    same(&first.object, &second.object)
        .map_err(|(path, before, after)| format!("the second time {path} is {after}, not {before}"))
}

/// Injecting the admitted object again, perhaps after another webhook changed something else, changes nothing.
fn reinjected(context: &Context<'_>, change: fn(Value) -> Value) -> Result<(), String> {
    if context.outcome.kind != OutcomeKind::Injected {
        return Ok(());
    }
    let first = change(context.outcome.object.clone());
    // The law is about injectors: others would do their part again, and what went wrong would go wrong again.
    let mut scenario = with_object(&context.case.scenario, first.clone());
    scenario.pipeline.clear();
    scenario.faults.clear();
    let second = simulate::run(&scenario, context.injector)?;
    if second.object.is_null() {
        let message = second.refusal.map(|r| r.message).unwrap_or_default();
        return Err(format!("the second injection is refused: {message}"));
    }
    same(&first, &second.object)
        .map_err(|(path, before, after)| format!("the second injection changes {path} from {before} to {after}"))
}

/// One pod has one injector.
fn single_caller(context: &Context<'_>) -> Result<(), String> {
    let expected = context.case.expect.outcome == Some(OutcomeKind::Overlap);
    if expected || context.outcome.kind != OutcomeKind::Overlap {
        return Ok(());
    }
    let called: Vec<_> = context.outcome.called.iter().map(|c| format!("{}/{}", c.configuration, c.webhook)).collect();
    Err(format!("{} are called for one pod", called.join(" and ")))
}

type Difference = (String, String, String);

/// Equal but for the foreign annotation, and for texts that hold all annotations.
fn same(one: &Value, two: &Value) -> Result<(), Difference> {
    match first_difference(one, two) {
        None => Ok(()),
        Some(_) => {
            let (one, two) = (without_foreign(one, two), without_foreign(two, one));
            first_difference(&one.unwrap_or_default(), &two.unwrap_or_default()).map_or(Ok(()), Err)
        }
    }
}

/// `value` without the foreign annotation and without the items of lists (as variables) whose texts name it, here or in
/// the `other` document; nothing when that was all that it held.
fn without_foreign(value: &Value, other: &Value) -> Option<Value> {
    match value {
        Value::String(text) => (!text.contains(FOREIGN)).then(|| value.clone()),
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| key.as_str() != FOREIGN);
            let kept =
                kept.filter_map(|(key, value)| Some((key.clone(), without_foreign(value, &other[key.as_str()])?)));
            let kept: Object = kept.collect();
            (!kept.is_empty() || members.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) => {
            let partner = |item: &Value| {
                let key = subset::key_of(item)?;
                other.items().iter().find(|o| o[key] == item[key])
            };
            let holds_all = |item: &Value| item["value"].as_str().is_some_and(|text| text.contains(FOREIGN));
            let kept = items.iter().filter(|item| !holds_all(item) && !partner(item).is_some_and(holds_all));
            let kept = kept.filter_map(|item| without_foreign(item, partner(item).unwrap_or(&Value::Null)));
            Some(Value::Array(kept.collect()))
        }
        other => Some(other.clone()),
    }
}
