//! kube-inject of one object: what the template gives is appended in place (until 1.7), or the webhook's own patch is
//! applied (1.8).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::config::Config;
use super::owner::Workload;
use super::{Injection, Rendered, metadata, patch, probes, render, set_fs_group};
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::injector::config::{ConfigTexts, InjectorConfig};
use crate::injector::decision;
use crate::injector::manual::Subject;
use crate::injector::pod::{self, List};
use crate::injector::release::{KubeInject, ListPatch, Release};
use crate::injector::webhook::{Failure, Process};
use crate::k8s::{decode, schema};
use crate::patch::json_patch;
use crate::trace::Trace;

/// Injects an object; gives what the tool says where it passes it over.
///
/// Errors: the tool's message, or a crash.
pub(in crate::injector) fn inject(
    process: &Process<'_>,
    rules: &'static ListPatch,
    subject: Subject<'_>,
) -> Result<Option<String>, Failure> {
    let Some(config) = process.config.list_patch() else {
        return Err(Failure::Denied("the configuration was not read for a release of this kind".into()));
    };
    let Subject { ty, workload, metadata, spec } = subject;
    let name = match metadata["name"].as_str().unwrap_or_default() {
        "" if rules.names_workload => workload["name"].as_str().unwrap_or_default(),
        name => name,
    }
    .to_owned();
    let skipped = |why: &str| {
        let mark = if rules.kube_inject == KubeInject::Patch { "===> " } else { "" };
        Ok(Some(format!("{mark}Skipping injection because {} has {why}\n", quote(&name))))
    };
    if spec["hostNetwork"].as_bool() == Some(true) {
        return skipped("host networking enabled");
    }
    let containers = spec["containers"].items();
    if rules.skips_injected && containers.len() > 1 && pod::find(containers, pod::PROXY).is_some() {
        return skipped("injected \"istio-proxy\" sidecar already");
    }
    let members = [("metadata", metadata.take()), ("spec", spec.take())];
    let mut whole = Value::Object(members.into_iter().collect());
    let given = metadata::Given::of(&whole);
    let workload = Workload { meta: workload, ty };
    let answer = match rules.kube_inject {
        KubeInject::InPlace => in_place(process, rules, config, &mut whole, &workload),
        KubeInject::Patch => by_patch(process, rules, config, &mut whole, &workload, &given),
    };
    let injected = answer?;
    *metadata = whole.entry("metadata").take();
    *spec = whole.entry("spec").take();
    if injected { Ok(None) } else { skipped("sidecar injection disabled") }
}

/// The webhook's patch, applied. The policy is enabled and there are no selectors here; false when not injected.
fn by_patch(
    process: &Process<'_>,
    rules: &'static ListPatch,
    config: &Config,
    pod: &mut Value,
    workload: &Workload,
    given: &metadata::Given,
) -> Result<bool, Failure> {
    static ENABLED: LazyLock<Option<InjectorConfig>> = LazyLock::new(|| {
        let texts = ConfigTexts { config: "policy: enabled".into(), ..ConfigTexts::default() };
        InjectorConfig::parse(texts, Release::latest()).ok()
    });
    let enabled = ENABLED.as_ref().unwrap_or(process.config);
    if !decision::decide(process.release, enabled, pod, &mut Trace::off()).inject {
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
