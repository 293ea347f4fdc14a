use conjector::go::json::{Object, Value};

use super::{Counts, Run};
use crate::verdict::{Verdict, VerdictKind};

/// The version of the format; it grows when a member changes its meaning or goes.
pub const VERSION: i64 = 1;

/// A run as one JSON document: `version`, `target`, `counts`, `seconds`, `cases`.
pub fn report(run: &Run<'_>) -> Value {
    let counts = Counts::of(run.verdicts);
    let mut out = Object::new();
    out.insert("version", VERSION);
    out.insert("target", run.target);
    let by_kind: Object = VerdictKind::ALL.iter().map(|kind| (kind.name(), counts.get(*kind) as i64)).collect();
    out.insert("counts", by_kind);
    out.insert("seconds", number(run.took.as_secs_f64()));
    out.insert("cases", Value::Array(run.verdicts.iter().map(case).collect()));
    Value::Object(out)
}

fn number(seconds: f64) -> Value {
    let text = format!("{seconds:.6}");
    conjector::go::json::Number::parse(&text).map_or(Value::Null, Value::Number)
}

fn case(verdict: &Verdict) -> Value {
    let mut out = Object::new();
    out.insert("id", verdict.id.as_str());
    out.insert("verdict", verdict.kind.name());
    if !verdict.note.is_empty() {
        out.insert("note", verdict.note.as_str());
    }
    if let Some(outcome) = &verdict.outcome {
        out.insert("outcome", outcome.kind.name());
        out.insert("reasons", outcome.trace.reasons());
    }
    let failures = verdict.failures.iter().map(|failure| {
        let members = [("aspect", failure.aspect), ("path", &failure.path), ("message", &failure.message)];
        Value::Object(members.into_iter().collect())
    });
    out.insert("failures", Value::Array(failures.collect()));
    if let Some(outcome) = verdict.outcome.as_ref().filter(|_| verdict.kind.is_bad()) {
        out.insert("trace", Value::Array(outcome.trace.steps().iter().map(|s| s.to_json()).collect()));
    }
    out.insert("seconds", number(verdict.took.as_secs_f64()));
    Value::Object(out)
}
