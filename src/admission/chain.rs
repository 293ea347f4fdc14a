//! The mutating chain: plugins, then webhook after webhook on the object as changed so far, and all of it once more
//! where a webhook changed something.

use std::time::Duration;

use super::client::Clock;
use super::matching::{self, Judgement};
use super::refused::Refused;
use super::server::Server;
use super::transport::{Network, Sent};
use super::warnings::Warnings;
use super::webhook::{FailurePolicy, Webhook};
use super::{Attributes, client, object, response, review};
use crate::go::json::{self, Object, Value};
use crate::go::strconv::quote;
use crate::k8s::served::{GroupVersion, Served};
use crate::k8s::{Cluster, convert, names};
use crate::patch::json_patch;
use crate::scenario::Request;
use crate::trace::{Stage, Step, Trace, Weight};

/// How long the API server takes for a request at most, unless its client wants it sooner.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(34);

/// A failed call: what failurePolicy decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallError {
    pub(super) message: String,
    /// Nothing can be said about the request: the run ends.
    pub(super) fatal: bool,
}

impl CallError {
    /// The call itself failed.
    pub(super) fn calling(message: impl Into<String>) -> CallError {
        CallError::plain(format!("failed to call webhook: {}", message.into()))
    }

    /// The call worked, but its answer is no good, or it could not even be tried.
    pub(super) fn plain(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), fatal: false }
    }

    /// Nothing can be said: the run ends with this message.
    pub(super) fn fatal(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), fatal: true }
    }
}

/// One webhook that was called.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// Its place among all webhooks, called or not.
    pub index: usize,
    /// 0 in the first pass, 1 when reinvoked.
    pub round: u8,
    /// The uid of its AdmissionReview; none where it could not even be called.
    pub uid: Option<String>,
    /// Its patch was applied.
    pub applied: bool,
    /// Its patch changed the object.
    pub mutated: bool,
    /// The JSON Patch of its answer, or null.
    pub patch: Value,
    /// The whole answer as read, or null when the call failed.
    pub answer: Value,
    /// The call failed and failurePolicy Ignore passed over it.
    pub failed_open: bool,
}

/// What the chain runs on.
pub struct Chain<'a> {
    /// The webhooks in order.
    pub webhooks: &'a [Webhook],
    /// The request.
    pub request: &'a Request,
    /// What the API server can look up.
    pub cluster: &'a Cluster,
    /// From this the uids of the reviews are made.
    pub seed: &'a str,
    /// What stands around the webhooks.
    pub server: &'a dyn Server,
    /// How long the client of the API server waits.
    pub timeout: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Admission<'a> {
    /// The calls in order.
    pub attempts: Vec<Attempt<'a>>,
    /// The object as changed, null when refused.
    pub object: Value,
    /// Why the request was refused.
    pub refused: Option<Refused>,
    /// Warnings for the client.
    pub warnings: Warnings,
    /// The audit annotations that webhooks gave.
    pub annotations: Vec<(String, String)>,
    /// The chain ran a second time.
    pub reinvoked: bool,
    /// These are validating webhooks, which change nothing.
    is_validating: bool,
}

impl Admission<'_> {
    /// The audit annotations of the request: what webhooks gave, and who did what in which round.
    pub fn audit(&self) -> Vec<(String, String)> {
        let mut all = self.annotations.clone();
        for attempt in &self.attempts {
            let place = format!("round_{}_index_{}", attempt.round, attempt.index);
            let mut what = Object::new();
            what.push("configuration", attempt.webhook.configuration());
            what.push("webhook", attempt.webhook.name());
            if attempt.applied {
                let mut patch = what.clone();
                patch.push("patch", attempt.patch.clone());
                patch.push("patchType", "JSONPatch");
                all.push((format!("patch.webhook.admission.k8s.io/{place}"), json::to_string(&Value::Object(patch))));
            }
            what.push("mutated", attempt.mutated);
            if !self.is_validating {
                all.push((format!("mutation.webhook.admission.k8s.io/{place}"), json::to_string(&Value::Object(what))));
            }
            if attempt.failed_open {
                let side = if self.is_validating { "validating" } else { "mutation" };
                let key = format!("failed-open.{side}.webhook.admission.k8s.io/{place}");
                all.push((key, attempt.webhook.name().to_owned()));
            }
        }
        all.sort();
        all
    }
}

/// Runs the chain.
///
/// Errors: where an answerer cannot be asked about the situation at all, its message; failures of any other kind are
/// part of the result.
pub fn run<'a>(chain: &Chain<'a>, network: &mut Network<'_>, trace: &mut Trace) -> Result<Admission<'a>, String> {
    let mut run = Run::new(chain);
    if chain.webhooks.is_empty() {
        trace.decide(Stage::Match, "no-webhooks", || "no mutating webhook is configured".into());
    }
    let attributes = Attributes { request: chain.request, object: &Value::Null };
    let exempt = matching::is_exempt(&attributes);
    if exempt {
        trace.decide(Stage::Match, "exempt-resource", || {
            "objects that configure admission are never sent to webhooks".into()
        });
    }
    run.plugins(trace);
    if !exempt {
        run.pass(0, network, trace)?;
        if run.admission.refused.is_none() && run.changed {
            run.admission.reinvoked = true;
            run.again(network, trace)?;
        }
    }
    let mut admission = run.admission;
    // What kept webhooks away decided the outcome only where none was called.
    if admission.attempts.is_empty() && admission.refused.is_none() {
        trace.promote(Stage::Match);
    }
    if admission.refused.is_some() {
        admission.object = Value::Null;
    }
    Ok(admission)
}

/// Runs validating webhooks on an object as it would be stored: all that match are called, and the first refusal in
/// their order counts (in reality the first in time).
///
/// Errors: as [`run`].
pub fn validate<'a>(chain: &Chain<'a>, network: &mut Network<'_>, trace: &mut Trace) -> Result<Admission<'a>, String> {
    let mut run = Run::new(chain);
    run.admission.is_validating = true;
    let attributes = Attributes { request: chain.request, object: &Value::Null };
    if matching::is_exempt(&attributes) {
        return Ok(run.admission);
    }
    let mut first = None;
    for (index, webhook) in chain.webhooks.iter().enumerate() {
        run.clock.elapsed = Duration::ZERO;
        run.visit(index, webhook, 0, network, trace)?;
        if let Some(refused) = run.admission.refused.take() {
            first.get_or_insert(refused);
        }
    }
    run.admission.refused = first;
    Ok(run.admission)
}

struct Run<'c, 'a> {
    chain: &'c Chain<'a>,
    admission: Admission<'a>,
    clock: Clock,
    /// Reinvocable webhooks called since the last change, by index.
    previously: Vec<usize>,
    /// Webhooks to call again, by index.
    again: Vec<usize>,
    changed: bool,
    /// The object has another version than the request.
    is_converted: bool,
}

impl<'c, 'a> Run<'c, 'a> {
    fn new(chain: &'c Chain<'a>) -> Run<'c, 'a> {
        Run {
            chain,
            admission: Admission {
                attempts: Vec::new(),
                object: chain.request.object.clone(),
                refused: None,
                warnings: Warnings::default(),
                annotations: Vec::new(),
                reinvoked: false,
                is_validating: false,
            },
            clock: Clock { elapsed: Duration::ZERO, budget: chain.timeout },
            previously: Vec::new(),
            again: Vec::new(),
            changed: false,
            is_converted: false,
        }
    }

    /// The plugins before the webhooks.
    fn plugins(&mut self, trace: &mut Trace) {
        if let Err(refused) = self.chain.server.admit(self.chain.request, &mut self.admission.object) {
            self.refuse(String::new(), refused, Stage::Match, trace);
        }
    }

    /// The second time: plugins, then those webhooks that want it.
    fn again(&mut self, network: &mut Network<'_>, trace: &mut Trace) -> Result<(), String> {
        let before = (!self.previously.is_empty()).then(|| self.admission.object.clone());
        self.plugins(trace);
        if before.is_some_and(|before| self.admission.object != before) {
            self.again.append(&mut self.previously);
        }
        self.pass(1, network, trace)
    }

    fn pass(&mut self, round: u8, network: &mut Network<'_>, trace: &mut Trace) -> Result<(), String> {
        let mut dirty = false;
        for (index, webhook) in self.chain.webhooks.iter().enumerate() {
            if self.admission.refused.is_some() {
                return Ok(());
            }
            if round > 0 && !self.again.contains(&index) {
                continue;
            }
            dirty |= self.visit(index, webhook, round, network, trace)?;
        }
        if self.admission.refused.is_some() {
            return Ok(());
        }
        if let Err(refused) = self.bring(None) {
            self.refuse(String::new(), refused, Stage::Apply, trace);
            return Ok(());
        }
        if dirty {
            match object::settle(&mut self.admission.object, &self.chain.request.kind) {
                Ok(()) => self.chain.server.store(&mut self.admission.object),
                Err(message) => {
                    self.refuse(String::new(), Refused::new(500, "", message, "patch-failed"), Stage::Apply, trace);
                }
            }
        }
        Ok(())
    }

    /// Calls the webhook if the request reaches it; true where a patch was applied, even one that changed nothing.
    fn visit(
        &mut self,
        index: usize,
        webhook: &'a Webhook,
        round: u8,
        network: &mut Network<'_>,
        trace: &mut Trace,
    ) -> Result<bool, String> {
        let attributes = Attributes { request: self.chain.request, object: &self.admission.object };
        match matching::judge(webhook, &attributes, self.chain.cluster) {
            Judgement::Called { equivalent, .. } => {
                let equivalent = equivalent.cloned();
                if let Err(refused) = self.bring(equivalent.as_ref()) {
                    self.refuse(webhook.subject(), refused, Stage::Match, trace);
                    return Ok(false);
                }
                return self.call(index, webhook, (round, equivalent.as_ref()), network, trace);
            }
            Judgement::Skipped(skipped) => trace.add(|| {
                let (facts, text) = skipped.reason();
                let (code, subject) = (skipped.code(), webhook.subject());
                Step { stage: Stage::Match, code, weight: Weight::Note, subject, facts, text }
            }),
            Judgement::Failed(refused) => self.refuse(webhook.subject(), refused, Stage::Match, trace),
            Judgement::Unknown => {
                return Err(format!(
                    "webhook {} has matchConditions, but this build cannot evaluate them (feature cel)",
                    webhook.subject()
                ));
            }
        }
        Ok(false)
    }

    /// Brings the object into the version that a webhook is called for.
    fn bring(&mut self, equivalent: Option<&Served>) -> Result<(), Refused> {
        if equivalent.is_none() && !self.is_converted {
            return Ok(());
        }
        let kind = equivalent.map_or(&self.chain.request.kind, |served| &served.kind);
        self.admission.object = converted(&self.admission.object, kind)?;
        self.is_converted = equivalent.is_some();
        Ok(())
    }

    /// True where a patch was applied, even one that changed nothing.
    fn call(
        &mut self,
        index: usize,
        webhook: &'a Webhook,
        (round, equivalent): (u8, Option<&Served>),
        network: &mut Network<'_>,
        trace: &mut Trace,
    ) -> Result<bool, String> {
        let (code, text) = match round {
            0 => ("called", "the webhook is called"),
            _ => ("reinvoked", "the webhook is called again, since the object was changed after it"),
        };
        let step = |weight, code, text: String| Step {
            stage: Stage::Call,
            code,
            weight,
            subject: webhook.subject(),
            facts: Vec::new(),
            text,
        };
        trace.add(|| Step { stage: Stage::Match, ..step(Weight::Note, code, text.into()) });

        let mut attempt = Attempt {
            webhook,
            index,
            round,
            uid: None,
            applied: false,
            mutated: false,
            patch: Value::Null,
            answer: Value::Null,
            failed_open: false,
        };
        let outcome = self.ask(webhook, equivalent, &mut attempt, network, trace);
        let mut changed = false;
        match outcome {
            Ok(Ok(patch)) if patch.items().is_empty() => {}
            Ok(Ok(patch)) => match self.apply(webhook, equivalent, &patch, trace) {
                Ok(by) => (attempt.applied, changed) = (true, by),
                Err(refused) => self.refuse(webhook.subject(), refused, Stage::Apply, trace),
            },
            Ok(Err(refused)) => {
                let stage = if refused.phase == "call-failed" { Stage::Call } else { Stage::Apply };
                self.refuse(webhook.subject(), refused, stage, trace);
            }
            Err(error) if error.fatal => return Err(error.message),
            Err(error) => {
                let message = format!("failed calling webhook {}: {}", quote(webhook.name()), error.message);
                if webhook.failure_policy() == FailurePolicy::Fail {
                    let refused = Refused::internal(&message, "call-failed");
                    self.refuse(webhook.subject(), refused, Stage::Call, trace);
                } else if self.clock.is_over() {
                    attempt.failed_open = true;
                    self.refuse(webhook.subject(), Refused::timeout(), Stage::Call, trace);
                } else {
                    attempt.failed_open = true;
                    trace.add(|| step(Weight::Decisive, "failed-open", format!("{message}; failurePolicy is Ignore")));
                }
            }
        }
        attempt.mutated = changed;
        let applied = attempt.applied;
        self.admission.attempts.push(attempt);
        if changed {
            self.changed = true;
            self.again.append(&mut self.previously);
        }
        if webhook.is_reinvocable() {
            self.previously.push(index);
        }
        Ok(applied)
    }

    /// Calls the webhook and judges its answer: the patch to apply, or why the request is refused.
    fn ask(
        &mut self,
        webhook: &'a Webhook,
        equivalent: Option<&Served>,
        attempt: &mut Attempt<'a>,
        network: &mut Network<'_>,
        trace: &mut Trace,
    ) -> Result<Result<Value, Refused>, CallError> {
        let request = self.chain.request;
        if request.dry_run {
            match webhook.field("sideEffects").as_str() {
                Some("None" | "NoneOnDryRun") => {}
                Some(_) => {
                    let message = format!("admission webhook {} does not support dry run", quote(webhook.name()));
                    return Ok(Err(Refused::new(400, "BadRequest", message, "call-failed")));
                }
                None => return Err(CallError::plain("Webhook SideEffects is nil")),
            }
        }
        let attributes = Attributes { request, object: &self.admission.object };
        let uid = uid(self.chain.seed, webhook, attempt.round);
        let old_object = match equivalent {
            // An object that cannot be converted was refused before.
            Some(served) => converted(&request.old_object, &served.kind).unwrap_or_default(),
            None => request.old_object.clone(),
        };
        let review = review::review(webhook, &attributes, equivalent, old_object, &uid)?;
        let mut sent = false;
        let mut network = |request: &Sent<'_>, trace: &mut Trace| {
            sent = true;
            network(request, trace)
        };
        let answer = client::call(webhook, &review, &mut self.clock, &mut network, trace);
        attempt.uid = sent.then_some(uid);
        let answer = answer?;
        let (warnings, annotations) = (&mut self.admission.warnings, &mut self.admission.annotations);
        let has_object = !self.admission.object.is_null();
        let noted = |response: &Value| {
            annotate(annotations, webhook.name(), &response["auditAnnotations"]);
            response["warnings"].items().iter().filter_map(Value::as_str).for_each(|text| warnings.add(text));
        };
        let mutates = !self.admission.is_validating;
        let judged = response::judge(webhook, &review, &answer, noted, mutates, has_object);
        attempt.answer = answer;
        Ok(match judged? {
            Err(refused) => Err(refused),
            Ok(response::Verdict { denied: Some(denied), .. }) => Err(denied),
            Ok(response::Verdict { patch, .. }) => {
                attempt.patch.clone_from(&patch);
                Ok(patch)
            }
        })
    }

    fn refuse(&mut self, subject: String, refused: Refused, stage: Stage, trace: &mut Trace) {
        trace.add(|| Step {
            stage,
            code: refused.phase,
            weight: Weight::Decisive,
            subject,
            facts: vec![("code", refused.code.to_string())],
            text: refused.message.clone(),
        });
        self.admission.refused = Some(refused);
    }

    /// Applies a patch that is not empty; true where that changed the object.
    fn apply(
        &mut self,
        webhook: &'a Webhook,
        equivalent: Option<&Served>,
        patch: &Value,
        trace: &mut Trace,
    ) -> Result<bool, Refused> {
        let kind = equivalent.map_or(&self.chain.request.kind, |served| &served.kind);
        let mut object = json_patch::apply(self.admission.object.clone(), patch)
            .and_then(|patched| object::read(patched, kind))
            .map_err(|e| Refused::internal(&e, "patch-failed"))?;
        let changed = object != self.admission.object;
        self.chain.server.default(&mut object);
        self.admission.object = object;
        let count = patch.items().len();
        trace.add(|| Step {
            stage: Stage::Apply,
            code: "patched",
            weight: Weight::Note,
            subject: webhook.subject(),
            facts: vec![("operations", count.to_string())],
            text: format!("the JSON Patch of {count} operations is applied"),
        });
        Ok(changed)
    }
}

/// Adds the audit annotations of an answer. Keys that would be none are left out, values never change.
fn annotate(all: &mut Vec<(String, String)>, webhook: &str, annotations: &Value) {
    for (key, value) in annotations.as_object().into_iter().flat_map(Object::iter) {
        let key = format!("{webhook}/{key}");
        let valid = key.matches('/').count() == 1 && names::qualified_name(&key).is_empty();
        if valid && !all.iter().any(|(k, _)| *k == key) {
            all.push((key, value.as_str().unwrap_or_default().to_owned()));
        }
    }
}

/// The object in another version.
fn converted(object: &Value, kind: &GroupVersion) -> Result<Value, Refused> {
    convert::convert(object, kind).ok_or_else(|| {
        let message = format!("unable to convert {} to {}", object["kind"].as_str().unwrap_or_default(), kind.name);
        Refused::internal(&message, "match-error")
    })
}

/// A uid that is always the same for the same call.
fn uid(seed: &str, webhook: &Webhook, round: u8) -> String {
    use sha2::{Digest, Sha256};
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hash = Sha256::new();
    for part in [seed, "\n", webhook.uid(), "\n", if round == 0 { "0" } else { "1" }] {
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut uid = String::with_capacity(36);
    for (i, byte) in digest.iter().take(16).enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            uid.push('-');
        }
        // The digits that mark a version 5 UUID.
        let high = match i {
            6 => 5,
            8 => 8,
            _ => byte >> 4,
        };
        uid.push(char::from(DIGITS[usize::from(high)]));
        uid.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    uid
}
