use crate::go::json::Value;

/// The label with which the API server makes each namespace known by its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Fills in the defaults of an object by its kind, that of a pod where it says none; those of kinds that are not known
/// here stay as they are.
///
/// Source: kube-apiserver 1.36.
pub fn object(object: &mut Value) {
    let text = |key: &str| object[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let version = text("apiVersion").unwrap_or_else(|| "v1".into());
    let kind = text("kind").unwrap_or_else(|| "Pod".into());
    match (version.as_str(), kind.as_str()) {
        ("v1", "Pod") => super::pod(object),
        ("v1", "Namespace") => namespace(object),
        ("v1", "Service") => service(object),
        _ => {}
    }
}

fn namespace(object: &mut Value) {
    let Some(name) = object["metadata"]["name"].as_str().filter(|n| !n.is_empty()).map(str::to_owned) else { return };
    let labels = object.entry("metadata").entry("labels");
    *labels.entry(NAME_LABEL) = name.into();
    if let Some(labels) = labels.as_object_mut() {
        labels.sort();
    }
}

fn service(object: &mut Value) {
    let spec = object.entry("spec");
    for (key, value) in [("sessionAffinity", "None"), ("type", "ClusterIP"), ("internalTrafficPolicy", "Cluster")] {
        if spec[key].is_null() {
            *spec.entry(key) = value.into();
        }
    }
    let status = object.entry("status");
    if status["loadBalancer"].is_null() {
        *status.entry("loadBalancer") = Value::object();
    }
}
