//! The mutating chain: webhook after webhook on the object as changed so far, and once more where that is asked for.

use std::collections::BTreeSet;

use super::matching::{self, Judgement};
use super::refused::Refused;
use super::webhook::{FailurePolicy, Webhook};
use super::{Attributes, response, review};
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::{Cluster, decode, schema};
use crate::patch::json_patch;
use crate::scenario::Request;
use crate::trace::{Stage, Step, Trace, Weight};

/// A failed call: what failurePolicy decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    message: String,
    /// Nothing can be said about the request: the run ends.
    pub(crate) fatal: bool,
}

impl CallError {
    /// The call itself failed.
    pub fn calling(message: impl Into<String>) -> CallError {
        CallError::plain(format!("failed to call webhook: {}", message.into()))
    }

    /// The call worked, but its answer is no good, or it could not even be tried.
    pub fn plain(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), fatal: false }
    }

    /// Nothing can be said: the run ends with this message.
    pub fn fatal(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), fatal: true }
    }
}

/// One webhook that was called.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// 0 in the first pass, 1 when reinvoked.
    pub round: u8,
    /// The JSON Patch of its answer, or null.
    pub patch: Value,
    /// The whole answer, or null when the call failed.
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
    pub warnings: Vec<String>,
}

/// Makes a call: the webhook and its AdmissionReview in, the answer out.
pub type Caller<'c> = dyn FnMut(&Webhook, &Value, &mut Trace) -> Result<Value, CallError> + 'c;

/// Runs the chain.
///
/// Errors: the message of a fatal [`CallError`]; failures of any other kind are part of the result.
pub fn run<'a>(chain: &Chain<'a>, call: &mut Caller<'_>, trace: &mut Trace) -> Result<Admission<'a>, String> {
    let mut run = Run {
        chain,
        admission: Admission {
            attempts: Vec::new(),
            object: chain.request.object.clone(),
            refused: None,
            warnings: Vec::new(),
        },
        previously: BTreeSet::new(),
        again: BTreeSet::new(),
        changed: false,
    };
    if chain.webhooks.is_empty() {
        trace.decide(Stage::Match, "no-webhooks", || "no mutating webhook is configured".into());
    }
    let attributes = Attributes { request: chain.request, object: &Value::Null };
    if matching::is_exempt(&attributes) {
        trace.decide(Stage::Match, "exempt-resource", || {
            "objects that configure admission are never sent to webhooks".into()
        });
        return Ok(run.admission);
    }
    run.pass(0, call, trace)?;
    if run.admission.refused.is_none() && run.changed && !run.again.is_empty() {
        run.pass(1, call, trace)?;
    }
    // What kept webhooks away decided the outcome only where none was called.
    if run.admission.attempts.is_empty() && run.admission.refused.is_none() {
        trace.promote(Stage::Match);
    }
    if run.admission.refused.is_some() {
        run.admission.object = Value::Null;
    }
    Ok(run.admission)
}

struct Run<'c, 'a> {
    chain: &'c Chain<'a>,
    admission: Admission<'a>,
    /// Reinvocable webhooks called since the last change.
    previously: BTreeSet<String>,
    /// Webhooks to call again.
    again: BTreeSet<String>,
    changed: bool,
}

impl<'a> Run<'_, 'a> {
    fn pass(&mut self, round: u8, call: &mut Caller<'_>, trace: &mut Trace) -> Result<(), String> {
        for webhook in self.chain.webhooks {
            if self.admission.refused.is_some() {
                return Ok(());
            }
            if round > 0 && !self.again.contains(webhook.uid()) {
                continue;
            }
            let attributes = Attributes { request: self.chain.request, object: &self.admission.object };
            match matching::judge(webhook, &attributes, self.chain.cluster) {
                Judgement::Called { .. } => self.call(webhook, round, call, trace)?,
                Judgement::Skipped(skipped) => trace.add(|| {
                    let (facts, text) = skipped.reason();
                    let (code, subject) = (skipped.code(), webhook.subject());
                    Step { stage: Stage::Match, code, weight: Weight::Note, subject, facts, text }
                }),
                Judgement::Failed(refused) => self.refuse(webhook, refused, Stage::Match, trace),
                Judgement::Unknown => {
                    return Err(format!(
                        "webhook {} has matchConditions, but this build cannot evaluate them (feature cel)",
                        webhook.subject()
                    ));
                }
            }
        }
        Ok(())
    }

    fn call(
        &mut self,
        webhook: &'a Webhook,
        round: u8,
        call: &mut Caller<'_>,
        trace: &mut Trace,
    ) -> Result<(), String> {
        let (code, text) = match round {
            0 => ("called", "the webhook is called"),
            _ => ("reinvoked", "the webhook is called again, since a later one changed the object"),
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

        if self.chain.request.dry_run && !self.supports_dry_run(webhook, trace) {
            return Ok(());
        }
        let attributes = Attributes { request: self.chain.request, object: &self.admission.object };
        let uid = uid(self.chain.seed, webhook.uid(), round);
        let answered = review::review(webhook, &attributes, &uid).and_then(|review| {
            let answer = call(webhook, &review, trace)?;
            Ok((response::read(webhook, &review, &answer)?, answer))
        });
        let mut attempt = Attempt { webhook, round, patch: Value::Null, answer: Value::Null, failed_open: false };
        match answered {
            Ok((verdict, answer)) => {
                self.admission.warnings.extend(verdict.warnings);
                attempt.answer = answer;
                attempt.patch.clone_from(&verdict.patch);
                self.admission.attempts.push(attempt);
                match verdict.denied {
                    Some(denied) => self.refuse(webhook, denied, Stage::Apply, trace),
                    None => self.apply(webhook, &verdict.patch, trace),
                }
            }
            Err(error) if error.fatal => return Err(error.message),
            Err(error) => {
                let message = format!("failed calling webhook {}: {}", quote(webhook.name()), error.message);
                attempt.failed_open = webhook.failure_policy() == FailurePolicy::Ignore;
                let failed_open = attempt.failed_open;
                self.admission.attempts.push(attempt);
                if failed_open {
                    trace.add(|| step(Weight::Decisive, "failed-open", format!("{message}; failurePolicy is Ignore")));
                } else {
                    self.refuse(webhook, Refused::internal(&message, "call-failed"), Stage::Call, trace);
                }
            }
        }
        Ok(())
    }

    /// Refuses dry runs for webhooks that may have side effects.
    fn supports_dry_run(&mut self, webhook: &'a Webhook, trace: &mut Trace) -> bool {
        match webhook.field("sideEffects").as_str() {
            Some("None" | "NoneOnDryRun") => true,
            Some(_) => {
                let message = format!("admission webhook {} does not support dry run", quote(webhook.name()));
                let refused = Refused::new(400, "BadRequest", message, "call-failed");
                self.refuse(webhook, refused, Stage::Call, trace);
                false
            }
            None => {
                let message = format!("failed calling webhook {}: Webhook SideEffects is nil", quote(webhook.name()));
                self.refuse(webhook, Refused::internal(&message, "call-failed"), Stage::Call, trace);
                false
            }
        }
    }

    fn refuse(&mut self, webhook: &'a Webhook, refused: Refused, stage: Stage, trace: &mut Trace) {
        trace.add(|| Step {
            stage,
            code: refused.phase,
            weight: Weight::Decisive,
            subject: webhook.subject(),
            facts: vec![("code", refused.code.to_string())],
            text: refused.message.clone(),
        });
        self.admission.refused = Some(refused);
    }

    fn apply(&mut self, webhook: &'a Webhook, patch: &Value, trace: &mut Trace) {
        let mut changed = false;
        if !patch.items().is_empty() {
            let applied = json_patch::apply(self.admission.object.clone(), patch)
                .and_then(|object| typed(object, self.chain.request))
                .map_err(|e| Refused::internal(&e, "patch-failed"));
            match applied {
                Err(refused) => return self.refuse(webhook, refused, Stage::Apply, trace),
                Ok(object) => {
                    changed = object != self.admission.object;
                    self.admission.object = object;
                }
            }
            let count = patch.items().len();
            trace.add(|| Step {
                stage: Stage::Apply,
                code: "patched",
                weight: Weight::Note,
                subject: webhook.subject(),
                facts: vec![("operations", count.to_string())],
                text: format!("the JSON Patch of {count} operations is applied"),
            });
        }
        if changed {
            self.changed = true;
            self.again.append(&mut self.previously);
        }
        if webhook.is_reinvocable() {
            self.previously.insert(webhook.uid().to_owned());
        }
    }
}

/// The object as the API server holds it after a patch: read into its Go type, unknown members gone.
fn typed(object: Value, request: &Request) -> Result<Value, String> {
    if request.kind.group.is_empty()
        && request.kind.version == "v1"
        && request.kind.name == "Pod"
        && request.subresource.is_empty()
    {
        return decode::decode(object, &schema::POD).map_err(|e| e.to_string());
    }
    Ok(object)
}

/// A uid that is always the same for the same call.
fn uid(seed: &str, webhook: &str, round: u8) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{seed}\n{webhook}\n{round}").as_bytes());
    let hex: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    // The digits that mark a version 5 UUID.
    format!("{}-{}-5{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
