//! Metrics merge: the pod's own scrape annotations move into an environment variable of the sidecar, and Prometheus is
//! pointed at the agent.

use crate::go::json::{self, Object, Str, Value};
use crate::injector::mesh::MeshConfig;
use crate::injector::pod;
use crate::injector::release::Switches;

const MERGE_ANNOTATION: &str = "prometheus.istio.io/merge-metrics";
const VARIABLE: &str = "ISTIO_PROMETHEUS_ANNOTATIONS";

/// The three settings, by the name that Prometheus makes of their annotation.
const SCRAPE: Setting = Setting { label: "prometheus_io_scrape", key: "prometheus.io/scrape" };
const PORT: Setting = Setting { label: "prometheus_io_port", key: "prometheus.io/port" };
const PATH: Setting = Setting { label: "prometheus_io_path", key: "prometheus.io/path" };

#[derive(Clone, Copy)]
struct Setting {
    label: &'static str,
    key: &'static str,
}

impl Setting {
    /// Whether an annotation sets it: in any spelling, or only in the usual one.
    fn is(self, key: &str, any_spelling: bool) -> bool {
        if any_spelling { is(key, self.label) } else { key == self.key }
    }
}

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
fn spellings(pod: &Value, setting: Setting, any: bool) -> impl Iterator<Item = (&Str, &str)> {
    let mut found: Vec<_> = pod["metadata"]["annotations"]
        .as_object()
        .into_iter()
        .flat_map(Object::iter)
        .filter(|(key, _)| setting.is(key, any))
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .collect();
    found.sort_unstable();
    found.into_iter()
}

/// The port that the pod's annotations ask for. With several spellings the real injector takes a random one.
pub fn port<'a>(pod: &'a Value, switches: &Switches) -> Option<&'a str> {
    spellings(pod, PORT, switches.prometheus_spellings).next().map(|(_, port)| port)
}

/// Removes every spelling of the three settings.
pub fn clear(pod: &mut Value, switches: &Switches) {
    let any = switches.prometheus_spellings;
    if let Some(Value::Object(annotations)) = pod.entry("metadata").get_mut("annotations") {
        annotations.retain(|key, _| ![SCRAPE, PORT, PATH].iter().any(|setting| setting.is(key, any)));
    }
}

/// Merges, unless the pod or the mesh does not want it or the port already is the agent's.
pub(super) fn merge(pod: &mut Value, mesh: &MeshConfig, switches: &Switches) {
    let any = switches.prometheus_spellings;
    let wants_scrape = !any || spellings(pod, SCRAPE, any).find_map(|(_, v)| pod::parse_bool(v)).unwrap_or(true);
    let enabled =
        pod::annotation(pod, MERGE_ANNOTATION).and_then(pod::parse_bool).unwrap_or(mesh.enable_prometheus_merge());
    let agent_port = mesh.status_port().to_string();
    if !wants_scrape || !enabled || port(pod, switches) == Some(&agent_port) {
        return;
    }
    let value = |setting| spellings(pod, setting, any).last().map_or("", |(_, v)| v);
    let scrape: Object =
        [("scrape", value(SCRAPE)), ("path", value(PATH)), ("port", value(PORT))].into_iter().collect();
    let given = scrape.values().any(|v| v.as_str() != Some(""));
    let scrape = json::to_string(&Value::Object(scrape));
    if let Some(sidecar) = pod::find_in_mut(pod, switches.sidecar_lists, pod::PROXY).filter(|_| given) {
        pod::push_env(sidecar, VARIABLE, scrape);
    }
    clear(pod, switches);
    pod::set_annotation(pod, PORT.key, agent_port);
    pod::set_annotation(pod, PATH.key, "/stats/prometheus");
    pod::set_annotation(pod, SCRAPE.key, "true");
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
            assert_eq!(is(key, PORT.label), want, "{key}");
        }
    }
}
