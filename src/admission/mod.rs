//! The API server around mutating webhooks: which are called, in which order, and what becomes of their answers.
//!
//! This room knows nothing of injectors: [`run`] takes what answers HTTP requests as a function. Source: kube-apiserver
//! 1.36.

#[cfg(feature = "cel")]
mod cel;
mod chain;
mod client;
mod conditions;
mod configuration;
mod matching;
mod object;
pub mod plugins;
mod refused;
mod response;
mod review;
mod rules;
mod server;
mod services;
mod transport;
mod warnings;
mod webhook;

pub use chain::validate;
pub use chain::{Admission, Attempt, Chain, REQUEST_TIMEOUT, run};
pub use configuration::{defaults, validate_configuration};
pub use matching::{Judgement, Reason, Skipped, is_exempt, judge};
pub use object::{read, settle};
pub use refused::Refused;
pub use server::{ApiServer, Bare, Server};
pub use services::{Route, route};
pub use transport::{Answer, Exchange, Failure, Http, Network, Sent};
pub use warnings::{Warnings, warning_header};
pub use webhook::{Webhook, webhooks};

use crate::go::json::Value;
use crate::scenario::Request;

/// What the API server's texts call the set of kinds that it knows.
const SCHEME: &str = "pkg/runtime/scheme.go:111";

/// The object of a request and the version of it that is stored.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// The request.
    pub request: &'a Request,
    /// The object as changed so far, or null.
    pub object: &'a Value,
}
