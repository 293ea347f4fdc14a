use conjector::advice::Edit;
use conjector::go::json::{Object, Value};
use conjector::trace::Step;

use super::Explanation;
use super::advice::advice;

/// The version of the JSON form; it rises when a member changes its meaning or goes.
pub const VERSION: i64 = 1;

/// Explanations for programs: `{version, release, objects: […]}`; without a release of all, each object has its own.
pub fn report(release: Option<&str>, explanations: &[Explanation]) -> Value {
    let mut out = Object::new();
    out.insert("version", VERSION);
    if let Some(release) = release {
        out.insert("release", release);
    }
    let object = |explanation| object(explanation, release.is_none());
    out.insert("objects", Value::Array(explanations.iter().map(object).collect()));
    Value::Object(out)
}

fn texts(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Value {
    Value::Array(texts.into_iter().map(|t| Value::from(t.as_ref())).collect())
}

fn steps<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Value {
    Value::Array(steps.into_iter().map(Step::to_json).collect())
}

fn object(explanation: &Explanation, with_release: bool) -> Value {
    let outcome = &explanation.outcome;
    let mut out = Object::new();
    out.insert("object", explanation.title.as_str());
    if with_release {
        out.insert("release", explanation.release);
    }
    out.insert("namespace", explanation.namespace.as_str());
    out.insert("outcome", outcome.kind.name());
    out.insert("called", texts(outcome.called.iter().map(|c| format!("{}/{}", c.configuration, c.webhook))));
    out.insert("reasons", outcome.trace.reasons());
    out.insert("warnings", outcome.trace.warnings());
    if let Some(refusal) = &outcome.refusal {
        out.insert("message", refusal.message.as_str());
        out.insert("code", i64::from(refusal.code));
    }
    out.insert("slips", steps(&explanation.slips));
    let changes = explanation.changes.iter().map(|change| {
        let mut out = Object::new();
        out.insert("edits", Value::Array(change.edits.iter().map(Edit::to_json).collect()));
        out.insert("outcome", change.outcome.name());
        out.insert("commands", texts(explanation.commands(change)));
        Value::Object(out)
    });
    out.insert("changes", Value::Array(changes.collect()));
    out.insert("advice", texts(advice(explanation)));
    out.insert("trace", steps(outcome.trace.steps()));
    Value::Object(out)
}
