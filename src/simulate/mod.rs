//! The whole way: a [`Scenario`] through admission, injector and admission to an [`Outcome`].

mod target;

pub use target::{Call, CallFailure, CallFailureKind, Injector, Reply};

use std::fmt;

use crate::go::json::Value;
use crate::scenario::Scenario;
use crate::trace::Trace;

/// What happened to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// No injector webhook was called.
    NotCalled,
    /// Allowed without a patch.
    Skipped,
    /// A JSON Patch came and was applied, even an empty one.
    Injected,
    /// The injector answered `allowed: false`.
    Denied,
    /// The API server refuses for another reason: a failed call under Fail, a malformed answer, a patch that does not
    /// apply.
    Error,
    /// The call failed under Ignore, the object is admitted unchanged.
    FailedOpen,
    /// Two or more injector configurations were called.
    Overlap,
}

impl OutcomeKind {
    /// All kinds.
    pub const ALL: [OutcomeKind; 7] = [
        OutcomeKind::NotCalled,
        OutcomeKind::Skipped,
        OutcomeKind::Injected,
        OutcomeKind::Denied,
        OutcomeKind::Error,
        OutcomeKind::FailedOpen,
        OutcomeKind::Overlap,
    ];

    /// The kind as scenario files and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            OutcomeKind::NotCalled => "not-called",
            OutcomeKind::Skipped => "skipped",
            OutcomeKind::Injected => "injected",
            OutcomeKind::Denied => "denied",
            OutcomeKind::Error => "error",
            OutcomeKind::FailedOpen => "failed-open",
            OutcomeKind::Overlap => "overlap",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A webhook that was called.
#[derive(Clone, Debug)]
pub struct Called {
    /// Name of the MutatingWebhookConfiguration.
    pub configuration: String,
    /// Name of the webhook.
    pub webhook: String,
    /// The injector revision behind it.
    pub revision: String,
    /// 0 in the first pass, 1 when reinvoked.
    pub round: u8,
    /// The JSON Patch of its answer (a list of operations), or null.
    pub patch: Value,
    /// The whole answer as received, or null when the call failed.
    pub answer: Value,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status code for the client.
    pub code: u16,
    /// Machine reason of the Status (`BadRequest`, `Forbidden` …), empty where there is none.
    pub reason: String,
    /// The message that the client sees.
    pub message: String,
    /// Code of the step that refused, one of [`crate::trace::CODES`].
    pub phase: &'static str,
}

/// What became of the request.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The kind of outcome.
    pub kind: OutcomeKind,
    /// The webhooks that were called, in order.
    pub called: Vec<Called>,
    /// The object as admitted; the request's own when nothing changed it; null when it was refused.
    pub object: Value,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// Warnings that the client sees.
    pub warnings: Vec<String>,
    /// How it came about.
    pub trace: Trace,
    /// False when a called target showed no trace, so that the reasons of the injector's own stages are unknown.
    pub trace_complete: bool,
}

impl Outcome {
    /// The JSON Patch of the last injector call that sent one: a list of operations, else null.
    pub fn patch(&self) -> &Value {
        static NULL: Value = Value::Null;
        self.called.iter().rev().map(|c| &c.patch).find(|p| !p.is_null()).unwrap_or(&NULL)
    }
}

/// Runs a scenario against an injector.
///
/// Errors: only [`CallFailureKind::Context`], where the target cannot be asked at all; any other failed call is part
/// of the outcome.
pub fn run(scenario: &Scenario, injector: &dyn Injector) -> Result<Outcome, CallFailure> {
    let _ = (scenario, injector);
    Err(CallFailure { kind: CallFailureKind::Context, message: "not built yet".into() })
}

/// The built-in injector: answers each call with the configuration of the called revision in the scenario.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulator;

impl Injector for Simulator {
    fn review(&self, _call: &Call<'_>) -> Result<Reply, CallFailure> {
        Err(CallFailure { kind: CallFailureKind::Unreachable, message: "not built yet".into() })
    }
}
