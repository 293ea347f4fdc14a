//! The whole way: a [`Scenario`] through admission, injector and admission to an [`Outcome`].

mod network;
mod target;
mod whole;

pub use crate::admission::{Answer, Failure, Http};
pub use target::{Call, Injector, Reply};

use std::fmt;

use crate::admission::{self, Admission, Refused, Webhook};
use crate::go::json::Value;
use crate::injector::webhook::{self, Process};
use crate::scenario::Scenario;
use crate::trace::{Stage, Step, Trace, Weight};
use network::Network;

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
/// Errors: where the target cannot be asked about this situation at all ([`Failure::Context`]), its message; any other
/// failed call is part of the outcome.
pub fn run(scenario: &Scenario, injector: &dyn Injector) -> Result<Outcome, String> {
    run_traced(scenario, injector, Trace::new())
}

/// [`run`] with a trace that may be off.
///
/// Errors: as [`run`].
pub fn run_traced(scenario: &Scenario, injector: &dyn Injector, mut trace: Trace) -> Result<Outcome, String> {
    if scenario.api_server {
        return whole::run(scenario, injector, trace);
    }
    let chain = admission::Chain {
        webhooks: &scenario.webhooks,
        request: &scenario.request,
        cluster: &scenario.cluster,
        seed: &scenario.id,
        server: &admission::Bare,
        timeout: admission::REQUEST_TIMEOUT,
    };
    let mut network = Network::new(scenario, injector);
    let admission = admission::run(&chain, &mut |sent, trace| network.answer(sent, trace), &mut trace)?;
    let Admission { attempts, object, refused, warnings, .. } = admission;
    let reached = attempts.into_iter().map(|attempt| Reached {
        webhook: attempt.webhook,
        round: attempt.round,
        patch: attempt.patch,
        answer: attempt.answer,
        failed_open: attempt.failed_open,
    });
    let end = End { reached: reached.collect(), object, refused, warnings: warnings.into_texts() };
    Ok(outcome(end, trace, network.trace_complete))
}

/// True for webhooks of injectors: those that call a path of the injector.
fn is_injector(webhook: &Webhook) -> bool {
    let path = webhook.path();
    path == "/inject" || path.starts_with("/inject/") || webhook.configuration_label("istio.io/rev").is_some()
}

/// The revision behind a webhook: what its configuration's label says; before there was one (until 1.5), the name of the
/// service.
fn revision(webhook: &Webhook) -> &str {
    let by_service = || webhook.service().and_then(|name| name.strip_prefix("istiod-"));
    webhook.configuration_label("istio.io/rev").or_else(by_service).unwrap_or("default")
}

/// A webhook that the request reached.
struct Reached<'a> {
    webhook: &'a Webhook,
    round: u8,
    patch: Value,
    answer: Value,
    failed_open: bool,
}

/// How the request ended.
struct End<'a> {
    reached: Vec<Reached<'a>>,
    object: Value,
    refused: Option<Refused>,
    warnings: Vec<String>,
}

fn outcome(end: End<'_>, mut trace: Trace, trace_complete: bool) -> Outcome {
    let injectors: Vec<_> = end.reached.into_iter().filter(|reached| is_injector(reached.webhook)).collect();
    let mut configurations: Vec<&str> = injectors.iter().map(|a| a.webhook.configuration()).collect();
    configurations.dedup();
    let overlap = configurations.iter().any(|c| *c != configurations[0]);
    if overlap {
        trace.add(|| Step {
            stage: Stage::Match,
            code: "overlap",
            weight: Weight::Decisive,
            subject: configurations.join(", "),
            facts: Vec::new(),
            text: format!("{} injector configurations are called for one pod", configurations.len()),
        });
    }
    let kind = match &end.refused {
        _ if overlap => OutcomeKind::Overlap,
        Some(refused) if refused.phase == "denied" => OutcomeKind::Denied,
        Some(_) => OutcomeKind::Error,
        None if injectors.is_empty() => OutcomeKind::NotCalled,
        None if injectors.iter().any(|a| !a.patch.is_null()) => OutcomeKind::Injected,
        None if injectors.iter().any(|a| a.failed_open) => OutcomeKind::FailedOpen,
        None => OutcomeKind::Skipped,
    };
    let called = injectors.into_iter().map(|reached| Called {
        configuration: reached.webhook.configuration().to_owned(),
        webhook: reached.webhook.name().to_owned(),
        revision: revision(reached.webhook).to_owned(),
        round: reached.round,
        patch: reached.patch,
        answer: reached.answer,
    });
    let called = called.collect();
    Outcome {
        kind,
        called,
        object: end.object,
        refusal: end.refused.map(|r| Refusal { code: r.code, reason: r.reason, message: r.message, phase: r.phase }),
        warnings: end.warnings,
        trace,
        trace_complete,
    }
}

/// The built-in injector: answers each call with the configuration of the called revision in the scenario.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulator;

impl Injector for Simulator {
    fn review(&self, call: &Call<'_>) -> Reply {
        let scenario = call.scenario;
        let Some(injected) = scenario.injectors.get(call.revision) else {
            return Failure::NoService(call.revision.to_owned()).into();
        };
        let process = Process {
            release: injected.release,
            config: &injected.config,
            revision: call.revision,
            cluster: &scenario.cluster,
            env: &scenario.env,
        };
        let mut trace = Trace::new();
        let answer = match webhook::answer_review(&process, call.path, call.review, &mut trace) {
            webhook::Answer::Review(review) => Answer::Review(review),
            webhook::Answer::Http { status, body } => {
                Answer::Http(Http::new(status, "text/plain; charset=utf-8", body))
            }
            webhook::Answer::Crash(_) => Answer::Failed(Failure::Closed),
        };
        Reply { answer, trace: Some(trace) }
    }
}
