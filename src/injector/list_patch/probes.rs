//! Probe rewriting: the kubelet asks the agent, which knows the application's probes from a variable.

use std::collections::BTreeMap;

use super::concurrency::flag;
use super::operations::Operations;
use crate::go::json::{self, Object, Value};
use crate::go::strconv;
use crate::injector::pod;
use crate::injector::release::{ProbePort, ProbeRules};
use crate::k8s::schema;

const REWRITE_ANNOTATION: &str = "sidecar.istio.io/rewriteAppHTTPProbers";
const PORT_ANNOTATION: &str = "status.sidecar.istio.io/port";
const VARIABLE: &str = "ISTIO_KUBE_APP_PROBERS";

/// The probes with the last part of the agent's path for each.
const PROBES: [(&str, &str); 3] =
    [("readinessProbe", "readyz"), ("livenessProbe", "livez"), ("startupProbe", "startupz")];

fn probes(rules: &ProbeRules) -> &'static [(&'static str, &'static str)] {
    if rules.startup { &PROBES } else { &PROBES[..2] }
}

fn agent_path(container: &Value, suffix: &str) -> String {
    format!("/app-health/{}/{suffix}", pod::name(container))
}

/// Whether to rewrite at all: the pod's annotation where it is a boolean, else what the template says.
pub(super) fn wanted(pod: &Value, rules: &ProbeRules, default: bool) -> bool {
    let annotation = if rules.reads_annotation { pod::annotation(pod, REWRITE_ANNOTATION) } else { None };
    annotation.and_then(pod::parse_bool).unwrap_or(default)
}

/// The agent's port; `None` without a sidecar, or where its arguments give none.
pub(super) fn port(pod: &Value, rules: &ProbeRules, containers: &[Value], agent_port: i64) -> Option<i64> {
    let sidecar = pod::find(containers, pod::PROXY)?;
    match rules.port {
        ProbePort::Argument => flag(sidecar["args"].items(), "statusPort").filter(|port| *port != -1),
        // What is no number counts as 0; the annotation was checked as a port, but blanks are allowed there.
        ProbePort::Mesh => {
            Some(pod::annotation(pod, PORT_ANNOTATION).map_or(agent_port, |port| strconv::atoi(port).unwrap_or(0)))
        }
    }
}

/// Puts the application's probes into the environment of the first sidecar among `containers`.
pub(super) fn tell(containers: &mut [Value], application: &[Value], rules: &ProbeRules) {
    let Some(sidecar) = containers.iter_mut().find(|c| pod::name(c) == pod::PROXY) else { return };
    let mut told = BTreeMap::new();
    for container in application.iter().filter(|c| pod::name(c) != pod::PROXY) {
        for (probe, suffix) in probes(rules) {
            let Some(action) = with_port_number(container, &container[*probe]) else { continue };
            let prober = if rules.replaces_probe {
                let mut prober: Object = [("httpGet", action)].into_iter().collect();
                if let Some(timeout) = container[*probe].get("timeoutSeconds") {
                    prober.push("timeoutSeconds", timeout.clone());
                }
                Value::Object(prober)
            } else {
                action
            };
            told.insert(agent_path(container, suffix), prober);
        }
    }
    if !told.is_empty() || rules.tells_nothing {
        let told = Value::Object(told.into_iter().collect());
        pod::push_env(sidecar, VARIABLE, json::to_string(&told));
    }
}

/// The HTTP action of a probe with its port as a number; `None` where the container has no port of the name.
fn with_port_number(container: &Value, probe: &Value) -> Option<Value> {
    let mut action = probe.get("httpGet")?.clone();
    if let Some(name) = action["port"].as_str() {
        let named = |port: &&Value| !name.is_empty() && port["name"].as_str() == Some(name);
        let number = container["ports"].items().iter().rfind(named)?["containerPort"].clone();
        *action.entry("port") = number;
    }
    Some(action)
}

/// Points the kubelet at the agent. The paths are those of the incoming pod.
pub(super) fn redirect(operations: &mut Operations, pod: &Value, rules: &ProbeRules, port: i64) {
    for (i, container) in pod["spec"]["containers"].items().iter().enumerate() {
        for (name, suffix) in probes(rules) {
            let Some(mut probe) = redirected(container, name, suffix, rules, port) else { continue };
            let path = format!("/spec/containers/{i}/{name}");
            match rules.replaces_probe {
                true => operations.replace(path, probe),
                false => operations.replace(format!("{path}/httpGet"), probe.entry("httpGet").take()),
            }
        }
    }
}

/// [`redirect`] in the containers themselves.
pub(super) fn redirect_in_place(containers: &mut [Value], rules: &ProbeRules, port: i64) {
    for container in containers {
        for (name, suffix) in probes(rules) {
            if let Some(probe) = redirected(container, name, suffix, rules, port) {
                *container.entry(name) = probe;
            }
        }
    }
}

/// A probe that asks the agent; `None` for the sidecar's own, and for what is no HTTP probe.
fn redirected(container: &Value, name: &str, suffix: &str, rules: &ProbeRules, port: i64) -> Option<Value> {
    let probe = &container[name];
    let Some(Value::Object(action)) = probe.get("httpGet").filter(|_| pod::name(container) != pod::PROXY) else {
        return None;
    };
    let mut action = action.clone();
    let ty = &schema::HTTP_GET_ACTION;
    ty.set(&mut action, "path", agent_path(container, suffix));
    // The port is a 32-bit number in Go.
    ty.set(&mut action, "port", i64::from(port as i32));
    if rules.lowers_scheme && action.get("scheme").and_then(Value::as_str) == Some("HTTPS") {
        ty.set(&mut action, "scheme", "HTTP");
    }
    let mut probe = probe.clone();
    *probe.entry("httpGet") = Value::Object(action);
    Some(probe)
}
