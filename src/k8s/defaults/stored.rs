use crate::go::json::Value;
use crate::k8s::schema;

/// Annotations of old kubelets, which conversion drops.
const DROPPED_ANNOTATIONS: [&str; 4] = [
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
];

/// Brings a pod into the form in which the API server keeps it: what conversion to its internal type and back changes.
/// Webhooks see pods in this form.
///
/// Source: kube-apiserver 1.36, conversions of core/v1.
pub fn stored(pod: &mut Value) {
    if let Some(metadata) = pod.get_mut("metadata").and_then(Value::as_object_mut)
        && let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut)
    {
        annotations.retain(|key, _| !DROPPED_ANNOTATIONS.contains(&key));
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        // The two names of the account are one field inside.
        match (spec.get("serviceAccountName").cloned(), spec.get("serviceAccount").cloned()) {
            (Some(name), alias) if alias.as_ref() != Some(&name) => {
                schema::POD_SPEC.set(spec, "serviceAccount", name);
            }
            (None, Some(alias)) => schema::POD_SPEC.set(spec, "serviceAccountName", alias),
            _ => {}
        }
        if !spec.contains_key("securityContext") {
            schema::POD_SPEC.set(spec, "securityContext", Value::object());
        }
        if let Some(period) = spec.get_mut("terminationGracePeriodSeconds")
            && period.as_i64().is_some_and(|n| n < 0)
        {
            *period = 1i64.into();
        }
    }
    if let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) {
        // The same with the address and the list of addresses; the single one counts.
        let first = |list: Option<&Value>| list.and_then(|l| l[0].get("ip").cloned());
        match (status.get("podIP").cloned(), first(status.get("podIPs"))) {
            (Some(ip), listed) if listed.as_ref() != Some(&ip) => {
                let address = Value::Object([("ip", ip)].into_iter().collect());
                schema::POD_STATUS.set(status, "podIPs", vec![address]);
            }
            (None, Some(ip)) if ip.as_str() != Some("") => schema::POD_STATUS.set(status, "podIP", ip),
            _ => {}
        }
    }
}
