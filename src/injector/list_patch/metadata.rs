//! Annotations and labels that are added.

use std::collections::BTreeMap;

use super::Injection;
use super::config::Config;
use super::operations::Operations;
use crate::go::json::{self, Object, Value};
use crate::injector::pod;
use crate::injector::release::{AddedLabel, ListPatch};

const MERGE_ANNOTATION: &str = "prometheus.istio.io/merge-metrics";
const METRICS_VARIABLE: &str = "ISTIO_PROMETHEUS_ANNOTATIONS";
const NETWORK_VARIABLE: &str = "ISTIO_META_NETWORK";

const REVISION: &str = "istio.io/rev";
const TLS_MODE: &str = "security.istio.io/tlsMode";
const CANONICAL_NAME: &str = "service.istio.io/canonical-name";
const CANONICAL_REVISION: &str = "service.istio.io/canonical-revision";
const NETWORK: &str = "topology.istio.io/network";

/// Which maps the object had as it came in; reading it as a pod makes empty ones vanish.
pub(super) struct Given {
    annotations: bool,
    labels: bool,
}

impl Given {
    /// Looks at the object of a request.
    pub(super) fn of(object: &Value) -> Given {
        Given::of_metadata(pod::member(object, "metadata"))
    }

    /// Looks at the metadata of an object.
    pub(super) fn of_metadata(meta: &Value) -> Given {
        let has = |key| matches!(pod::member(meta, key), Value::Object(_));
        Given { annotations: has("annotations"), labels: has("labels") }
    }
}

/// The annotations to add: the status and the configured ones, which may hide it.
pub(super) fn annotations(injection: &Injection<'_>, status: String) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::from([(pod::STATUS_ANNOTATION.to_owned(), status)]);
    if injection.rules.injected_annotations && injection.path.is_some() {
        annotations.extend(injection.process.config.injected_annotations.clone());
    }
    annotations
}

/// Metrics merge: the pod's own scrape annotations go to the sidecar, and Prometheus is pointed at the agent.
pub(super) fn merge_metrics(
    pod: &Value,
    config: &Config,
    containers: &mut [Value],
    annotations: &mut BTreeMap<String, String>,
) {
    let by_mesh = config.mesh.setting("enablePrometheusMerge").as_bool().unwrap_or(true);
    let enabled = pod::annotation(pod, MERGE_ANNOTATION).and_then(pod::parse_bool).unwrap_or(by_mesh);
    if !enabled {
        return;
    }
    let own = |name: &str| pod::annotation(pod, &format!("prometheus.io/{name}")).unwrap_or_default();
    let scrape: Object = ["scrape", "path", "port"].iter().map(|name| (*name, Value::from(own(name)))).collect();
    let any = scrape.values().any(|value| value.as_str() != Some(""));
    if let Some(sidecar) = containers.iter_mut().find(|c| any && pod::name(c) == pod::PROXY) {
        pod::push_env(sidecar, METRICS_VARIABLE, json::to_string(&Value::Object(scrape)));
    }
    let port = config.mesh.proxy_setting("statusPort").as_i64().unwrap_or(0).to_string();
    for (name, value) in [("port", port.as_str()), ("path", "/stats/prometheus"), ("scrape", "true")] {
        annotations.insert(format!("prometheus.io/{name}"), value.to_owned());
    }
}

/// The network that the injected containers know; empty for none.
pub(super) fn network(containers: &[Value]) -> &str {
    let variables = containers.iter().flat_map(|container| container["env"].items());
    let network = variables.into_iter().find(|variable| pod::name(variable) == NETWORK_VARIABLE);
    network.and_then(|variable| variable["value"].as_str()).unwrap_or_default()
}

/// Annotations replace what is there, in the order of their keys.
pub(super) fn write_annotations(
    operations: &mut Operations,
    pod: &Value,
    given: &Given,
    added: &BTreeMap<String, String>,
) {
    let mut exists = given.annotations;
    for (key, value) in added {
        if pod::annotation(pod, key).is_some_and(|old| !old.is_empty()) {
            operations.replace_member("annotations", key, value);
        } else {
            operations.add_member("annotations", exists, key, value);
        }
        exists = true;
    }
}

/// The labels that kube-inject sets itself (1.4–1.7).
pub(super) fn label_by_hand(pod: &mut Value, rules: &ListPatch, revision: &str) {
    if rules.labels.contains(&AddedLabel::Revision) {
        pod::set_label(pod, REVISION, revision);
    }
    if rules.labels.contains(&AddedLabel::TlsMode) && pod::label(pod, TLS_MODE).is_none_or(str::is_empty) {
        pod::set_label(pod, TLS_MODE, "istio");
    }
}

/// Labels are added where the pod has none of the key, or an empty one.
pub(super) fn write_labels(operations: &mut Operations, injection: &Injection<'_>, given: &Given, network: &str) {
    let pod = injection.pod;
    let own =
        |keys: &[&str], fallback: &str| keys.iter().find_map(|key| pod::label(pod, key)).unwrap_or(fallback).to_owned();
    let mut exists = given.labels;
    for label in injection.rules.labels {
        let (key, value) = match label {
            AddedLabel::Revision => (REVISION, injection.process.revision.to_owned()),
            AddedLabel::TlsMode => (TLS_MODE, "istio".to_owned()),
            AddedLabel::CanonicalName => {
                (CANONICAL_NAME, own(&[CANONICAL_NAME, "app.kubernetes.io/name", "app"], injection.workload.name()))
            }
            AddedLabel::CanonicalRevision => {
                (CANONICAL_REVISION, own(&[CANONICAL_REVISION, "app.kubernetes.io/version", "version"], "latest"))
            }
            AddedLabel::Network if network.is_empty() => continue,
            AddedLabel::Network => (NETWORK, network.to_owned()),
        };
        if pod::label(pod, key).is_none_or(str::is_empty) {
            operations.add_member("labels", exists, key, &value);
        }
        exists = true;
    }
}
