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
use crate::injector::mesh::MeshConfig;
use crate::injector::pod;
use crate::injector::release::Release;
use probes::Rules;

/// What the last changes depend on besides the pod.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a> {
    /// The release.
    pub release: &'static Release,
    /// The injector's configuration.
    pub config: &'a InjectorConfig,
    /// The mesh config.
    pub mesh: &'a MeshConfig,
    /// By kube-inject, for which the configured extra annotations don't count.
    pub by_hand: bool,
    /// The injector's revision.
    pub revision: &'a str,
    /// The injector's environment.
    pub env: &'a BTreeMap<String, String>,
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
    let mesh = context.mesh;
    let switches = &context.release.switches;
    variables::overwrite(pod, switches.sidecar_lists, context.variables);
    prometheus::merge(pod, mesh, switches);
    if probes::wanted(pod, context.config.values.rewrite_app_http_probe, switches) {
        let tcp = context.env.get("REWRITE_TCP_PROBES").and_then(|v| pod::parse_bool(v)).unwrap_or(true);
        probes::rewrite(pod, mesh.status_port(), &Rules { switches, tcp: tcp || !switches.tcp_probes_switch });
    }
    metadata::apply(pod, context);
    order::reorder(pod, context)
}

pub use prometheus::{clear as clear_prometheus, port as prometheus_port};
