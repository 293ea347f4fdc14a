use conjector::go::json::Value;
use conjector::injector::release::Release;
use conjector::simulate::OutcomeKind;
use conjector::trace::CODES;

use super::error::{Problem, near_miss};
use super::merge::merge_block;

/// What must come of a case. What is `None` or empty is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The webhooks that are called, CONFIGURATION/WEBHOOK, in order.
    pub called: Option<Vec<String>>,
    /// The outcome.
    pub outcome: Option<OutcomeKind>,
    /// The codes of the decisive steps, in any order.
    pub reasons: Option<Vec<String>>,
    /// The codes of the warnings, in any order.
    pub warnings: Option<Vec<String>>,
    /// The codes of what looks like a slip, in any order.
    pub slips: Option<Vec<String>>,
    /// The refusal.
    pub error: Option<ErrorExpectation>,
    /// What the admitted object must hold, at least.
    pub pod: Option<Value>,
    /// The admitted object equals the golden of this case.
    pub golden: bool,
    /// The JSON Patch.
    pub patch: Option<PatchExpectation>,
    /// Checks of single places.
    pub checks: Vec<Check>,
    /// Laws are named, and not only looked at as in every case.
    names_laws: bool,
    /// The laws that the real release breaks, each with the reason; all others must hold.
    pub broken_laws: Vec<(Law, String)>,
}

impl Expect {
    /// True when nothing is looked at, so that every outcome would do.
    fn is_empty(&self) -> bool {
        let pod = self.pod.as_ref().is_some_and(|pod| pod.as_object().is_none_or(|members| !members.is_empty()));
        let decision = self.called.is_some() || self.outcome.is_some() || self.error.is_some();
        let codes = self.reasons.is_some() || self.warnings.is_some() || self.slips.is_some();
        let rest = self.golden || self.patch.is_some() || !self.checks.is_empty() || self.names_laws;
        !(pod || decision || codes || rest)
    }
}

/// What a refusal must be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorExpectation {
    /// The exact message.
    pub message: Option<String>,
    /// A part of the message.
    pub contains: Option<String>,
    /// The code of the step that refused.
    pub phase: Option<String>,
    /// The HTTP status.
    pub code: Option<i64>,
}

/// What the JSON Patch must be.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchExpectation {
    /// The operations.
    pub operations: Vec<Value>,
    /// In this order, and not just all of them.
    pub in_order: bool,
}

/// A check of one place of the admitted object.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// A JSON pointer; items of lists by their position or name.
    pub path: String,
    /// The kind, one of [`super::CHECKS`].
    pub kind: &'static str,
    /// What the kind takes.
    pub argument: Value,
    /// For `parse`: what the parsed text must hold.
    pub subset: Value,
}

/// A law about injection. Every law is looked at in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// The same request gets the same answer.
    Deterministic,
    /// The order of the labels changes nothing.
    LabelOrder,
    /// An annotation that nobody knows changes nothing but texts that hold all annotations.
    UnrelatedAnnotations,
    /// Injecting the admitted object again changes nothing.
    Idempotent,
    /// An injector that is called again, since a later webhook changed something else, changes nothing.
    ReinvokeStable,
    /// No two injector configurations are called for one pod, unless the expected outcome is `overlap`.
    SingleCaller,
}

impl Law {
    /// All laws by name.
    pub const ALL: &'static [(&'static str, Law)] = &[
        ("deterministic", Law::Deterministic),
        ("label-order", Law::LabelOrder),
        ("unrelated-annotations", Law::UnrelatedAnnotations),
        ("idempotent", Law::Idempotent),
        ("reinvoke-stable", Law::ReinvokeStable),
        ("single-caller", Law::SingleCaller),
    ];

    /// The law as files write it.
    pub fn name(self) -> &'static str {
        Law::ALL.iter().find(|(_, law)| *law == self).map_or("", |(name, _)| name)
    }
}

/// Reads the expectations that apply to a release: one mapping, or several of which those whose range holds are laid
/// over each other.
///
/// Errors: an empty expectation, unknown codes and laws, a check of no kind or of two.
pub(super) fn read(expect: &Value, release: &Release) -> Result<Expect, Problem> {
    let mut merged = Value::object();
    for block in match expect {
        Value::Array(blocks) => blocks.as_slice(),
        other => std::slice::from_ref(other),
    } {
        if let Some(range) = block["when"]["release"].as_str()
            && !release.is_in(range).map_err(|e| Problem::at(&["expect", "when", "release"], e))?
        {
            continue;
        }
        let mut block = block.clone();
        if let Value::Object(members) = &mut block {
            members.remove("when");
        }
        merge_block(&mut merged, block);
    }
    let texts = |key: &str| -> Option<Vec<String>> {
        merged.get(key).map(|list| list.items().iter().map(scalar_text).collect())
    };
    for key in ["reasons", "warnings", "slips"] {
        for code in texts(key).unwrap_or_default() {
            if !CODES.iter().any(|(_, known, _)| *known == code) {
                let hint = near_miss(&code, CODES.iter().map(|(_, known, _)| *known));
                return Err(Problem::at(&["expect", key], format_args!("{code:?} is no code")).hint(hint));
            }
        }
    }
    let error = merged.get("error").map(|error| {
        let text = |key: &str| error.get(key).map(scalar_text);
        ErrorExpectation {
            message: text("message"),
            contains: text("contains"),
            phase: text("phase"),
            code: error["code"].as_i64(),
        }
    });
    let patch = merged.get("patch").map(|patch| match patch {
        Value::Array(operations) => PatchExpectation { operations: operations.clone(), in_order: false },
        patch => PatchExpectation {
            operations: patch["operations"].items().to_vec(),
            in_order: patch["order"].as_str() == Some("exact"),
        },
    });
    let laws: Vec<(Law, Option<String>)> = merged["laws"].items().iter().map(law).collect::<Result<_, _>>()?;
    let expect = Expect {
        called: texts("called"),
        outcome: merged["outcome"].as_str().and_then(|name| OutcomeKind::ALL.into_iter().find(|k| k.name() == name)),
        reasons: texts("reasons"),
        warnings: texts("warnings"),
        slips: texts("slips"),
        error,
        pod: merged.get("pod").cloned(),
        golden: merged["golden"].as_bool() == Some(true),
        patch,
        checks: merged["checks"].items().iter().map(check).collect::<Result<_, _>>()?,
        names_laws: !laws.is_empty(),
        broken_laws: laws.into_iter().filter_map(|(law, broken)| Some((law, broken?))).collect(),
    };
    if expect.is_empty() {
        return Err(Problem::at(&["expect"], format_args!("it says nothing for release {release}")));
    }
    Ok(expect)
}

fn scalar_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn check(value: &Value) -> Result<Check, Problem> {
    let wrong = |message: String| Problem::at(&["expect", "checks"], message);
    // Null is a value to equal; for every other kind it says nothing.
    let given = |kind: &str| value.get(kind).filter(|argument| kind == "equals" || !argument.is_null());
    let mut kinds = super::CHECKS.iter().filter_map(|(kind, _)| Some((*kind, given(kind)?)));
    let path = value["path"].as_str().unwrap_or_default().to_owned();
    if !path.starts_with('/') {
        return Err(wrong(format!("the path {path:?} does not begin with /")));
    }
    match (kinds.next(), kinds.next()) {
        (Some((kind, _)), None) if kind != "parse" && !value["subset"].is_null() => {
            Err(wrong(format!("the check of {path}: subset goes with parse, not with {kind}")))
        }
        (Some((kind, argument)), None) => {
            Ok(Check { path, kind, argument: argument.clone(), subset: value["subset"].clone() })
        }
        (None, _) => {
            let known: Vec<&str> = super::CHECKS.iter().map(|(k, _)| *k).collect();
            let hint = format!("one of {}", known.join(", "));
            Err(wrong(format!("the check of {path} has no kind")).hint(Some(hint)))
        }
        (Some((one, _)), Some((two, _))) => Err(wrong(format!("the check of {path} is both {one} and {two}"))),
    }
}

fn law(value: &Value) -> Result<(Law, Option<String>), Problem> {
    let name = value.as_str().or_else(|| value["law"].as_str()).unwrap_or_default();
    let broken = value["broken"].as_str().map(str::to_owned);
    match Law::ALL.iter().find(|(known, _)| *known == name) {
        Some((_, law)) => Ok((*law, broken)),
        None => {
            let hint = near_miss(name, Law::ALL.iter().map(|(known, _)| *known));
            Err(Problem::at(&["expect", "laws"], format_args!("{name:?} is no law")).hint(hint))
        }
    }
}
