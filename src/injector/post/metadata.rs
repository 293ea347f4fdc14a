use crate::go::json::{self, Object, Value};
use crate::injector::pod;
use crate::injector::post::Finish;

const NETWORK_LABEL: &str = "topology.istio.io/network";

/// The lists of the status annotation, in its order, with the member of the template pod's spec.
const STATUS_LISTS: [&str; 4] = ["initContainers", "containers", "volumes", "imagePullSecrets"];

/// Sets the network label, the status annotation and the configured extra annotations.
pub(super) fn apply(pod: &mut Value, context: &Finish<'_>) {
    if let Some(network) = context.variables.get("ISTIO_META_NETWORK") {
        pod::set_label(pod, NETWORK_LABEL, network.as_str());
    }
    let revision = context.release.switches.status_revision.then_some(context.revision);
    pod::set_annotation(pod, pod::STATUS_ANNOTATION, status(context.template, revision));
    if !context.by_hand {
        for (key, value) in &context.config.injected_annotations {
            pod::set_annotation(pod, key, value.as_str());
        }
    }
}

/// The status annotation: the names of what the templates brought (null where they brought nothing) and the revision.
fn status(template: &Value, revision: Option<&str>) -> String {
    let mut status = Object::with_capacity(5);
    for list in STATUS_LISTS {
        let names: Vec<&str> = template["spec"][list].items().iter().map(pod::name).collect();
        status.push(list, if names.is_empty() { Value::Null } else { names.into() });
    }
    if let Some(revision) = revision {
        status.push("revision", if revision.is_empty() { "default" } else { revision });
    }
    json::to_string(&Value::Object(status))
}
