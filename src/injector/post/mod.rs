//! The last changes to a merged pod, one file a step, in this order: variables from the URL, metrics merge, probe
//! rewriting, metadata, container order.

mod metadata;
mod order;
mod probes;
mod prometheus;
mod variables;

use std::collections::BTreeMap;

use crate::go::json::Value;
use crate::injector::config::InjectorConfig;
use crate::injector::release::Release;

/// What the last changes depend on besides the pod.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a> {
    /// The release.
    pub release: &'static Release,
    /// The injector's configuration.
    pub config: &'a InjectorConfig,
    /// The injector's revision.
    pub revision: &'a str,
    /// Variables from the URL path and the configured cluster and network.
    pub variables: &'a BTreeMap<String, String>,
    /// The pod before injection.
    pub original: &'a Value,
    /// All templates merged onto an empty pod: what was injected.
    pub template: &'a Value,
}

/// Applies all steps to a merged pod in the form of `k8s::decode`.
///
/// Errors: a proxy config annotation that cannot be merged (Go's text).
pub fn finish(pod: &mut Value, context: &Finish<'_>) -> Result<(), String> {
    let mesh = context.config.mesh();
    variables::overwrite(pod, context.variables);
    prometheus::merge(pod, mesh);
    if probes::wanted(pod, context.config.values.rewrite_app_http_probe) {
        probes::rewrite(pod, mesh.status_port(), &context.release.switches);
    }
    metadata::apply(pod, context);
    order::reorder(pod, context)
}

pub use prometheus::{clear as clear_prometheus, port as prometheus_port};
