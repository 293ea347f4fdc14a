//! Metrics merge: the pod's own scrape annotations move into an environment variable of the sidecar, and Prometheus is
//! pointed at the agent.

use crate::go::json::{self, Object, Str, Value};
use crate::injector::mesh::MeshConfig;
use crate::injector::pod;

const MERGE_ANNOTATION: &str = "prometheus.istio.io/merge-metrics";
const VARIABLE: &str = "ISTIO_PROMETHEUS_ANNOTATIONS";

/// The three settings, by the name that Prometheus makes of their annotation.
const SCRAPE: &str = "prometheus_io_scrape";
const PORT: &str = "prometheus_io_port";
const PATH: &str = "prometheus_io_path";

/// An annotation key as Prometheus turns it into a label name: anything but letters, digits and `_` becomes `_`, so
/// that `prometheus.io/port` and `prometheus-io.port` are one setting.
fn is(key: &str, setting: &str) -> bool {
    key.chars().count() == setting.len()
        && key
            .chars()
            .zip(setting.chars())
            .all(|(c, s)| if c.is_ascii_alphanumeric() || c == '_' { c == s } else { s == '_' })
}

/// All spellings of a setting on the pod, in key order.
fn spellings<'a>(pod: &'a Value, setting: &'static str) -> impl Iterator<Item = (&'a Str, &'a str)> {
    let mut found: Vec<_> = pod["metadata"]["annotations"]
        .as_object()
        .into_iter()
        .flat_map(Object::iter)
        .filter(|(key, _)| is(key, setting))
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .collect();
    found.sort_unstable();
    found.into_iter()
}

/// The port that the pod's annotations ask for. With several spellings the real injector takes a random one.
pub fn port(pod: &Value) -> Option<&str> {
    spellings(pod, PORT).next().map(|(_, port)| port)
}

/// Removes every spelling of the three settings.
pub fn clear(pod: &mut Value) {
    if let Some(Value::Object(annotations)) = pod.entry("metadata").get_mut("annotations") {
        annotations.retain(|key, _| ![SCRAPE, PORT, PATH].iter().any(|setting| is(key, setting)));
    }
}

/// Merges, unless the pod or the mesh does not want it or the port already is the agent's.
pub(super) fn merge(pod: &mut Value, mesh: &MeshConfig) {
    let wants_scrape = spellings(pod, SCRAPE).find_map(|(_, v)| pod::parse_bool(v)).unwrap_or(true);
    let enabled =
        pod::annotation(pod, MERGE_ANNOTATION).and_then(pod::parse_bool).unwrap_or(mesh.enable_prometheus_merge());
    let agent_port = mesh.status_port().to_string();
    if !wants_scrape || !enabled || port(pod) == Some(&agent_port) {
        return;
    }
    let value = |setting| spellings(pod, setting).last().map_or("", |(_, v)| v);
    let scrape: Object =
        [("scrape", value(SCRAPE)), ("path", value(PATH)), ("port", value(PORT))].into_iter().collect();
    let given = scrape.values().any(|v| v.as_str() != Some(""));
    let scrape = json::to_string(&Value::Object(scrape));
    if let Some(sidecar) = pod::find_anywhere_mut(pod, pod::PROXY).filter(|_| given) {
        pod::push_env(sidecar, VARIABLE, scrape);
    }
    clear(pod);
    pod::set_annotation(pod, "prometheus.io/port", agent_port);
    pod::set_annotation(pod, "prometheus.io/path", "/stats/prometheus");
    pod::set_annotation(pod, "prometheus.io/scrape", "true");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_one_setting() {
        for (key, want) in [
            ("prometheus.io/port", true),
            ("prometheus-io.port", true),
            ("prometheus_io_port", true),
            ("prometheusXioXport", false),
            ("prometheus.io/portx", false),
        ] {
            assert_eq!(is(key, PORT), want, "{key}");
        }
    }
}
