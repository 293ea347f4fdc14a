//! What the API server makes of a new pod between admission and validation.
//!
//! Source: kube-apiserver 1.36, its strategy for the creation of pods, with default feature gates.

use super::validation::{APP_ARMOR, is_app_armor_profile};
use super::{qos, schema};
use crate::go::json::{Object, Value};

/// How many characters the server adds to a generateName, and how many it leaves of it.
const SUFFIX: usize = 5;
const MAX_PREFIX: usize = 63 - SUFFIX;

/// Sources of projected volumes that are off by default.
const OFF_SOURCES: [&str; 2] = ["clusterTrustBundle", "podCertificate"];

/// The name that is made from a generateName and a suffix (which is random in reality).
pub fn generated_name(prefix: &str, suffix: &str) -> String {
    let mut end = prefix.len().min(MAX_PREFIX);
    while !prefix.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &prefix[..end])
}

/// Prepares a pod in its stored form: status, generation, fields that are off, selectors completed from labels, profiles
/// from annotations. Gives the warnings that this causes.
pub fn for_create(pod: &mut Value) -> Vec<String> {
    let class = qos::class(pod);
    let mut warnings = Vec::new();
    if let Some(metadata) = pod.get_mut("metadata").and_then(Value::as_object_mut) {
        schema::OBJECT_META.set(metadata, "generation", 1i64);
    }
    let labels = pod["metadata"]["labels"].clone();
    let annotations = pod["metadata"]["annotations"].clone();
    let mut status = Object::with_capacity(3);
    status.push("phase", "Pending");
    if !pod["spec"]["schedulingGates"].items().is_empty() {
        status.push("conditions", vec![gated()]);
    }
    status.push("qosClass", class);
    if let Some(pod) = pod.as_object_mut() {
        schema::POD.set(pod, "status", status);
    }
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return warnings };
    drop_what_is_off(spec);
    complete_selectors(spec, &labels);
    if spec.get("os").is_none_or(|os| os["name"].as_str() != Some("windows")) {
        profiles(spec, &annotations, &mut warnings);
    }
    warnings
}

fn gated() -> Value {
    let mut condition = Object::with_capacity(6);
    condition.push("type", "PodScheduled");
    condition.push("status", "False");
    condition.push("lastProbeTime", Value::Null);
    condition.push("lastTransitionTime", Value::Null);
    condition.push("reason", "SchedulingGated");
    condition.push("message", "Scheduling is blocked due to non-empty scheduling gates");
    Value::Object(condition)
}

fn containers(spec: &mut Object) -> impl Iterator<Item = &mut Object> {
    let is_list = |key: &str| matches!(key, "initContainers" | "containers" | "ephemeralContainers");
    let lists = spec.iter_mut().filter(move |(key, _)| is_list(key));
    lists.filter_map(|(_, list)| list.as_array_mut()).flatten().filter_map(Value::as_object_mut)
}

fn drop_what_is_off(spec: &mut Object) {
    spec.remove("schedulingGroup");
    for container in containers(spec) {
        let Some(lifecycle) = container.get_mut("lifecycle").and_then(Value::as_object_mut) else { continue };
        if lifecycle.remove("stopSignal").is_some() && lifecycle.is_empty() {
            container.remove("lifecycle");
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        let sources = volume.get_mut("projected").and_then(|volume| volume.get_mut("sources"));
        for source in sources.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            source.retain(|kind, _| !OFF_SOURCES.contains(&kind));
        }
    }
}

/// Adds expressions for the keys whose values the pod's own labels give.
fn complete_selectors(spec: &mut Object, labels: &Value) {
    for constraint in spec.get_mut("topologySpreadConstraints").and_then(Value::as_array_mut).into_iter().flatten() {
        complete(constraint, &["matchLabelKeys"], labels);
    }
    let Some(affinity) = spec.get_mut("affinity") else { return };
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = affinity.get_mut(kind).and_then(Value::as_object_mut) else { continue };
        for (_, terms) in pods.iter_mut() {
            for term in terms.as_array_mut().into_iter().flatten() {
                let term = match term.get("podAffinityTerm").is_some() {
                    true => term.entry("podAffinityTerm"),
                    false => term,
                };
                complete(term, &["matchLabelKeys", "mismatchLabelKeys"], labels);
            }
        }
    }
}

fn complete(term: &mut Value, fields: &[&str], labels: &Value) {
    let mut made = Vec::new();
    for field in fields {
        let operator = if *field == "matchLabelKeys" { "In" } else { "NotIn" };
        for key in term[*field].items().iter().filter_map(Value::as_str) {
            if let Some(value) = labels.get(key) {
                let mut expression = Object::with_capacity(3);
                expression.push("key", key);
                expression.push("operator", operator);
                expression.push("values", vec![value.clone()]);
                made.push(Value::Object(expression));
            }
        }
    }
    let Some(selector) = term.get_mut("labelSelector").and_then(Value::as_object_mut) else { return };
    if !made.is_empty() {
        let list = schema::LABEL_SELECTOR.entry(selector, "matchExpressions");
        match list.as_array_mut() {
            Some(items) => items.extend(made),
            None => *list = Value::Array(made),
        }
    }
}

/// Turns the old annotations of AppArmor into fields.
fn profiles(spec: &mut Object, annotations: &Value, warnings: &mut Vec<String>) {
    let of_pod = spec.get("securityContext").map(|context| context["appArmorProfile"].clone()).unwrap_or_default();
    // The server looks at init containers first, which also stand first in the spec.
    for container in containers(spec) {
        let key = format!("{APP_ARMOR}{}", container.get("name").and_then(Value::as_str).unwrap_or_default());
        let Some(annotation) = annotations[key.as_str()].as_str() else { continue };
        if container.get("securityContext").is_some_and(|context| !context["appArmorProfile"].is_null()) {
            continue;
        }
        let profile = profile(annotation).filter(is_app_armor_profile);
        let is_new = profile.as_ref().is_some_and(|profile| *profile != of_pod);
        if profile.is_none() || is_new {
            warnings.push(format!(
                "metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
            ));
        }
        if let Some(profile) = profile.filter(|_| is_new) {
            let context = schema::CONTAINER.entry(container, "securityContext");
            if context.is_null() {
                *context = Value::object();
            }
            if let Some(context) = context.as_object_mut() {
                schema::SECURITY_CONTEXT.set(context, "appArmorProfile", profile);
            }
        }
    }
}

fn profile(annotation: &str) -> Option<Value> {
    let of_type = |kind: &str| Value::Object([("type", kind)].into_iter().collect());
    match annotation {
        "unconfined" => Some(of_type("Unconfined")),
        "runtime/default" => Some(of_type("RuntimeDefault")),
        _ => {
            let local = annotation.strip_prefix("localhost/").filter(|local| !local.is_empty())?;
            let mut profile = of_type("Localhost");
            *profile.entry("localhostProfile") = local.into();
            Some(profile)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::generated_name;

    #[test]
    fn long_prefixes_are_cut() {
        assert_eq!(generated_name("web-", "abcde"), "web-abcde");
        assert_eq!(generated_name(&"x".repeat(80), "abcde").len(), 63);
    }
}
