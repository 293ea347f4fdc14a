use std::fmt::Write;

use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::simulate::OutcomeKind;

use super::Kept;

/// What a scenario file says.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// The id: the path below `cases/`.
    pub id: &'a str,
    /// One sentence.
    pub title: &'a str,
    /// Bugs and documents.
    pub refs: &'a [String],
    /// The situation.
    pub given: &'a Value,
    /// What is expected: what was seen.
    pub seen: &'a Kept,
    /// Another outcome that the reporter wants instead.
    pub wanted: Option<OutcomeKind>,
}

/// The text of a scenario file.
pub fn text(file: &File<'_>) -> String {
    let mut head = Object::new();
    head.insert("apiVersion", "conjector/v1");
    head.insert("kind", "InjectionCase");
    head.insert("id", file.id);
    head.insert("title", file.title);
    head.insert("refs", file.refs.iter().map(String::as_str).collect::<Vec<_>>());
    head.insert("given", file.given.clone());
    let mut expect = Object::new();
    let seen = file.seen;
    match file.wanted.filter(|wanted| *wanted != seen.outcome) {
        // What was seen besides belongs to the outcome that is not wanted.
        Some(wanted) => _ = expect.insert("outcome", wanted.name()),
        None => {
            expect.insert("called", seen.called.iter().map(String::as_str).collect::<Vec<_>>());
            expect.insert("outcome", seen.outcome.name());
            expect.insert("reasons", seen.reasons.clone());
            if let Some(message) = &seen.message {
                expect.insert("error", [("message", message.as_str())].into_iter().collect::<Object>());
            }
        }
    }
    if !seen.slips.is_empty() {
        expect.insert("slips", seen.slips.clone());
    }
    let checks = seen.places.iter().map(|(place, value)| {
        let check = match value {
            Value::Null => ("absent", true.into()),
            value => ("equals", value.clone()),
        };
        Value::Object([("path", Value::from(place.as_str())), check].into_iter().collect())
    });
    let checks: Vec<Value> = checks.collect();
    if !checks.is_empty() {
        expect.insert("checks", Value::Array(checks));
    }
    head.insert("expect", expect);
    let mut out = yaml::from_json_ordered(&Value::Object(head));
    if let Some(wanted) = file.wanted.filter(|wanted| *wanted != seen.outcome) {
        _ = writeln!(out, "# Seen when this was recorded: {}; wanted: {wanted}.", seen.outcome);
    }
    out
}
