//! What a cluster holds besides the object at hand, as far as admission and injection look at it.

use std::collections::BTreeMap;

use super::served::Equivalents;
use crate::go::json::Value;

/// What the injector and the API server can look up.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Namespaces by name, as objects (labels, annotations).
    pub namespaces: BTreeMap<String, Value>,
    /// Everything else that admission looks up: ServiceAccounts, LimitRanges, ResourceQuotas, PriorityClasses,
    /// RuntimeClasses, Services.
    pub objects: Objects,
    /// Nodes with their kubelet versions.
    pub nodes: Vec<Node>,
    /// The injector's `PLATFORM` (`openshift` or empty).
    pub platform: String,
    /// The id under which the injector knows this cluster; empty means `Kubernetes`.
    pub id: String,
    /// Resources that are served in more than one form; what Kubernetes 1.36 has where nothing else is said.
    pub equivalents: Equivalents,
    /// What the authorizer answers to the checks of matchConditions.
    pub authorizer: Authorizer,
}

/// What an authorizer answers, whatever the check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authorizer {
    /// Everything is allowed, as to an administrator.
    #[default]
    Allow,
    /// Nothing is allowed.
    Deny,
}

/// A node, as far as the injector looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// `metadata.name`
    pub name: String,
    /// `status.nodeInfo.kubeletVersion`, such as `v1.33.0`
    pub kubelet_version: String,
}

/// Objects by kind, namespace (empty for cluster-scoped ones) and name.
#[derive(Clone, Debug, Default)]
pub struct Objects(BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>);

impl Objects {
    /// Adds an object under its own kind, namespace and name; one of the same name is replaced.
    pub fn add(&mut self, object: Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, metadata) = (text(&object["kind"]), &object["metadata"]);
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        self.0.entry(kind).or_default().entry(namespace).or_default().insert(name, object);
    }

    /// The object of a kind with a namespace (empty for cluster-scoped ones) and a name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.0.get(kind)?.get(namespace)?.get(name)
    }

    /// Takes an object out.
    pub fn remove(&mut self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.0.get_mut(kind)?.get_mut(namespace)?.remove(name)
    }

    /// The objects of a kind in a namespace, by name.
    pub fn list(&self, kind: &str, namespace: &str) -> impl Iterator<Item = &Value> {
        self.0.get(kind).and_then(|by_namespace| by_namespace.get(namespace)).into_iter().flat_map(BTreeMap::values)
    }

    /// True where nothing is known of a kind in any namespace: a situation that says nothing about it.
    pub fn is_silent_about(&self, kind: &str) -> bool {
        !self.0.contains_key(kind)
    }
}

impl FromIterator<Value> for Objects {
    fn from_iter<I: IntoIterator<Item = Value>>(objects: I) -> Objects {
        let mut all = Objects::default();
        objects.into_iter().for_each(|object| all.add(object));
        all
    }
}
