//! The sequence of operations.

use super::metadata::{self, Given};
use super::operations::Operations;
use super::status::Injected;
use super::{Injection, Rendered, probes};
use crate::go::json::Value;
use crate::injector::pod;

/// Where a service account's token is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Writes the patch: removals of what an earlier injection brought, additions, metadata; probes last, or first from
/// 1.7.1 on. `given` tells which maps the object had as it came in.
pub(super) fn write(injection: &Injection<'_>, rendered: Rendered, given: &Given) -> Value {
    let Injection { rules, config, pod, .. } = *injection;
    let Rendered { mut spec, status, hold } = rendered;
    let mut operations = Operations::default();

    let rewrites = rules.probes.filter(|probes| probes::wanted(pod, probes, spec.rewrite_probes));
    let agent_port = config.mesh.proxy_setting("statusPort").as_i64().unwrap_or(0);
    let port = rewrites.and_then(|probes| probes::port(pod, &probes, &spec.containers, agent_port));
    if let Some(probes) = rewrites {
        probes::tell(&mut spec.containers, pod["spec"]["containers"].items(), &probes);
    }
    if let (Some(probes), Some(port)) = (rewrites, port)
        && probes.first
    {
        probes::redirect(&mut operations, pod, &probes, port);
    }

    let injected = Injected::of(pod);
    let existing = |list: &str| pod["spec"][list].items();
    for list in ["initContainers", "containers", "volumes", "imagePullSecrets"] {
        operations.remove_items(list, existing(list), |name| injected.has(list, name));
    }

    let mut annotations = metadata::annotations(injection, status);
    if rules.merges_metrics {
        metadata::merge_metrics(pod, config, &mut spec.containers, &mut annotations);
    }
    let network = metadata::network(&spec.containers).to_owned();

    let first = |name: &str| match name {
        pod::VALIDATION => rules.validation_first,
        pod::PROXY => hold,
        _ => false,
    };
    for (list, mut items) in [("initContainers", spec.init_containers), ("containers", spec.containers)] {
        if rules.shares_token {
            share_token(existing(list), &mut items);
        }
        operations.add_items(list, existing(list), items, first);
    }
    for (list, items) in [("volumes", spec.volumes), ("imagePullSecrets", spec.pull_secrets)] {
        operations.add_items(list, existing(list), items, |_| false);
    }
    if !spec.dns_config.is_null() {
        operations.add("/spec/dnsConfig", spec.dns_config);
    }
    if rules.patches_security_context
        && let Some(context) = pod["spec"].get("securityContext")
    {
        operations.add("/spec/securityContext", context.clone());
    }
    metadata::write_annotations(&mut operations, pod, given, &annotations);
    metadata::write_labels(&mut operations, injection, given, &network);

    if let (Some(probes), Some(port)) = (rewrites, port)
        && !probes.first
    {
        probes::redirect(&mut operations, pod, &probes, port);
    }
    operations.finish()
}

/// The sidecar mounts the service account's token as the last of the pod's containers that mounts it does.
fn share_token(existing: &[Value], items: &mut [Value]) {
    let mut mounts = existing.iter().flat_map(|container| container["volumeMounts"].items());
    let mount = mounts.rfind(|mount| mount["mountPath"].as_str() == Some(TOKEN_PATH));
    let Some(mount) = mount.filter(|mount| !pod::name(mount).is_empty()) else { return };
    for sidecar in items.iter_mut().filter(|item| pod::name(item) == pod::PROXY) {
        match sidecar.get_mut("volumeMounts") {
            Some(Value::Array(mounts)) => mounts.push(mount.clone()),
            _ => *sidecar.entry("volumeMounts") = Value::Array(vec![mount.clone()]),
        }
    }
}
