//! Objects in another version of their API. Of the resources that are served in two ([`super::served`]), autoscalers
//! are the ones that admission meets.

use super::served::GroupVersion;
use crate::go::json::{Object, Value};

const KIND: &str = "HorizontalPodAutoscaler";

/// The object as another kind has it; `None` where it is not known how.
///
/// Source: kube-apiserver 1.36.
pub fn convert(object: &Value, kind: &GroupVersion) -> Option<Value> {
    let own = object["apiVersion"].as_str().unwrap_or_default();
    let wanted = kind.api_version();
    if object.is_null() || own == wanted {
        return Some(object.clone());
    }
    if object["kind"].as_str() != Some(KIND) || kind.name != KIND {
        return None;
    }
    match (own, wanted.as_str()) {
        ("autoscaling/v1", "autoscaling/v2") => Some(to_v2(object)),
        ("autoscaling/v2", "autoscaling/v1") => Some(to_v1(object)),
        _ => None,
    }
}

fn with(object: &Value, version: &str, spec: Object, status: Object) -> Value {
    let mut whole = Object::with_capacity(5);
    whole.push("kind", KIND);
    whole.push("apiVersion", version);
    whole.push("metadata", object["metadata"].clone());
    whole.push("spec", spec);
    whole.push("status", status);
    Value::Object(whole)
}

/// The members of a struct that both versions have.
fn shared(value: &Value, members: &[&'static str]) -> Object {
    members.iter().filter(|key| !value[**key].is_null()).map(|key| (*key, value[*key].clone())).collect()
}

fn to_v2(object: &Value) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    let mut v2 = shared(spec, &["scaleTargetRef", "minReplicas", "maxReplicas"]);
    let utilization = &spec["targetCPUUtilizationPercentage"];
    if !utilization.is_null() {
        v2.push("metrics", vec![cpu(utilization)]);
    }
    let mut v2_status = shared(status, &["observedGeneration", "lastScaleTime"]);
    if status["currentReplicas"].as_i64().is_some_and(|n| n != 0) {
        v2_status.push("currentReplicas", status["currentReplicas"].clone());
    }
    v2_status.push("desiredReplicas", status["desiredReplicas"].as_i64().unwrap_or(0));
    v2_status.push("currentMetrics", Value::Null);
    with(object, "autoscaling/v2", v2, v2_status)
}

fn to_v1(object: &Value) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    let mut v1 = shared(spec, &["scaleTargetRef", "minReplicas", "maxReplicas"]);
    let of_cpu = |metric: &&Value| {
        metric["resource"]["name"].as_str() == Some("cpu")
            && metric["resource"]["target"]["type"].as_str() == Some("Utilization")
    };
    if let Some(metric) = spec["metrics"].items().iter().find(of_cpu) {
        v1.push("targetCPUUtilizationPercentage", metric["resource"]["target"]["averageUtilization"].clone());
    }
    let mut v1_status = shared(status, &["observedGeneration", "lastScaleTime"]);
    for key in ["currentReplicas", "desiredReplicas"] {
        v1_status.push(key, status[key].as_i64().unwrap_or(0));
    }
    with(object, "autoscaling/v1", v1, v1_status)
}

/// A metric for the use of CPU.
pub(crate) fn cpu(utilization: &Value) -> Value {
    let target = [("type", Value::from("Utilization")), ("averageUtilization", utilization.clone())];
    let resource = [("name", Value::from("cpu")), ("target", target.into_iter().collect::<Object>().into())];
    let metric = [("type", Value::from("Resource")), ("resource", resource.into_iter().collect::<Object>().into())];
    Value::Object(metric.into_iter().collect())
}
