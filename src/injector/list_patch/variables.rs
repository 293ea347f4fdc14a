//! Cluster and network in the sidecar's environment, from the URL path, the values and the pod.

use std::collections::BTreeMap;

use super::Injection;
use crate::go::json::Value;
use crate::injector::release::{PathVariables, UrlForm};
use crate::injector::{pod, url};

const CLUSTER: &str = "ISTIO_META_CLUSTER_ID";
const NETWORK: &str = "ISTIO_META_NETWORK";
const NETWORK_LABEL: &str = "topology.istio.io/network";

/// Takes out same-named variables and appends the new ones.
pub(super) fn overwrite(containers: &mut [Value], injection: &Injection<'_>) {
    let sidecars = containers.iter_mut().filter(|c| pod::name(c) == pod::PROXY);
    match injection.rules.path {
        PathVariables::None => {}
        PathVariables::Positional => {
            let Some((cluster, network)) = injection.path.and_then(by_position) else { return };
            let variables = BTreeMap::from([(CLUSTER, cluster), (NETWORK, network)]);
            sidecars.for_each(|sidecar| set(sidecar, &variables));
        }
        PathVariables::Pairs => {
            let mut variables = url::variables(injection.path.unwrap_or_default(), UrlForm::Pairs);
            add_configured(&mut variables, injection);
            let variables: BTreeMap<&str, &str> =
                variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if let (Some(sidecar), false) = (sidecars.into_iter().next(), variables.is_empty()) {
                set(sidecar, &variables);
            }
        }
    }
}

/// Cluster and network as the third-last and the last part of a path of five parts or more.
fn by_position(path: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = path.split('/').collect();
    let [.., cluster, _, network] = parts[..] else { return None };
    (parts.len() >= 5).then_some((cluster, network))
}

/// The pod's label wins over the path, which wins over the values; what is empty counts for nothing.
fn add_configured(variables: &mut BTreeMap<String, String>, injection: &Injection<'_>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let global = injection.config.values.as_ref().map_or(&Value::Null, |values| &values["global"]);
    let by_path = |name: &str, configured: String| match variables.get(name) {
        Some(given) if !given.is_empty() => given.clone(),
        _ => configured,
    };
    let cluster = by_path(CLUSTER, text(&global["multiCluster"]["clusterName"]));
    let network = by_path(NETWORK, text(&global["network"]));
    let network = pod::label(injection.pod, NETWORK_LABEL).map_or(network, str::to_owned);
    for (name, value) in [(CLUSTER, cluster), (NETWORK, network)] {
        if !value.is_empty() {
            variables.insert(name.to_owned(), value);
        }
    }
}

fn set(sidecar: &mut Value, variables: &BTreeMap<&str, &str>) {
    if let Some(Value::Array(env)) = sidecar.get_mut("env") {
        env.retain(|variable| !variables.contains_key(pod::name(variable)));
    }
    for (name, value) in variables {
        pod::push_env_sparse(sidecar, name, value);
    }
}
