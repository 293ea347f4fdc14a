//! The pod that a workload's controller would create.

use crate::go::json::{Object, Value};

/// A hash as controllers put it into names; always the same here.
const HASH: &str = "7d9c6b5f4";

/// The minute of a CronJob's run, as its controller puts it into the name.
const MINUTE: &str = "29384750";

/// How a kind makes pods: where its template is, and who owns the pod.
struct Kind {
    name: &'static str,
    template: &'static [&'static str],
    /// `apiVersion` and kind of the direct owner.
    owner: (&'static str, &'static str),
    /// What follows the workload's name in the owner's name.
    owner_suffix: &'static str,
    /// The label that carries the hash.
    hash_label: &'static str,
    /// Pods are numbered instead of getting random names.
    numbered: bool,
}

const TEMPLATE: &[&str] = &["spec", "template"];

const KINDS: &[Kind] = &[
    Kind {
        name: "CronJob",
        template: &["spec", "jobTemplate", "spec", "template"],
        owner: ("batch/v1", "Job"),
        owner_suffix: MINUTE,
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "DaemonSet",
        template: TEMPLATE,
        owner: ("apps/v1", "DaemonSet"),
        owner_suffix: "",
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "Deployment",
        template: TEMPLATE,
        owner: ("apps/v1", "ReplicaSet"),
        owner_suffix: HASH,
        hash_label: "pod-template-hash",
        numbered: false,
    },
    Kind {
        name: "DeploymentConfig",
        template: TEMPLATE,
        owner: ("v1", "ReplicationController"),
        owner_suffix: "1",
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "Job",
        template: TEMPLATE,
        owner: ("batch/v1", "Job"),
        owner_suffix: "",
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "ReplicaSet",
        template: TEMPLATE,
        owner: ("apps/v1", "ReplicaSet"),
        owner_suffix: "",
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "ReplicationController",
        template: TEMPLATE,
        owner: ("v1", "ReplicationController"),
        owner_suffix: "",
        hash_label: "",
        numbered: false,
    },
    Kind {
        name: "Rollout",
        template: TEMPLATE,
        owner: ("apps/v1", "ReplicaSet"),
        owner_suffix: HASH,
        hash_label: "rollouts-pod-template-hash",
        numbered: false,
    },
    Kind {
        name: "StatefulSet",
        template: TEMPLATE,
        owner: ("apps/v1", "StatefulSet"),
        owner_suffix: "",
        hash_label: "",
        numbered: true,
    },
];

/// The kinds that make pods.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|k| k.name)
}

/// Where a workload keeps its pod template, as the members on the way; `None` for other kinds and pods.
pub fn template_path(object: &Value) -> Option<&'static [&'static str]> {
    kind(object).map(|k| k.template)
}

fn kind(object: &Value) -> Option<&'static Kind> {
    let name = object["kind"].as_str()?;
    KINDS.iter().find(|k| k.name == name)
}

/// The pod of an object: a pod itself, or the one that its controller would create, with name prefix, owner and hash
/// label. `None` for any other kind.
pub fn pod(object: &Value) -> Option<Value> {
    if object["kind"].as_str() == Some("Pod") {
        return Some(object.clone());
    }
    let kind = kind(object)?;
    let template = kind.template.iter().fold(object, |v, key| &v[*key]);
    let workload = object["metadata"]["name"].as_str().unwrap_or_default();
    let owner =
        if kind.owner_suffix.is_empty() { workload.to_owned() } else { format!("{workload}-{}", kind.owner_suffix) };

    let mut metadata = Object::new();
    metadata.insert("generateName", format!("{owner}-"));
    if kind.numbered {
        metadata.insert("name", format!("{owner}-0"));
    }
    for (key, value) in template["metadata"].as_object().into_iter().flat_map(Object::iter) {
        metadata.insert(key.clone(), value.clone());
    }
    if let Some(namespace) = object["metadata"].get("namespace") {
        metadata.insert("namespace", namespace.clone());
    }
    let mut reference = Object::new();
    reference.insert("apiVersion", kind.owner.0);
    reference.insert("kind", kind.owner.1);
    reference.insert("name", owner);
    reference.insert("uid", "00000000-0000-0000-0000-000000000000");
    reference.insert("controller", true);
    reference.insert("blockOwnerDeletion", true);
    metadata.insert("ownerReferences", Value::Array(vec![Value::Object(reference)]));
    let mut metadata = Value::Object(metadata);
    if !kind.hash_label.is_empty() {
        *metadata.entry("labels").entry(kind.hash_label) = HASH.into();
    }
    let members = [
        ("apiVersion", Value::from("v1")),
        ("kind", Value::from("Pod")),
        ("metadata", metadata),
        ("spec", template["spec"].clone()),
    ];
    Some(Value::Object(members.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;
    use crate::injector::owner;

    #[test]
    fn the_injector_finds_the_workload_of_its_pod() {
        for kind in kinds() {
            let template = r#"{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[]}}"#;
            let object = match kind {
                "CronJob" => format!(
                    r#"{{"kind":"CronJob","metadata":{{"name":"w"}},"spec":{{"jobTemplate":{{"spec":{{"template":{template}}}}}}}}}"#
                ),
                _ => format!(r#"{{"kind":"{kind}","metadata":{{"name":"w"}},"spec":{{"template":{template}}}}}"#),
            };
            let pod = pod(&json::parse(object).unwrap()).unwrap();
            assert_eq!(pod["metadata"]["labels"]["a"].as_str(), Some("b"), "{kind}");
            let workload = owner::workload(&pod, crate::injector::release::Owners::Rollouts);
            // Only OpenShift's own label tells a DeploymentConfig.
            let (name, found) = if kind == "DeploymentConfig" { ("w-1", "ReplicationController") } else { ("w", kind) };
            assert_eq!((workload.name.as_str(), workload.kind.as_str()), (name, found));
        }
        assert!(pod(&json::parse(r#"{"kind":"Service"}"#).unwrap()).is_none());
    }
}
