//! The one seam: what answers a called webhook. The built-in simulator, a URL, a command and a user's own type are
//! implementations of one trait.

use std::fmt;
use std::time::Duration;

use crate::admission::Webhook;
use crate::go::json::Value;
use crate::scenario::{CallFailureKind, Scenario};
use crate::trace::Trace;

/// One call of an injector's webhook by the API server.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The situation in which the call is made.
    pub scenario: &'a Scenario,
    /// Name of the MutatingWebhookConfiguration.
    pub configuration: &'a str,
    /// Name of the webhook in it.
    pub webhook: &'a str,
    /// The revision that serves the webhook.
    pub revision: &'a str,
    /// The URL path that is called, such as `/inject` or `/inject/cluster/c1/net/n1`.
    pub path: &'a str,
    /// The AdmissionReview with its `request`.
    pub review: &'a Value,
    /// How long the API server waits.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The AdmissionReview with its `response`, as received; it need not be well-formed.
    pub review: Value,
    /// How the injector came to it, where the target shows that.
    pub trace: Option<Trace>,
}

/// Why no AdmissionReview came back. It feeds failurePolicy.
#[derive(Clone, Debug)]
pub struct CallFailure {
    /// The kind of failure.
    pub kind: CallFailureKind,
    /// Details, as an API server would word them; empty for the usual words of the kind.
    pub message: String,
    /// How the injector came to it, where the target shows that.
    pub trace: Option<Box<Trace>>,
}

impl CallFailure {
    /// A failure without a trace; an empty message stands for the usual words of the kind.
    pub fn new(kind: CallFailureKind, message: impl Into<String>) -> CallFailure {
        CallFailure { kind, message: message.into(), trace: None }
    }
}

/// What the API server says of such a failure of a webhook's call.
///
/// Source: kube-apiserver 1.36, errors of its webhook client.
pub(super) fn usual_message(kind: CallFailureKind, webhook: &Webhook) -> String {
    let post = |cause: &str| format!("Post {}: {cause}", crate::go::strconv::quote(&webhook.url()));
    match kind {
        CallFailureKind::Unreachable => match webhook.service() {
            Some(service) => post(&format!("service {} not found", crate::go::strconv::quote(service))),
            None => post("connect: connection refused"),
        },
        CallFailureKind::Timeout => post("context deadline exceeded"),
        CallFailureKind::Tls => {
            post("tls: failed to verify certificate: x509: certificate signed by unknown authority")
        }
        CallFailureKind::Http => "an error on the server (\"\") has prevented the request from succeeding".into(),
        CallFailureKind::Dropped => post("EOF"),
        CallFailureKind::Malformed => {
            "couldn't get version/kind; json parse error: unexpected end of JSON input".into()
        }
        CallFailureKind::Context => "the target cannot be given this context".into(),
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CallFailure {}

/// Answers AdmissionReviews: the exchangeable middle of the way through.
///
/// An implementation gets everything in the call and must not keep state between calls: many run in parallel.
pub trait Injector: Send + Sync {
    /// Answers one call.
    ///
    /// Errors: a failure feeds the webhook's failurePolicy, except [`CallFailureKind::Context`], which ends the case.
    fn review(&self, call: &Call<'_>) -> Result<Reply, CallFailure>;
}
