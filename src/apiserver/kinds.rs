//! The resources that can be asked for, as far as admission of pods and their controllers goes.

use crate::go::json::Value;
use crate::k8s::schema;
use crate::k8s::served::GroupVersion;

/// A resource or subresource.
#[derive(Debug)]
pub(super) struct Resource {
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    subresource: &'static str,
    /// The group and version of the kind, where they are not those of the resource.
    kind_group_version: Option<(&'static str, &'static str)>,
    /// The kind of the object in requests.
    pub(super) kind: &'static str,
    /// Stored objects count their generations.
    pub(super) has_generation: bool,
}

const fn row(
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    kind: &'static str,
    has_generation: bool,
) -> Resource {
    Resource { group, version, resource, subresource: "", kind_group_version: None, kind, has_generation }
}

const fn of_pods(subresource: &'static str, kind: &'static str) -> Resource {
    Resource { subresource, ..row("", "v1", "pods", kind, true) }
}

const RESOURCES: &[Resource] = &[
    row("", "v1", "pods", "Pod", true),
    of_pods("status", "Pod"),
    of_pods("ephemeralcontainers", "Pod"),
    of_pods("resize", "Pod"),
    of_pods("binding", "Binding"),
    Resource { kind_group_version: Some(("policy", "v1")), ..of_pods("eviction", "Eviction") },
    of_pods("exec", "PodExecOptions"),
    of_pods("attach", "PodAttachOptions"),
    of_pods("portforward", "PodPortForwardOptions"),
    of_pods("proxy", "PodProxyOptions"),
    row("", "v1", "namespaces", "Namespace", false),
    row("", "v1", "configmaps", "ConfigMap", false),
    row("", "v1", "secrets", "Secret", false),
    row("", "v1", "services", "Service", false),
    row("", "v1", "serviceaccounts", "ServiceAccount", false),
    row("", "v1", "limitranges", "LimitRange", false),
    row("", "v1", "resourcequotas", "ResourceQuota", false),
    row("", "v1", "podtemplates", "PodTemplate", true),
    row("", "v1", "replicationcontrollers", "ReplicationController", true),
    row("apps", "v1", "deployments", "Deployment", true),
    row("apps", "v1", "replicasets", "ReplicaSet", true),
    row("apps", "v1", "statefulsets", "StatefulSet", true),
    row("apps", "v1", "daemonsets", "DaemonSet", true),
    row("batch", "v1", "jobs", "Job", true),
    row("batch", "v1", "cronjobs", "CronJob", true),
    row("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false),
    row("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false),
    row("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", true),
    row("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false),
    row("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", true),
];

/// The resource of a URL.
pub(super) fn find(resource: &GroupVersion, subresource: &str) -> Option<&'static Resource> {
    let is = |r: &&Resource| {
        (r.group, r.version, r.resource, r.subresource)
            == (resource.group.as_str(), resource.version.as_str(), resource.name.as_str(), subresource)
    };
    RESOURCES.iter().find(is)
}

impl Resource {
    /// The kind of the object in requests.
    pub(super) fn kind(&self) -> GroupVersion {
        let (group, version) = self.kind_group_version.unwrap_or((self.group, self.version));
        GroupVersion::new(group, version, self.kind)
    }
}

/// Sets a member of an object's metadata in its place.
pub(super) fn set_metadata(object: &mut Value, key: &'static str, value: Value) {
    let metadata = object.entry("metadata");
    if metadata.is_null() {
        *metadata = Value::object();
    }
    if let Some(members) = metadata.as_object_mut() {
        schema::OBJECT_META.set(members, key, value);
    }
}

/// A member of an object's metadata that is a text; empty where it is missing.
pub(super) fn metadata<'v>(object: &'v Value, key: &str) -> &'v str {
    object["metadata"][key].as_str().unwrap_or_default()
}
