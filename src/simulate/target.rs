//! The one seam: what answers a called webhook. The built-in simulator, a URL, a command and a user's own type are
//! implementations of one trait.

use std::time::Duration;

use crate::admission::{Answer, Failure};
use crate::go::json::Value;
use crate::scenario::Scenario;
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

/// What came back, as facts: what the API server makes of them, and in which words, is its business.
#[derive(Clone, Debug)]
pub struct Reply {
    /// An AdmissionReview with its `response` as received, any HTTP response, or why there is none.
    pub answer: Answer,
    /// How the injector came to it, where the target shows that.
    pub trace: Option<Trace>,
}

impl From<Value> for Reply {
    /// An AdmissionReview from a target that shows no trace.
    fn from(review: Value) -> Reply {
        Reply { answer: Answer::Review(review), trace: None }
    }
}

impl From<Failure> for Reply {
    /// No response.
    fn from(failure: Failure) -> Reply {
        Reply { answer: Answer::Failed(failure), trace: None }
    }
}

/// Answers AdmissionReviews: the exchangeable middle of the way through.
///
/// An implementation gets everything in the call and must not keep state between calls: many run in parallel.
pub trait Injector: Send + Sync {
    /// Answers one call.
    ///
    /// A failure feeds the webhook's failurePolicy, except [`Failure::Context`], which ends the case.
    fn review(&self, call: &Call<'_>) -> Reply;
}
