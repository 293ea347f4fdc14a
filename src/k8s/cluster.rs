//! What a cluster holds besides the object at hand, as far as admission and injection look at it.

use std::collections::BTreeMap;

use super::served::Equivalents;
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
