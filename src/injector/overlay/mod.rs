//! Injection by overlay (1.9 on): templates are rendered to partial pods and merged onto the incoming pod, the user's
//! own settings are applied again, the last changes follow, and the difference is the JSON Patch.

pub(in crate::injector) mod manual;
mod reapply;
mod render;
mod select;
mod strip;
mod user;

use std::collections::BTreeMap;

use crate::go::json::Value;
use crate::injector::config::InjectorConfig;
use crate::injector::mesh::{MeshConfig, ProxyConfig};
use crate::injector::owner::Workload;
use crate::injector::post::{self, Finish};
use crate::injector::release::{Release, SidecarUser};
use crate::trace::{Stage, Trace};

/// Everything that an injection depends on.
#[derive(Clone, Copy, Debug)]
pub struct Injection<'a> {
    /// The release.
    pub release: &'static Release,
    /// The injector's configuration.
    pub config: &'a InjectorConfig,
    /// The injector's revision.
    pub revision: &'a str,
    /// The injector's environment.
    pub env: &'a BTreeMap<String, String>,
    /// The pod in the form of `k8s::decode`, namespace filled in, managedFields gone.
    pub pod: &'a Value,
    /// The pod's namespace object where the platform makes the injector look it up, else null.
    pub namespace: &'a Value,
    /// Whether the cluster runs native sidecars.
    pub native: bool,
    /// The mesh config.
    pub mesh: &'a MeshConfig,
    /// The mesh's proxy config with the pod's own applied.
    pub proxy_config: &'a ProxyConfig,
    /// The workload behind the pod.
    pub workload: &'a Workload,
    /// By kube-inject: of the configuration only the templates count, and `sidecar` is the one for pods that name none.
    pub by_hand: bool,
    /// Variables from the URL path.
    pub variables: &'a BTreeMap<String, String>,
}

/// Why an injection failed: the code of the step and the message of the denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectError {
    /// One of [`crate::trace::CODES`].
    pub code: &'static str,
    /// The message, word for word.
    pub message: String,
}

impl InjectError {
    fn new(code: &'static str, message: impl Into<String>) -> InjectError {
        InjectError { code, message: message.into() }
    }
}

/// Injects: gives the pod as it should become.
///
/// Errors: the code of the failing step and the exact text of the denial.
pub fn inject(injection: &Injection<'_>, trace: &mut Trace) -> Result<Value, InjectError> {
    let variables = cluster_and_network(injection);
    let rendered = render::render(injection, trace)
        .map_err(|e| InjectError { message: format!("failed to run injection template: {}", e.message), ..e })?;
    if injection.release.switches.keeps_injected_containers
        && let Some(panic) = reapply::status_panic(injection.pod)
    {
        return Err(InjectError::new("handler-crash", panic));
    }
    let mut pod = reapply::reapply(rendered.merged, &rendered.template, injection, trace)
        .map_err(|e| InjectError::new("reapply-error", format!("failed to re apply container: {e}")))?;
    if injection.release.switches.sidecar_user == SidecarUser::Followed {
        user::align(&mut pod, injection.pod, injection.proxy_config)
            .map_err(|panic| InjectError::new("handler-crash", panic))?;
    }
    let finish = Finish {
        release: injection.release,
        config: injection.config,
        mesh: injection.mesh,
        by_hand: injection.by_hand,
        env: injection.env,
        revision: injection.revision,
        variables: &variables,
        original: injection.pod,
        template: &rendered.template,
    };
    post::finish(&mut pod, &finish)
        .map_err(|e| InjectError::new("post-process-error", format!("failed to process pod: {e}")))?;
    trace.note(Stage::Finish, "patch-created", || "the pod is finished and compared with what came in".into());
    Ok(pod)
}

/// The URL's variables, with cluster and network from the values where the URL names none. The pod's network label wins
/// over both, where it is not empty; an empty one still hides the configured network.
fn cluster_and_network(injection: &Injection<'_>) -> BTreeMap<String, String> {
    let mut variables = injection.variables.clone();
    let values = &injection.config.values;
    let label = crate::injector::pod::label(injection.pod, "topology.istio.io/network");
    let network = label.unwrap_or(&values.network);
    for (name, value, wins) in [
        ("ISTIO_META_CLUSTER_ID", values.cluster_name.as_str(), false),
        ("ISTIO_META_NETWORK", network, label.is_some()),
    ] {
        if !value.is_empty() && (wins || variables.get(name).is_none_or(String::is_empty)) {
            variables.insert(name.into(), value.into());
        }
    }
    variables
}
