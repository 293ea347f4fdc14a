//! kube-inject of one object: what the template gives is appended in place (until 1.7), or the webhook's own patch is
//! applied (1.8).

use std::collections::BTreeMap;

use super::config::Config;
use super::owner::Workload;
use super::{Injection, Rendered, metadata, patch, probes, render, set_fs_group};
use crate::go::json::{Object, Value};
use crate::injector::manual::{self, Subject};
use crate::injector::pod::{self, List};
use crate::injector::release::{KubeInject, ListPatch};
use crate::injector::webhook::{Failure, Process};
use crate::k8s::{decode, schema};
use crate::patch::json_patch;

/// Gives the injected pod of an object; `None` when it is not to be injected.
///
/// Errors: the tool's message, or a crash.
pub(in crate::injector) fn inject(
    process: &Process<'_>,
    rules: &'static ListPatch,
    subject: Subject,
) -> Result<Option<Value>, Failure> {
    let Some(config) = process.config.list_patch() else {
        return Err(Failure::Denied("the configuration was not read for a release of this kind".into()));
    };
    let Subject { workload, mut pod, given_metadata, .. } = subject;
    let ty = [("kind", workload.kind), ("apiVersion", workload.api_version)];
    let ty = ty.into_iter().filter(|(_, text)| !text.is_empty()).collect::<Object>();
    let workload = Workload { meta: workload.meta, ty: Value::Object(ty) };
    let injected = match rules.kube_inject {
        KubeInject::InPlace => in_place(process, rules, config, &mut pod, &workload),
        KubeInject::Patch => {
            let given = metadata::Given::of_metadata(&given_metadata);
            by_patch(process, rules, config, &mut pod, &workload, &given)
        }
    };
    Ok(injected?.then_some(pod))
}

/// The webhook's patch, applied; false when not injected.
fn by_patch(
    process: &Process<'_>,
    rules: &'static ListPatch,
    config: &Config,
    pod: &mut Value,
    workload: &Workload,
    given: &metadata::Given,
) -> Result<bool, Failure> {
    if !manual::wants(process.release, pod) {
        return Ok(false);
    }
    set_fs_group(pod, process, rules, config);
    let api = process.release.switches.kubernetes;
    let injection = Injection { process, rules, config, api, pod, workload, path: None };
    let rendered = render(&injection)?;
    let operations = patch::write(&injection, rendered, given);
    let patched = json_patch::apply(pod.clone(), &operations).map_err(|e| Failure::Denied(e.to_string()))?;
    *pod = decode::decode_as(patched, &schema::POD, api).map_err(|e| Failure::Denied(e.to_string()))?;
    Ok(true)
}

/// The lists are appended one by one, whatever was injected before.
fn in_place(
    process: &Process<'_>,
    rules: &'static ListPatch,
    config: &Config,
    pod: &mut Value,
    workload: &Workload,
) -> Result<bool, Failure> {
    let api = process.release.switches.kubernetes;
    let Rendered { spec, status, hold } =
        render(&Injection { process, rules, config, api, pod, workload, path: None })?;
    let redirect = spec.redirect.clone();
    let rewrites = rules.probes.filter(|probes| probes::wanted(pod, probes, spec.rewrite_probes));

    if rules.merges_metrics_by_hand {
        let mut added = BTreeMap::new();
        metadata::merge_metrics(pod, config, &mut [], &mut added);
        for (key, value) in added {
            pod::set_annotation(pod, &key, value);
        }
    }
    append(pod, "initContainers", spec.init_containers);
    let mut containers = spec.containers;
    if hold && let Some(at) = containers.iter().position(|c| pod::name(c) == pod::PROXY) {
        let sidecar = containers.remove(at);
        pod::containers_mut(pod, List::Containers).insert(0, sidecar);
    }
    append(pod, "containers", containers);
    append(pod, "volumes", spec.volumes);
    if rules.replaces_dns_config
        && let Value::Object(target) = pod.entry("spec")
    {
        target.remove("dnsConfig");
        if !spec.dns_config.is_null() {
            schema::POD_SPEC.set(target, "dnsConfig", spec.dns_config);
        }
    }
    if rules.adds_pull_secrets_by_hand {
        append(pod, "imagePullSecrets", spec.pull_secrets);
    }
    if let Some(probes) = rewrites {
        let agent_port = config.mesh.proxy_setting("statusPort").as_i64().unwrap_or(0);
        let all = pod["spec"]["containers"].items().to_vec();
        if let Some(port) = probes::port(pod, &probes, &all, agent_port) {
            probes::tell(pod::containers_mut(pod, List::Containers), &all, &probes);
            probes::redirect_in_place(pod::containers_mut(pod, List::Containers), &probes, port);
        }
    }
    set_fs_group(pod, process, rules, config);
    for (key, value) in redirect.as_object().into_iter().flat_map(Object::iter) {
        let known = rules.redirectable.iter().any(|group| group.contains(&key.as_str()));
        if let (true, Some(value)) = (known, value.as_str().filter(|value| !value.is_empty())) {
            pod::set_annotation(pod, key, value);
        }
    }
    pod::set_annotation(pod, pod::STATUS_ANNOTATION, status);
    metadata::label_by_hand(pod, rules, process.revision);
    Ok(true)
}

fn append(pod: &mut Value, list: &'static str, items: Vec<Value>) {
    if items.is_empty() {
        return;
    }
    if let Value::Object(spec) = pod.entry("spec") {
        match schema::POD_SPEC.entry(spec, list) {
            Value::Array(existing) => existing.extend(items),
            empty => *empty = Value::Array(items),
        }
    }
}
