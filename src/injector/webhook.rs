//! The injector's HTTP handler: a request's bytes in, an answer's bytes out.

use std::collections::BTreeMap;

use crate::go::json::Value;
use crate::injector::config::InjectorConfig;
use crate::injector::release::Release;
use crate::k8s::Cluster;
use crate::trace::Trace;

/// What an injector process is: its release, configuration, revision, environment, and what it sees of the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Process<'a> {
    /// The release.
    pub release: &'static Release,
    /// The configuration.
    pub config: &'a InjectorConfig,
    /// `REVISION`
    pub revision: &'a str,
    /// What it can look up.
    pub cluster: &'a Cluster,
    /// Its environment variables.
    pub env: &'a BTreeMap<String, String>,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status 200 with an AdmissionReview.
    Review(Value),
    /// Any other status with a text.
    Http {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The real injector crashes here and drops the connection; the text says how.
    Crash(String),
}

/// Answers a POST of `body` to `path`, with the exact texts and statuses of the release.
pub fn answer(process: &Process<'_>, path: &str, content_type: &str, body: &[u8], trace: &mut Trace) -> Answer {
    let _ = (process, path, content_type, body, trace);
    Answer::Http { status: 500, body: "not built yet".into() }
}
