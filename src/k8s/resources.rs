//! Lists of resources and what a pod asks for in all.
//!
//! Source: kube-apiserver 1.36, helpers of pod resources.

use std::collections::BTreeMap;

use super::quantity::Quantity;
use crate::go::json::{Object, Value};

/// What containers use, and what quotas call that.
pub const COMPUTE: [&str; 9] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

/// What is counted in whole numbers.
pub const OBJECTS: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Quantities by the name of the resource.
#[derive(Clone, Debug, Default)]
pub struct Resources(pub BTreeMap<String, Quantity>);

impl Resources {
    /// Reads a map of quantities; anything else, and what is no quantity, reads as nothing.
    pub fn read(list: &Value) -> Resources {
        let members = list.as_object().into_iter().flat_map(Object::iter);
        Resources(
            members
                .filter_map(|(name, value)| Some((name.to_string(), Quantity::parse(value.as_str()?).ok()?)))
                .collect(),
        )
    }

    /// The list as JSON.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, quantity)| (name.as_str(), quantity.to_string())).collect())
    }

    /// Adds each of another list.
    pub fn add(&mut self, other: &Resources) {
        for (name, quantity) in &other.0 {
            match self.0.get_mut(name) {
                Some(own) => *own = own.plus(quantity),
                None => _ = self.0.insert(name.clone(), quantity.clone()),
            }
        }
    }

    /// Raises each to that of another list.
    pub fn raise(&mut self, other: &Resources) {
        for (name, quantity) in &other.0 {
            if self.0.get(name).is_none_or(|own| quantity.compare(own).is_gt()) {
                self.0.insert(name.clone(), quantity.clone());
            }
        }
    }
}

/// True for names without a domain that are resources somewhere.
pub fn is_standard(name: &str) -> bool {
    let plain = COMPUTE.contains(&name) || OBJECTS.contains(&name) || matches!(name, "storage" | "requests.storage");
    plain || is_huge_page(name.strip_prefix("requests.").unwrap_or(name))
}

/// True for what can be asked for by a pod as a whole.
pub fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page(name)
}

/// True for memory in huge pages.
pub fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// True for names of Kubernetes itself.
pub fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// True for resources of which more may be promised than there is.
pub fn allows_overcommit(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

/// True for an init container that goes on running beside the others.
pub fn is_restartable(container: &Value) -> bool {
    container["restartPolicy"].as_str() == Some("Always")
}

/// What all containers of a pod need at most at one time: `member` is `requests` or `limits`.
pub fn of_containers(spec: &Object, member: &str) -> Resources {
    let list = |key: &str| spec.get(key).map_or(&[][..], Value::items);
    let read = |container: &Value| Resources::read(&container["resources"][member]);
    let mut all = Resources::default();
    for container in list("containers") {
        all.add(&read(container));
    }
    let (mut restartable, mut starting) = (Resources::default(), Resources::default());
    for container in list("initContainers") {
        let mut needed = read(container);
        if is_restartable(container) {
            all.add(&needed);
            restartable.add(&needed);
            starting.raise(&restartable);
        } else {
            needed.add(&restartable);
            starting.raise(&needed);
        }
    }
    all.raise(&starting);
    all
}

/// What a whole pod asks for: its containers, what it says for itself, and its overhead.
pub fn of_pod(spec: &Object, member: &str) -> Resources {
    let mut all = of_containers(spec, member);
    if let Some(own) = spec.get("resources") {
        let own = Resources::read(&own[member]);
        all.0.extend(own.0.into_iter().filter(|(name, _)| is_pod_level(name)));
    }
    if let Some(overhead) = spec.get("overhead") {
        let mut overhead = Resources::read(overhead);
        if member == "limits" {
            overhead.0.retain(|name, _| all.0.get(name).is_some_and(|q| !q.is_zero()));
        }
        all.add(&overhead);
    }
    all
}
