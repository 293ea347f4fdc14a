//! What the server does to objects when they are created and changed, and what it says about them.

use super::kinds::set_metadata;
use crate::go::json::Value;
use crate::k8s::{prepare, schema};

/// Completes a new object; the warnings that this causes.
pub(super) fn prepare(object: &mut Value, time: &str) -> Vec<String> {
    match object["kind"].as_str() {
        Some("Pod") => {
            let warnings = prepare::for_create(object);
            let conditions = object.get_mut("status").and_then(|status| status.get_mut("conditions"));
            for condition in conditions.and_then(Value::as_array_mut).into_iter().flatten() {
                *condition.entry("lastTransitionTime") = time.into();
            }
            return warnings;
        }
        Some("DaemonSet") => {
            // Where very old clients look for the generation of the template.
            *object.entry("metadata").entry("annotations").entry("deprecated.daemonset.template.generation") =
                "1".into();
        }
        Some("Job") => prepare_job(object),
        Some("Namespace") => *object.entry("spec").entry("finalizers") = Value::Array(vec!["kubernetes".into()]),
        _ => {}
    }
    Vec::new()
}

/// The labels that tie the pods of a job to it.
fn prepare_job(job: &mut Value) {
    const UID_LABEL: &str = "batch.kubernetes.io/controller-uid";
    if job["spec"]["manualSelector"].as_bool() == Some(true) {
        return;
    }
    let metadata = |key: &str| job["metadata"][key].as_str().unwrap_or_default().to_owned();
    let (uid, name) = (metadata("uid"), metadata("name"));
    let labels = job.entry("spec").entry("template").entry("metadata").entry("labels");
    for (key, value) in
        [("controller-uid", &uid), (UID_LABEL, &uid), ("job-name", &name), ("batch.kubernetes.io/job-name", &name)]
    {
        *labels.entry(key) = value.as_str().into();
    }
    *job.entry("spec").entry("selector").entry("matchLabels").entry(UID_LABEL) = uid.into();
}

/// Brings a changed pod into line with the stored one: what this request may not change is put back, and generations
/// are counted.
pub(super) fn prepare_update(pod: &mut Value, old: &Value, subresource: &str) {
    let put_back = |pod: &mut Value, member: &'static str| {
        if let Some(members) = pod.as_object_mut() {
            schema::POD.set(members, member, old[member].clone());
        }
    };
    match subresource {
        "status" => {
            put_back(pod, "spec");
            if let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) {
                schema::POD_STATUS.set(status, "qosClass", old["status"]["qosClass"].clone());
            }
        }
        "ephemeralcontainers" => {
            let added = pod["spec"]["ephemeralContainers"].clone();
            put_back(pod, "spec");
            put_back(pod, "status");
            if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
                schema::POD_SPEC.set(spec, "ephemeralContainers", added);
            }
        }
        _ => put_back(pod, "status"),
    }
    for key in ["uid", "creationTimestamp"] {
        set_metadata(pod, key, old["metadata"][key].clone());
    }
    let generation = old["metadata"]["generation"].as_i64().unwrap_or(0);
    let changed = i64::from(pod["spec"] != old["spec"]);
    set_metadata(pod, "generation", (generation + changed).into());
}
