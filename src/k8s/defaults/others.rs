//! Kinds other than pods: their controllers, and what admission meets besides.

use crate::go::json::{Object, Value};
use crate::k8s::{convert, decode, schema};

/// The label with which the API server makes each namespace known by its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Fills in the defaults of an object by its kind, that of a pod where it says none; kinds that are not known here stay
/// as they are.
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
        ("v1", "PodTemplate") => template(object.entry("template")),
        ("v1", "ReplicationController") => replication_controller(object),
        ("apps/v1", "Deployment") => deployment(object),
        ("apps/v1", "ReplicaSet") => replica_set(object),
        ("apps/v1", "StatefulSet") => stateful_set(object),
        ("apps/v1", "DaemonSet") => daemon_set(object),
        ("batch/v1", "Job") => job(object),
        ("batch/v1", "CronJob") => cron_job(object),
        ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => autoscaler(object, &version),
        _ => {}
    }
}

/// Sets members that are missing.
fn fill<const N: usize>(target: &mut Value, defaults: [(&str, Value); N]) {
    for (key, value) in defaults {
        if target[key].is_null() {
            *target.entry(key) = value;
        }
    }
}

fn object_of<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

fn namespace(object: &mut Value) {
    fill(object, [("spec", Value::object()), ("status", Value::object())]);
    fill(object.entry("status"), [("phase", "Active".into())]);
    let Some(name) = object["metadata"]["name"].as_str().filter(|n| !n.is_empty()).map(str::to_owned) else { return };
    let labels = object.entry("metadata").entry("labels");
    *labels.entry(NAME_LABEL) = name.into();
    if let Some(labels) = labels.as_object_mut() {
        labels.sort();
    }
}

fn service(object: &mut Value) {
    let text = |text: &str| Value::from(text);
    fill(
        object.entry("spec"),
        [("sessionAffinity", text("None")), ("type", text("ClusterIP")), ("internalTrafficPolicy", text("Cluster"))],
    );
    fill(object.entry("status"), [("loadBalancer", Value::object())]);
}

/// The template of a controller's pods: read as their types have it, with the defaults of a pod's spec.
fn template(template: &mut Value) {
    let mut pod = Object::with_capacity(2);
    for key in ["metadata", "spec"] {
        pod.push(key, template.get(key).cloned().unwrap_or_default());
    }
    // What cannot be read stays as it is: the server would have refused it.
    let Ok(mut pod) = decode::decode_exact(Value::Object(pod), &schema::POD) else { return };
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        super::template_spec(spec);
    }
    super::stored(&mut pod);
    let Some(members) = pod.as_object_mut() else { return };
    members.remove("status");
    *template = pod;
}

fn deployment(object: &mut Value) {
    let spec = object.entry("spec");
    fill(
        spec,
        [
            ("replicas", 1i64.into()),
            ("strategy", Value::object()),
            ("revisionHistoryLimit", 10i64.into()),
            ("progressDeadlineSeconds", 600i64.into()),
        ],
    );
    let strategy = spec.entry("strategy");
    fill(strategy, [("type", "RollingUpdate".into())]);
    if strategy["type"].as_str() == Some("RollingUpdate") {
        fill(strategy, [("rollingUpdate", Value::object())]);
        let update = [("maxUnavailable", "25%".into()), ("maxSurge", "25%".into())];
        fill(strategy.entry("rollingUpdate"), update);
    }
    template(spec.entry("template"));
    fill(object, [("status", Value::object())]);
}

fn replica_set(object: &mut Value) {
    let spec = object.entry("spec");
    fill(spec, [("replicas", 1i64.into())]);
    template(spec.entry("template"));
    fill(object, [("status", object_of([("replicas", 0i64.into())]))]);
}

/// Gives the object the labels of its template, where it has none.
fn labels_of_template(object: &mut Value) {
    let labels = object["spec"]["template"]["metadata"]["labels"].clone();
    let own = &object["metadata"]["labels"];
    if labels.as_object().is_some_and(|l| !l.is_empty()) && own.as_object().is_none_or(Object::is_empty) {
        *object.entry("metadata").entry("labels") = labels;
    }
}

fn replication_controller(object: &mut Value) {
    let spec = object.entry("spec");
    fill(spec, [("replicas", 1i64.into())]);
    template(spec.entry("template"));
    let labels = spec["template"]["metadata"]["labels"].clone();
    if spec["selector"].as_object().is_none_or(Object::is_empty) && !labels.is_null() {
        *spec.entry("selector") = labels;
    }
    labels_of_template(object);
    fill(object, [("status", object_of([("replicas", 0i64.into())]))]);
}

fn stateful_set(object: &mut Value) {
    let spec = object.entry("spec");
    fill(
        spec,
        [
            ("replicas", 1i64.into()),
            ("podManagementPolicy", "OrderedReady".into()),
            ("updateStrategy", Value::object()),
            ("revisionHistoryLimit", 10i64.into()),
            ("persistentVolumeClaimRetentionPolicy", Value::object()),
        ],
    );
    let retain = [("whenDeleted", "Retain".into()), ("whenScaled", "Retain".into())];
    fill(spec.entry("persistentVolumeClaimRetentionPolicy"), retain);
    let strategy = spec.entry("updateStrategy");
    fill(strategy, [("type", "RollingUpdate".into())]);
    if strategy["type"].as_str() == Some("RollingUpdate") {
        fill(strategy, [("rollingUpdate", Value::object())]);
        fill(strategy.entry("rollingUpdate"), [("partition", 0i64.into())]);
    }
    template(spec.entry("template"));
    fill(object, [("status", object_of([("replicas", 0i64.into()), ("availableReplicas", 0i64.into())]))]);
}

fn daemon_set(object: &mut Value) {
    // Where very old clients look for the generation of the template.
    fill(object.entry("metadata").entry("annotations"), [("deprecated.daemonset.template.generation", "0".into())]);
    let spec = object.entry("spec");
    fill(spec, [("updateStrategy", Value::object()), ("revisionHistoryLimit", 10i64.into())]);
    let strategy = spec.entry("updateStrategy");
    fill(strategy, [("type", "RollingUpdate".into())]);
    if strategy["type"].as_str() == Some("RollingUpdate") {
        fill(strategy, [("rollingUpdate", Value::object())]);
        fill(strategy.entry("rollingUpdate"), [("maxUnavailable", 1i64.into()), ("maxSurge", 0i64.into())]);
    }
    template(spec.entry("template"));
    let zero = || Value::from(0i64);
    let status = object_of([
        ("currentNumberScheduled", zero()),
        ("numberMisscheduled", zero()),
        ("desiredNumberScheduled", zero()),
        ("numberReady", zero()),
    ]);
    fill(object, [("status", status)]);
}

fn job(object: &mut Value) {
    let spec = object.entry("spec");
    if spec["completions"].is_null() && spec["parallelism"].is_null() {
        fill(spec, [("completions", 1i64.into())]);
    }
    let replacement = if spec["podFailurePolicy"].is_null() { "TerminatingOrFailed" } else { "Failed" };
    fill(
        spec,
        [
            ("parallelism", 1i64.into()),
            ("backoffLimit", 6i64.into()),
            ("manualSelector", false.into()),
            ("completionMode", "NonIndexed".into()),
            ("suspend", false.into()),
            ("podReplacementPolicy", replacement.into()),
        ],
    );
    template(spec.entry("template"));
    labels_of_template(object);
    fill(object, [("status", Value::object())]);
}

fn cron_job(object: &mut Value) {
    let spec = object.entry("spec");
    fill(
        spec,
        [
            ("concurrencyPolicy", "Allow".into()),
            ("suspend", false.into()),
            ("successfulJobsHistoryLimit", 3i64.into()),
            ("failedJobsHistoryLimit", 1i64.into()),
        ],
    );
    fill(spec.entry("jobTemplate"), [("metadata", Value::object())]);
    template(spec.entry("jobTemplate").entry("spec").entry("template"));
    fill(object, [("status", Value::object())]);
}

fn autoscaler(object: &mut Value, version: &str) {
    const UTILIZATION: i64 = 80;
    let spec = object.entry("spec");
    fill(spec, [("minReplicas", 1i64.into())]);
    let zero = || Value::from(0i64);
    if version == "autoscaling/v1" {
        let status = object_of([("currentReplicas", zero()), ("desiredReplicas", zero())]);
        fill(object, [("status", status)]);
    } else {
        if spec["metrics"].items().is_empty() {
            *spec.entry("metrics") = Value::Array(vec![convert::cpu(&UTILIZATION.into())]);
        }
        let status = object_of([("desiredReplicas", zero()), ("currentMetrics", Value::Null)]);
        fill(object, [("status", status)]);
    }
}
