//! What answers the API server in a scenario: faults first, then given answers, then injectors.

use std::time::Duration;

use super::{Call, Injector, is_injector, revision};
use crate::admission::{Answer, Exchange, Failure, Http, Sent};
use crate::go::base64;
use crate::go::json::{self, Object, Value};
use crate::k8s::schema;
use crate::patch::{json_diff, strategic_merge};
use crate::scenario::{Fault, FaultKind, Scenario, ScriptedAnswer};
use crate::trace::{Stage, Step, Trace, Weight};

/// The address that error texts name: scenarios know no addresses.
const SOME_ADDRESS: &str = "10.96.0.10:443";

/// The network of one request.
pub(super) struct Network<'a> {
    scenario: &'a Scenario,
    injector: &'a dyn Injector,
    /// How often each webhook was called.
    calls: Vec<(String, usize)>,
    /// Every injector that was asked showed how it came to its answer.
    pub(super) trace_complete: bool,
}

impl<'a> Network<'a> {
    pub(super) fn new(scenario: &'a Scenario, injector: &'a dyn Injector) -> Network<'a> {
        Network { scenario, injector, calls: Vec::new(), trace_complete: true }
    }

    /// Answers one HTTP request.
    pub(super) fn answer(&mut self, sent: &Sent<'_>, trace: &mut Trace) -> Exchange {
        if self.scenario.faults.is_empty() && self.scenario.pipeline.is_empty() {
            return self.ask(sent, trace).into();
        }
        let subject = sent.webhook.subject();
        let number = match self.calls.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.calls.push((subject.clone(), 1));
                1
            }
        };
        let scripted = self.scenario.pipeline.iter().find(|s| s.webhook == subject);
        let concerns = |fault: &&Fault| {
            let webhook = match &fault.webhook {
                Some(name) => *name == subject || name == sent.webhook.name(),
                None => scripted.is_none() && is_injector(sent.webhook),
            };
            webhook && (fault.calls.is_empty() || fault.calls.contains(&number))
        };
        let mut late = Duration::ZERO;
        match self.scenario.faults.iter().find(concerns).map(|f| &f.kind) {
            // An answer that nobody waits for need not be made.
            Some(FaultKind::Slow(time)) if *time < sent.timeout => late = *time,
            Some(kind) => return fault(kind, sent).into(),
            None => {}
        }
        let answer = match scripted.and_then(|s| s.answers.get(number - 1).or(s.answers.last())) {
            Some(answer) => given(answer, sent.review),
            None => self.ask(sent, trace),
        };
        Exchange { answer, took: late }
    }

    fn ask(&mut self, sent: &Sent<'_>, trace: &mut Trace) -> Answer {
        let webhook = sent.webhook;
        if !is_injector(webhook) {
            trace.add(|| Step {
                stage: Stage::Call,
                code: "not-simulated",
                weight: Weight::Warning,
                subject: webhook.subject(),
                facts: Vec::new(),
                text: "the webhook is called, but is no injector: it is taken to change nothing".into(),
            });
            return review(sent.review, [("allowed", Value::from(true))]);
        }
        let revision = revision(webhook);
        if !self.scenario.injectors.contains_key(revision) {
            return fault(&FaultKind::Unreachable, sent);
        }
        let reply = self.injector.review(&Call {
            scenario: self.scenario,
            configuration: webhook.configuration(),
            webhook: webhook.name(),
            revision,
            path: sent.path,
            review: sent.review,
            timeout: sent.timeout,
        });
        match reply.trace {
            Some(steps) => trace.extend(steps),
            None => self.trace_complete = false,
        }
        reply.answer
    }
}

/// The host that is called, without its port.
fn host<'a>(sent: &Sent<'a>) -> &'a str {
    sent.host.rsplit_once(':').map_or(sent.host, |(host, _)| host)
}

/// What a fault comes to.
fn fault(kind: &FaultKind, sent: &Sent<'_>) -> Answer {
    let address = || match sent.webhook.service() {
        Some(_) => SOME_ADDRESS.to_owned(),
        None => sent.host.to_owned(),
    };
    let service = || sent.webhook.service().unwrap_or_default().to_owned();
    Answer::Failed(match kind {
        FaultKind::Unreachable => match sent.webhook.service() {
            Some(service) => Failure::NoService(service.to_owned()),
            None => Failure::Refused(sent.host.to_owned()),
        },
        FaultKind::Refused => Failure::Refused(address()),
        FaultKind::NoEndpoints => Failure::NoEndpoints(service()),
        FaultKind::NoPort => {
            let port = sent.host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            Failure::NoServicePort(service(), port.unwrap_or(443))
        }
        FaultKind::Headless => Failure::ClusterIp("None".into()),
        FaultKind::NoSuchHost => Failure::NoSuchHost(host(sent).to_owned()),
        FaultKind::NoRoute => Failure::NoRoute(address()),
        FaultKind::DialTimeout => Failure::DialTimeout(address()),
        FaultKind::Reset => Failure::Reset,
        FaultKind::HandshakeTimeout => Failure::HandshakeTimeout,
        FaultKind::PlainHttp => Failure::PlainHttp,
        FaultKind::ClientCertificate => Failure::ClientCertificate,
        FaultKind::Timeout | FaultKind::Slow(_) => Failure::TimedOut,
        FaultKind::Tls => Failure::UnknownAuthority,
        FaultKind::WrongName(names) => Failure::WrongName(names.clone(), host(sent).to_owned()),
        FaultKind::Dropped => Failure::Closed,
        FaultKind::Truncated => {
            return Answer::Http(Http { truncated: true, ..Http::new(200, "application/json", "{") });
        }
        FaultKind::Malformed => {
            return Answer::Http(Http::new(200, "application/json", r#"{"kind": "AdmissionReview", "#));
        }
        FaultKind::Http(http) => return Answer::Http(http.clone()),
    })
}

/// A given answer to a review.
fn given(answer: &ScriptedAnswer, asked: &Value) -> Answer {
    match answer {
        ScriptedAnswer::Patch(patch) => patched(asked, patch),
        ScriptedAnswer::Merge(merge) => {
            let object = &asked["request"]["object"];
            match strategic_merge::merge(object.clone(), merge.clone(), &schema::POD) {
                Ok(merged) => patched(asked, &json_diff::diff(object, &merged)),
                Err(error) => Answer::Http(Http::new(500, "text/plain", error)),
            }
        }
        ScriptedAnswer::Response(response) => {
            review(asked, response.as_object().into_iter().flat_map(Object::iter).map(|(k, v)| (k.as_str(), v.clone())))
        }
        ScriptedAnswer::Http(http) => Answer::Http(http.clone()),
    }
}

fn patched(asked: &Value, patch: &Value) -> Answer {
    let mut members = vec![("allowed", Value::from(true))];
    if !patch.items().is_empty() {
        members.push(("patchType", "JSONPatch".into()));
        members.push(("patch", base64::encode(json::to_string(patch).as_bytes()).into()));
    }
    review(asked, members)
}

/// An AdmissionReview that answers another.
fn review<'a>(asked: &Value, response: impl IntoIterator<Item = (&'a str, Value)>) -> Answer {
    let mut members = Object::new();
    members.push("uid", asked["request"]["uid"].clone());
    for (key, value) in response {
        members.insert(key, value);
    }
    let whole = [
        ("kind", "AdmissionReview".into()),
        ("apiVersion", asked["apiVersion"].clone()),
        ("response", Value::Object(members)),
    ];
    Answer::Review(Value::Object(whole.into_iter().collect()))
}
