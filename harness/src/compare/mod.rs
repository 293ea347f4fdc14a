//! Whether an outcome is what a case expects: every kind of assertion is one function in a table.

mod checks;
mod laws;
mod path;
mod subset;
#[cfg(test)]
mod tests;

pub use path::{first_difference, lookup};
pub(crate) use subset::key_of;

use conjector::go::json::{self, Value};
use conjector::simulate::{Injector, Outcome};
use conjector::trace::{Stage, Weight};

use crate::case::{Case, PatchExpectation};

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The key of `expect` that is not met.
    pub aspect: &'static str,
    /// The JSON pointer of the place, empty for the whole.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What was expected and what came, where a diff helps.
    pub documents: Option<(Value, Value)>,
}

impl Failure {
    pub(crate) fn new(aspect: &'static str, message: impl Into<String>) -> Failure {
        Failure { aspect, path: String::new(), message: message.into(), documents: None }
    }

    fn at(self, path: impl Into<String>) -> Failure {
        Failure { path: path.into(), ..self }
    }
}

/// What an assertion looks at.
pub struct Context<'a> {
    /// The case.
    pub case: &'a Case,
    /// What came.
    pub outcome: &'a Outcome,
    /// The golden of the case, if there is one.
    pub golden: Option<&'a Value>,
    /// For laws: who answered.
    pub injector: &'a dyn Injector,
}

/// What an assertion came to.
pub(crate) enum Checked {
    /// As expected, or nothing is expected.
    Met,
    /// Not as expected.
    Failed(Vec<Failure>),
    /// The target does not show what is needed.
    NotSupported,
}

impl From<Vec<Failure>> for Checked {
    fn from(failures: Vec<Failure>) -> Checked {
        if failures.is_empty() { Checked::Met } else { Checked::Failed(failures) }
    }
}

impl From<Option<Failure>> for Checked {
    fn from(failure: Option<Failure>) -> Checked {
        failure.map_or(Checked::Met, |f| Checked::Failed(vec![f]))
    }
}

type Assertion = fn(&Context<'_>) -> Checked;

/// The kinds of assertions, in the order in which they are reported.
const ASSERTIONS: &[(&str, Assertion)] = &[
    ("called", called),
    ("outcome", outcome),
    ("error", error),
    ("reasons", reasons),
    ("warnings", warnings),
    ("slips", slips),
    ("pod", pod),
    ("checks", checks::checks),
    ("patch", patch),
    ("golden", golden),
    ("laws", laws::laws),
];

/// What comparing came to: what is not as expected, and what could not be looked at.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What is not as expected.
    pub failures: Vec<Failure>,
    /// The keys of `expect` that the target does not show.
    pub not_supported: Vec<&'static str>,
}

/// Compares an outcome with what its case expects.
pub fn compare(context: &Context<'_>) -> Comparison {
    let mut comparison = Comparison::default();
    for (name, assertion) in ASSERTIONS {
        match assertion(context) {
            Checked::Met => {}
            Checked::Failed(failures) => comparison.failures.extend(failures),
            Checked::NotSupported => comparison.not_supported.push(name),
        }
    }
    comparison
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".into() } else { items.join(", ") }
}

fn called(context: &Context<'_>) -> Checked {
    let Some(expected) = &context.case.expect.called else { return Checked::Met };
    let called: Vec<String> =
        context.outcome.called.iter().map(|c| format!("{}/{}", c.configuration, c.webhook)).collect();
    let webhooks = &context.case.scenario.webhooks;
    let mut resolved = Vec::with_capacity(expected.len());
    for name in expected {
        if name.contains('/') {
            resolved.push(name.clone());
            continue;
        }
        let named: Vec<String> = webhooks.iter().filter(|w| w.name() == name).map(|w| w.subject()).collect();
        match named.as_slice() {
            [only] => resolved.push(only.clone()),
            [] => return Some(Failure::new("called", format!("no webhook is called {name}"))).into(),
            _ => return Some(Failure::new("called", format!("{name} is ambiguous: {}", list(&named)))).into(),
        }
    }
    let failure = || Failure::new("called", format!("expected {}, called were {}", list(&resolved), list(&called)));
    (called != resolved).then(failure).into()
}

fn outcome(context: &Context<'_>) -> Checked {
    let Some(expected) = context.case.expect.outcome else { return Checked::Met };
    let kind = context.outcome.kind;
    let refusal = context.outcome.refusal.as_ref().map(|r| format!(": {}", r.message)).unwrap_or_default();
    (kind != expected).then(|| Failure::new("outcome", format!("expected {expected}, got {kind}{refusal}"))).into()
}

fn error(context: &Context<'_>) -> Checked {
    let Some(expected) = &context.case.expect.error else { return Checked::Met };
    let Some(refusal) = &context.outcome.refusal else {
        return Some(Failure::new("error", "the request was not refused")).into();
    };
    let mut failures = Vec::new();
    let mut differs = |what: &str, expected: &str, got: &str| {
        failures.push(Failure::new("error", format!("{what}: expected {expected:?}, got {got:?}")));
    };
    if let Some(message) = expected.message.as_ref().filter(|m| **m != refusal.message) {
        differs("message", message, &refusal.message);
    }
    if let Some(part) = expected.contains.as_ref().filter(|part| !refusal.message.contains(*part)) {
        differs("message, in part", part, &refusal.message);
    }
    if let Some(phase) = expected.phase.as_ref().filter(|phase| *phase != refusal.phase) {
        differs("phase", phase, refusal.phase);
    }
    if let Some(code) = expected.code.filter(|code| *code != i64::from(refusal.code)) {
        differs("code", &code.to_string(), &refusal.code.to_string());
    }
    failures.into()
}

fn reasons(context: &Context<'_>) -> Checked {
    codes(context, "reasons", &context.case.expect.reasons, Weight::Decisive)
}

fn warnings(context: &Context<'_>) -> Checked {
    codes(context, "warnings", &context.case.expect.warnings, Weight::Warning)
}

/// Codes of what looks like a slip, as a set.
fn slips(context: &Context<'_>) -> Checked {
    let Some(expected) = &context.case.expect.slips else { return Checked::Met };
    let mut found: Vec<&str> =
        conjector::advice::slips(&context.case.scenario, context.outcome).iter().map(|s| s.code).collect();
    let mut wanted: Vec<&str> = expected.iter().map(String::as_str).collect();
    for codes in [&mut found, &mut wanted] {
        codes.sort_unstable();
        codes.dedup();
    }
    if found == wanted {
        return Checked::Met;
    }
    let named = |codes: &[&str]| list(&codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
    Checked::from(vec![Failure::new("slips", format!("expected {}, got {}", named(&wanted), named(&found)))])
}

/// Codes of the trace, as a set. Of a target that shows no trace only the stages around it are known: what is wrong
/// there is wrong, but what is right there is not all.
fn codes(context: &Context<'_>, aspect: &'static str, expected: &Option<Vec<String>>, weight: Weight) -> Checked {
    let Some(expected) = expected else { return Checked::Met };
    let trace = &context.outcome.trace;
    let complete = context.outcome.trace_complete;
    let is_shown = |code: &str| {
        let stage = conjector::trace::CODES.iter().find(|(_, c, _)| *c == code).map(|(stage, _, _)| *stage);
        complete || !stage.is_some_and(Stage::is_injectors)
    };
    let mut found: Vec<&str> = match weight {
        Weight::Decisive => trace.reasons(),
        _ => trace.warnings(),
    };
    found.retain(|code| is_shown(code));
    found.sort_unstable();
    let mut wanted: Vec<&str> = expected.iter().map(String::as_str).filter(|code| is_shown(code)).collect();
    wanted.sort_unstable();
    if found == wanted && !complete {
        return Checked::NotSupported;
    }
    let text = |codes: &[&str]| if codes.is_empty() { "nothing".to_owned() } else { codes.join(", ") };
    (found != wanted).then(|| Failure::new(aspect, format!("expected {}, got {}", text(&wanted), text(&found)))).into()
}

fn pod(context: &Context<'_>) -> Checked {
    let Some(expected) = &context.case.expect.pod else { return Checked::Met };
    let mut failures = Vec::new();
    subset::subset(expected, &context.outcome.object, &mut String::new(), &mut failures);
    failures.into()
}

fn patch(context: &Context<'_>) -> Checked {
    let Some(PatchExpectation { operations, in_order }) = &context.case.expect.patch else { return Checked::Met };
    let found = context.outcome.patch().items();
    let text = |items: &[Value]| {
        let mut texts: Vec<String> = items.iter().map(json::to_string_sorted).collect();
        if !in_order {
            texts.sort();
        }
        texts
    };
    let (expected, found_texts) = (text(operations), text(found));
    if expected == found_texts {
        return Checked::Met;
    }
    let missing = expected.iter().find(|o| !found_texts.contains(o));
    let extra = found_texts.iter().find(|o| !expected.contains(o));
    let detail = match (missing, extra) {
        (Some(missing), _) => format!("missing {missing}"),
        (None, Some(extra)) => format!("not expected: {extra}"),
        (None, None) => "the order or the number differs".into(),
    };
    let message = format!("expected {} operations, got {}; {detail}", operations.len(), found.len());
    let documents = Some((Value::Array(operations.clone()), Value::Array(found.to_vec())));
    Some(Failure { documents, ..Failure::new("patch", message) }).into()
}

fn golden(context: &Context<'_>) -> Checked {
    if !context.case.expect.golden {
        return Checked::Met;
    }
    let object = &context.outcome.object;
    let Some(golden) = context.golden else {
        return Some(Failure::new("golden", "there is no golden yet; --update-goldens writes it")).into();
    };
    let difference = first_difference(golden, object).map(|(path, expected, got)| Failure {
        path: path.clone(),
        documents: Some((golden.clone(), object.clone())),
        ..Failure::new("golden", format!("first difference at {path}: expected {expected}, got {got}"))
    });
    difference.into()
}
