//! What happened on the way, step by step: the stage, a stable code, the values that were looked at, a sentence.

use crate::go::json::{Object, Value};

/// Where on the way through a step belongs, in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The API server decides which webhooks a request reaches.
    Match,
    /// The API server calls a webhook.
    Call,
    /// The injector reads the request and the pod.
    Read,
    /// The injector decides whether to inject.
    Decide,
    /// The injector validates annotations, chooses and renders templates.
    Render,
    /// The injector merges the rendered templates and the user's containers.
    Merge,
    /// The injector's last changes: order, probes, metrics, status annotation.
    Finish,
    /// The API server judges the answer and applies the patch.
    Apply,
}

impl Stage {
    /// The stage as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Match => "match",
            Stage::Call => "call",
            Stage::Read => "read",
            Stage::Decide => "decide",
            Stage::Render => "render",
            Stage::Merge => "merge",
            Stage::Finish => "finish",
            Stage::Apply => "apply",
        }
    }

    /// True for the stages inside the injector: a target that is not the built-in simulator does not show them.
    pub fn is_injectors(self) -> bool {
        !matches!(self, Stage::Match | Stage::Call | Stage::Apply)
    }
}

/// How much a step matters for the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It happened.
    Note,
    /// It did not decide, but a user should look at it.
    Warning,
    /// It decided the outcome: its code is one of the outcome's reasons.
    Decisive,
}

/// One step of the way.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it belongs.
    pub stage: Stage,
    /// A stable kebab-case code, one of [`CODES`].
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What it concerns: CONFIGURATION/WEBHOOK for API server stages, else empty.
    pub subject: String,
    /// The values that were looked at, by name.
    pub facts: Vec<(&'static str, String)>,
    /// One sentence for people.
    pub text: String,
}

impl Step {
    /// The step as JSON: `stage`, `code`, `decisive`, `warning`, `subject`, `facts`, `text`.
    pub fn to_json(&self) -> Value {
        let facts: Object = self.facts.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let mut step = Object::new();
        step.insert("stage", self.stage.name());
        step.insert("code", self.code);
        step.insert(
            "weight",
            match self.weight {
                Weight::Note => "note",
                Weight::Warning => "warning",
                Weight::Decisive => "decisive",
            },
        );
        if !self.subject.is_empty() {
            step.insert("subject", self.subject.as_str());
        }
        if !facts.is_empty() {
            step.insert("facts", facts);
        }
        step.insert("text", self.text.as_str());
        Value::Object(step)
    }
}

/// The steps of one run, in order. A trace that is off keeps nothing and costs next to nothing.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    steps: Vec<Step>,
    off: bool,
}

impl Stage {
    const ALL: [Stage; 8] = [
        Stage::Match,
        Stage::Call,
        Stage::Read,
        Stage::Decide,
        Stage::Render,
        Stage::Merge,
        Stage::Finish,
        Stage::Apply,
    ];
}

impl Trace {
    /// Reads steps as [`Step::to_json`] writes them, without their values. Steps with unknown codes are left out; `None`
    /// where it is no list.
    pub fn from_json(value: &Value) -> Option<Trace> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let step = |step: &Value| {
            let code = CODES.iter().find(|(_, code, _)| Some(*code) == step["code"].as_str())?.1;
            let stage = Stage::ALL.into_iter().find(|s| Some(s.name()) == step["stage"].as_str())?;
            let weight = match step["weight"].as_str() {
                Some("decisive") => Weight::Decisive,
                Some("warning") => Weight::Warning,
                _ => Weight::Note,
            };
            Some(Step {
                stage,
                code,
                weight,
                subject: text(&step["subject"]),
                facts: Vec::new(),
                text: text(&step["text"]),
            })
        };
        Some(Trace { steps: value.as_array()?.iter().filter_map(step).collect(), off: false })
    }

    /// A trace that keeps its steps.
    pub fn new() -> Trace {
        Trace::default()
    }

    /// A trace that keeps nothing.
    pub fn off() -> Trace {
        Trace { steps: Vec::new(), off: true }
    }

    /// True when steps are kept.
    pub fn is_on(&self) -> bool {
        !self.off
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Appends a step; the closure runs only when the trace is on.
    pub fn add(&mut self, step: impl FnOnce() -> Step) {
        if !self.off {
            self.steps.push(step());
        }
    }

    /// Appends a note without values.
    pub fn note(&mut self, stage: Stage, code: &'static str, text: impl FnOnce() -> String) {
        self.push(stage, Weight::Note, code, text);
    }

    /// Appends a decisive step without values.
    pub fn decide(&mut self, stage: Stage, code: &'static str, text: impl FnOnce() -> String) {
        self.push(stage, Weight::Decisive, code, text);
    }

    /// Appends a warning without values.
    pub fn warn(&mut self, stage: Stage, code: &'static str, text: impl FnOnce() -> String) {
        self.push(stage, Weight::Warning, code, text);
    }

    fn push(&mut self, stage: Stage, weight: Weight, code: &'static str, text: impl FnOnce() -> String) {
        self.add(|| Step { stage, code, weight, subject: String::new(), facts: Vec::new(), text: text() });
    }

    /// Makes the notes of a stage decisive: what they tell turned out to decide.
    pub fn promote(&mut self, stage: Stage) {
        for step in self.steps.iter_mut().filter(|s| s.stage == stage && s.weight == Weight::Note) {
            step.weight = Weight::Decisive;
        }
    }

    /// Appends all steps of another trace.
    pub fn extend(&mut self, other: Trace) {
        if !self.off {
            self.steps.extend(other.steps);
        }
    }

    /// The codes of the decisive steps, each once, in order: the reasons of the outcome.
    pub fn reasons(&self) -> Vec<&'static str> {
        self.codes(Weight::Decisive)
    }

    /// The codes of the warnings, each once, in order.
    pub fn warnings(&self) -> Vec<&'static str> {
        self.codes(Weight::Warning)
    }

    fn codes(&self, weight: Weight) -> Vec<&'static str> {
        let mut codes = Vec::new();
        for step in self.steps.iter().filter(|s| s.weight == weight) {
            if !codes.contains(&step.code) {
                codes.push(step.code);
            }
        }
        codes
    }
}

/// Every code with its meaning. A code, once released, keeps its name and meaning.
pub const CODES: &[(Stage, &str, &str)] = &[
    (Stage::Match, "plugin-refused", "a plugin of the API server itself refuses the request"),
    (Stage::Match, "bad-request", "the API server refuses the request itself"),
    (Stage::Match, "no-webhooks", "no mutating webhook is configured"),
    (Stage::Match, "exempt-resource", "admission configuration objects are never sent to webhooks"),
    (Stage::Match, "namespace-selector", "the namespaceSelector does not match the namespace's labels"),
    (Stage::Match, "object-selector", "the objectSelector does not match the object's labels"),
    (Stage::Match, "rules", "no rule matches operation, group, version, resource and scope"),
    (Stage::Match, "match-conditions", "a matchCondition is false"),
    (Stage::Match, "match-conditions-failed-open", "matchConditions fail and failurePolicy Ignore skips the webhook"),
    (Stage::Match, "match-conditions-error", "matchConditions fail and failurePolicy Fail refuses the request"),
    (Stage::Match, "match-error", "matching itself failed"),
    (Stage::Match, "called", "the webhook is called"),
    (Stage::Match, "overlap", "two or more injector configurations are called for one pod"),
    (Stage::Match, "near-label", "a label's key looks like one that webhooks read, but none does"),
    (Stage::Match, "inject-label-on-namespace", "a namespace has the inject label, which only pods can have"),
    (Stage::Match, "injection-label-on-pod", "a pod has the istio-injection label, which only namespaces can have"),
    (Stage::Match, "unknown-injection-value", "the istio-injection label has a value that no webhook asks for"),
    (Stage::Match, "inject-label-value", "the inject label is neither true nor false"),
    (Stage::Match, "unknown-revision", "a revision label names a revision that no webhook serves"),
    (Stage::Match, "hidden-revision", "the namespace's istio-injection label hides its revision label"),
    (Stage::Match, "label-as-annotation", "an annotation has the key of a label that webhooks read"),
    (
        Stage::Match,
        "annotation-cannot-opt-in",
        "the inject annotation asks for injection where no webhook selects the pod",
    ),
    (Stage::Match, "setting-on-workload", "a workload has an inject setting that its pod template lacks"),
    (Stage::Match, "revision-without-injector", "a webhook leads to a revision of which no configuration is known"),
    (Stage::Match, "image-left-to-fill-in", "a container has the image auto, and no injector replaces it"),
    (Stage::Match, "empty-selector", "a never/always selector is empty, which matches no pod"),
    (Stage::Call, "call-failed", "the call failed and failurePolicy Fail refuses the request"),
    (Stage::Call, "failed-open", "the call failed and failurePolicy Ignore admits the request without it"),
    (Stage::Call, "not-simulated", "the webhook is no injector and is taken to change nothing"),
    (Stage::Call, "reinvoked", "the webhook is called again, since a later one changed the object"),
    (Stage::Read, "http-error", "the injector refuses the HTTP request"),
    (Stage::Read, "bad-review", "the body is not an AdmissionReview"),
    (Stage::Read, "bad-pod", "the object is not a pod"),
    (Stage::Read, "handler-crash", "the real injector crashes on this request and drops the connection"),
    (Stage::Decide, "host-network", "pods on the host network are never injected"),
    (Stage::Decide, "ignored-namespace", "nothing is injected in this namespace"),
    (Stage::Decide, "illegal-policy", "the policy is neither enabled nor disabled, so nothing is injected"),
    (Stage::Decide, "label-true", "the pod's label asks for injection"),
    (Stage::Decide, "label-false", "the pod's label forbids injection"),
    (Stage::Decide, "annotation-true", "the pod's annotation asks for injection"),
    (Stage::Decide, "annotation-false", "the pod's annotation forbids injection"),
    (Stage::Decide, "unknown-inject-value", "the inject value is not understood and counts as not given"),
    (Stage::Decide, "never-selector", "a neverInjectSelector matches the pod's labels"),
    (Stage::Decide, "always-selector", "an alwaysInjectSelector matches the pod's labels"),
    (Stage::Decide, "invalid-selector", "a never/always selector is invalid and passed over"),
    (Stage::Decide, "policy-enabled", "nothing else decided and the policy is enabled"),
    (Stage::Decide, "policy-disabled", "nothing else decided and the policy is disabled"),
    (Stage::Render, "no-values", "the injector has no values"),
    (Stage::Render, "invalid-annotation", "an annotation's value is refused"),
    (Stage::Render, "unknown-template", "a template that is asked for does not exist"),
    (Stage::Render, "template-selected", "a template is rendered"),
    (Stage::Render, "template-error", "a template fails to run"),
    (Stage::Render, "native-sidecar", "whether sidecars are native was looked up"),
    (Stage::Merge, "overlay-error", "a rendered template cannot be merged onto the pod"),
    (Stage::Merge, "reapplied", "the user's own settings of an injected container are applied again"),
    (Stage::Merge, "reapply-error", "the user's own containers cannot be applied again"),
    (Stage::Finish, "user-of-the-sidecar", "an application runs as the sidecar's user, so that its traffic passes by"),
    (Stage::Finish, "never-ends", "a sidecar that is a container keeps a pod from ending"),
    (Stage::Finish, "post-process-error", "the last changes to the pod fail"),
    (Stage::Finish, "patch-created", "the JSON Patch is made"),
    (Stage::Apply, "invalid-response", "the webhook's answer is malformed"),
    (Stage::Apply, "denied", "the webhook denies the request"),
    (Stage::Apply, "patch-failed", "the JSON Patch does not apply"),
    (Stage::Apply, "invalid-object", "the object as changed is invalid"),
    (Stage::Apply, "patched", "the JSON Patch is applied"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        for (i, (_, code, _)) in CODES.iter().enumerate() {
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{code}");
            assert!(CODES[..i].iter().all(|(_, c, _)| c != code), "{code} twice");
        }
    }

    #[test]
    fn an_off_trace_builds_nothing() {
        let mut trace = Trace::off();
        trace.note(Stage::Match, "called", || unreachable!());
        assert!(trace.steps().is_empty());
    }
}
