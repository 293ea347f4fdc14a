//! What a cluster holds besides the object at hand, as far as admission and injection look at it.

use std::collections::BTreeMap;

use crate::go::json::Value;

/// What the injector and the API server can look up.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Namespaces by name, as objects (labels, annotations).
    pub namespaces: BTreeMap<String, Value>,
    /// Nodes with their kubelet versions.
    pub nodes: Vec<Node>,
    /// The injector's `PLATFORM` (`openshift` or empty).
    pub platform: String,
    /// The id under which the injector knows this cluster; empty means `Kubernetes`.
    pub id: String,
}

/// A node, as far as the injector looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// `metadata.name`
    pub name: String,
    /// `status.nodeInfo.kubeletVersion`, such as `v1.33.0`
    pub kubelet_version: String,
}
