//! kube-inject of one object: the webhook's patch for its pod, made and applied here.

use std::collections::BTreeMap;

use super::Injection;
use crate::go::json::Value;
use crate::injector::manual::{self, Subject};
use crate::injector::webhook::{Failure, Process};
use crate::injector::{native, pod};
use crate::k8s::{decode, schema};
use crate::patch::{json_diff, json_patch};
use crate::trace::Trace;

/// Gives the injected pod of an object; `None` when it is not to be injected.
///
/// Errors: the tool's message, or a crash.
/// Source: istio 1.9–1.30, injection of one object of a resource file.
pub(in crate::injector) fn inject(process: &Process<'_>, subject: Subject) -> Result<Option<Value>, Failure> {
    static NO_VARIABLES: BTreeMap<String, String> = BTreeMap::new();
    let switches = &process.release.switches;
    let Subject { mut workload, is_guessed, pod: mut whole, .. } = subject;

    let config = process.config.mesh();
    let own = pod::annotation(&whole, pod::PROXY_CONFIG_ANNOTATION).map(|yaml| config.apply_proxy_config(yaml));
    let (proxy_config, mesh) = match own {
        Some(Err(message)) if switches.manual.merges_proxy_config_first => return Err(Failure::Denied(message)),
        Some(Ok(own)) => {
            let mesh = switches.manual.merges_proxy_config_first.then(|| config.with_default_config(&own));
            (Some(own), mesh)
        }
        _ => (None, None),
    };
    if !manual::wants(process.release, &whole) {
        return Ok(None);
    }
    if switches.takes_config_label && is_guessed {
        workload.take_config_label(&mut whole);
    }
    let mode = process.env.get("ENABLE_NATIVE_SIDECARS").map(String::as_str);
    let node = whole["spec"]["nodeName"].as_str().unwrap_or_default();
    let injection = Injection {
        release: process.release,
        config: process.config,
        revision: process.revision,
        env: process.env,
        pod: &whole,
        namespace: &Value::Null,
        native: native::detect(process.release, mode, Some(&process.cluster.nodes), node),
        mesh: mesh.as_ref().unwrap_or(config),
        proxy_config: proxy_config.as_ref().unwrap_or(config.default_config()),
        workload: &workload,
        by_hand: true,
        variables: &NO_VARIABLES,
    };
    let injected = super::inject(&injection, &mut Trace::off())?;
    let patch = json_diff::diff_as(&whole, &injected, switches.json_diff);
    let patched = json_patch::apply(whole, &patch).map_err(|e| Failure::Denied(e.to_string()))?;
    let pod = decode::decode_as(patched, &schema::POD, switches.kubernetes);
    pod.map(Some).map_err(|e| Failure::Denied(e.to_string()))
}
