//! The workload behind a pod, guessed from its controller as the injector does.

use crate::go::json::Value;
use crate::injector::pod;
use crate::injector::release::{Owners, Switches};

/// The label that names the DeploymentConfig of a pod.
const CONFIG_LABEL: &str = "deploymentconfig";

/// What templates see as `.DeploymentMeta` and `.TypeMeta`.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Name of the workload; the pod's own name where nothing else is known (may be empty).
    pub name: String,
    /// Namespace of the pod.
    pub namespace: String,
    /// Kind of the workload.
    pub kind: String,
    /// apiVersion, taken from the owner reference (so a Deployment keeps its ReplicaSet's).
    pub api_version: String,
    /// Its metadata, in releases in which templates see all of it; else null.
    pub meta: Value,
}

impl Workload {
    /// The workload of a pod as the templates of a release see it.
    pub fn of_pod(pod: &Value, switches: &Switches) -> Workload {
        let mut workload = workload(pod, switches.owners);
        if switches.workload_meta {
            // The pod's own, with another name.
            workload.meta = pod["metadata"].clone();
            if let Value::Object(members) = &mut workload.meta {
                members.remove("ownerReferences");
                members.remove("name");
                if !workload.name.is_empty() {
                    members.insert_at(0, "name", workload.name.as_str());
                }
            }
        }
        workload
    }

    /// Takes the label that names a DeploymentConfig off its pod, and off what templates see of it, once it has been read,
    /// as some releases do by accident.
    pub fn take_config_label(&mut self, pod: &mut Value) {
        if self.kind != "DeploymentConfig" {
            return;
        }
        for meta in [pod.entry("metadata"), &mut self.meta] {
            if let Some(Value::Object(labels)) = meta.get_mut("labels") {
                labels.remove(CONFIG_LABEL);
            }
        }
    }

    /// An object with a pod template as the templates of a release see it.
    pub fn of_object(object: &Value, switches: &Switches) -> Workload {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let meta = &object["metadata"];
        Workload {
            name: text(&meta["name"]),
            namespace: text(&meta["namespace"]),
            kind: text(&object["kind"]),
            api_version: text(&object["apiVersion"]),
            meta: if switches.workload_meta { meta.clone() } else { Value::Null },
        }
    }
}

/// Finds the workload of a pod. Only pods with a generateName are looked at; others are their own workload.
///
/// Source: istio, owner lookup by controller reference and name, 1.9–1.30. The metadata is left out.
pub fn workload(pod: &Value, rule: Owners) -> Workload {
    let meta = &pod["metadata"];
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut workload = Workload {
        name: text(&meta["name"]),
        namespace: text(&meta["namespace"]),
        kind: "Pod".into(),
        api_version: "v1".into(),
        meta: Value::Null,
    };
    if text(&meta["generateName"]).is_empty() {
        return workload;
    }
    let Some(owner) = meta["ownerReferences"].items().iter().find(|o| o["controller"].as_bool() == Some(true)) else {
        return workload;
    };
    let (owner_name, kind) = (text(&owner["name"]), text(&owner["kind"]));
    workload.api_version = text(&owner["apiVersion"]);
    let label = |key| pod::label(pod, key).filter(|v| !v.is_empty());
    let without_hash = |key| label(key).and_then(|hash| strip_hash(&owner_name, hash));
    let (name, kind) = match kind.as_str() {
        "ReplicaSet" => {
            if let Some(name) = without_hash("pod-template-hash") {
                (name, "Deployment".to_owned())
            } else if let Some(name) = without_hash("rollouts-pod-template-hash").filter(|_| rule >= Owners::Rollouts) {
                workload.api_version = "v1alpha1".into();
                (name, "Rollout".to_owned())
            } else {
                (owner_name, kind)
            }
        }
        "ReplicationController" => match label(CONFIG_LABEL).filter(|_| rule >= Owners::DeploymentConfigs) {
            Some(name) => (name.to_owned(), "DeploymentConfig".to_owned()),
            None => (owner_name, kind),
        },
        "Job" => match without_timestamp(&owner_name, rule) {
            Some(name) => {
                workload.api_version = if rule >= Owners::Rollouts { "batch/v1" } else { "batch/v1beta1" }.into();
                (name.to_owned(), "CronJob".to_owned())
            }
            None => (owner_name, kind),
        },
        _ => (owner_name, kind),
    };
    if !name.is_empty() {
        workload.name = name;
    }
    workload.kind = kind;
    workload
}

/// `NAME-HASH` without `-HASH`; a name that ends with the hash but lacks the dash stays whole.
fn strip_hash(name: &str, hash: &str) -> Option<String> {
    let rest = name.strip_suffix(hash)?;
    Some(rest.strip_suffix('-').unwrap_or(name).to_owned())
}

/// The name of a CronJob from that of its Job: `NAME-` and 8 to 10 digits at the end; once, exactly ten, of which the
/// first may be a sign.
fn without_timestamp(job: &str, rule: Owners) -> Option<&str> {
    if rule == Owners::TenDigits {
        let (rest, number) = job.split_at_checked(job.len().checked_sub(10)?)?;
        let name = rest.strip_suffix('-').filter(|name| !name.is_empty())?;
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        return digits.bytes().all(|b| b.is_ascii_digit()).then_some(name);
    }
    let (name, digits) = job.rsplit_once('-')?;
    let dated = (8..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    (dated && !name.is_empty() && !name.contains('\n')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;
    use crate::injector::release::Release;

    fn check(kind: &str, owner: &str, labels: &str, want: &str) {
        check_as(Owners::Rollouts, kind, owner, labels, want);
    }

    fn check_as(rule: Owners, kind: &str, owner: &str, labels: &str, want: &str) {
        let pod = format!(
            r#"{{"metadata":{{"generateName":"x-","namespace":"n","labels":{labels},
            "ownerReferences":[{{"kind":"{kind}","name":"{owner}","apiVersion":"a/v1","controller":true}}]}}}}"#
        );
        let w = workload(&json::parse(pod).unwrap(), rule);
        assert_eq!(format!("{} {} {}", w.api_version, w.kind, w.name), want);
    }

    #[test]
    fn controllers() {
        check("ReplicaSet", "web-abc", r#"{"pod-template-hash":"abc"}"#, "a/v1 Deployment web");
        check("ReplicaSet", "webabc", r#"{"pod-template-hash":"abc"}"#, "a/v1 Deployment webabc");
        check("ReplicaSet", "web-abc", "{}", "a/v1 ReplicaSet web-abc");
        check("ReplicaSet", "web-abc", r#"{"rollouts-pod-template-hash":"abc"}"#, "v1alpha1 Rollout web");
        check("ReplicationController", "web-1", r#"{"deploymentconfig":"web"}"#, "a/v1 DeploymentConfig web");
        check("Job", "pi-28383838", "{}", "batch/v1 CronJob pi");
        check("Job", "pi-283838", "{}", "a/v1 Job pi-283838");
        check("DaemonSet", "agent", "{}", "a/v1 DaemonSet agent");
        check_as(Owners::TenDigits, "Job", "pi-28383838", "{}", "a/v1 Job pi-28383838");
        check_as(Owners::TenDigits, "Job", "pi-1589302620", "{}", "batch/v1beta1 CronJob pi");
        check_as(Owners::TenDigits, "Job", "pi-+589302620", "{}", "batch/v1beta1 CronJob pi");
        check_as(
            Owners::Dated,
            "ReplicationController",
            "a-1",
            r#"{"deploymentconfig":"a"}"#,
            "a/v1 ReplicationController a-1",
        );
    }

    #[test]
    fn the_label_is_read_before_it_is_taken() {
        let mut pod = json::parse(
            r#"{"metadata":{"generateName":"x-","labels":{"app":"a","deploymentconfig":"web"},
            "ownerReferences":[{"kind":"ReplicationController","name":"web-1","apiVersion":"v1","controller":true}]}}"#,
        )
        .unwrap();
        let switches = &Release::find("1.12.9").unwrap().switches;
        let mut workload = Workload::of_pod(&pod, switches);
        workload.take_config_label(&mut pod);
        assert_eq!((workload.kind.as_str(), workload.name.as_str()), ("DeploymentConfig", "web"));
        for meta in [&pod["metadata"], &workload.meta] {
            assert_eq!(meta["labels"].to_string(), r#"{"app":"a"}"#);
        }
    }
}
