//! Which requests a webhook's rules cover.

use crate::go::json::Str;
use crate::go::json::Value;
use crate::k8s::served::{Equivalents, GroupVersion, Served};
use crate::scenario::Request;

/// One entry of `rules`.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    operations: Vec<Str>,
    groups: Vec<Str>,
    versions: Vec<Str>,
    /// Resource and subresource, which is empty for the object itself.
    resources: Vec<(Str, Str)>,
    scope: Scope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Any,
    Namespaced,
    Cluster,
    /// A word that is no scope covers nothing.
    Unknown,
}

impl Rule {
    /// Reads an entry of `rules`.
    pub(super) fn read(rule: &Value) -> Rule {
        let list = |key: &str| rule[key].items().iter().filter_map(Value::as_str).map(Str::from).collect();
        let resource = |item: &str| {
            let (resource, sub) = item.split_once('/').unwrap_or((item, ""));
            (resource.into(), sub.into())
        };
        Rule {
            operations: list("operations"),
            groups: list("apiGroups"),
            versions: list("apiVersions"),
            resources: rule["resources"].items().iter().filter_map(Value::as_str).map(resource).collect(),
            scope: match rule["scope"].as_str() {
                None | Some("*") => Scope::Any,
                Some("Namespaced") => Scope::Namespaced,
                Some("Cluster") => Scope::Cluster,
                Some(_) => Scope::Unknown,
            },
        }
    }

    /// True when scope, operation, group, version and resource all match; the resource may be another than the
    /// request's own.
    ///
    /// Source: kube-apiserver 1.36, rule matcher.
    fn covers(&self, request: &Request, resource: &GroupVersion) -> bool {
        let has = |list: &[Str], wanted: &str| list.iter().any(|item| item == "*" || item == wanted);
        let named = |(name, sub): &(Str, Str)| {
            (name == "*" || *name == resource.name) && (sub == "*" || *sub == request.subresource)
        };
        self.in_scope(request, resource)
            && has(&self.operations, &request.operation)
            && has(&self.groups, &resource.group)
            && has(&self.versions, &resource.version)
            && self.resources.iter().any(named)
    }

    fn in_scope(&self, request: &Request, resource: &GroupVersion) -> bool {
        // A Namespace is cluster-scoped, but its requests carry a namespace: its own name.
        let is_namespaces = resource.group.is_empty() && resource.version == "v1" && resource.name == "namespaces";
        let namespaced = !request.namespace.is_empty() && !is_namespaces;
        match self.scope {
            Scope::Any => true,
            Scope::Namespaced => namespaced,
            Scope::Cluster => !namespaced,
            Scope::Unknown => false,
        }
    }
}

/// The first rule that covers a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Covered<'a> {
    /// Its place in the list.
    pub rule: usize,
    /// The equivalent resource that it covers, where it does not cover the request's own.
    pub equivalent: Option<&'a Served>,
}

/// Looks for a rule that covers the request as it is, and only then, if asked to, for one that covers an equivalent.
pub(super) fn find<'a>(rules: &[Rule], request: &Request, equivalents: Option<&'a Equivalents>) -> Option<Covered<'a>> {
    if let Some(rule) = rules.iter().position(|rule| rule.covers(request, &request.resource)) {
        return Some(Covered { rule, equivalent: None });
    }
    let others = equivalents?.of(&request.resource, &request.subresource).filter(|s| s.resource != request.resource);
    rules.iter().enumerate().find_map(|(rule, entry)| {
        let equivalent = others.clone().find(|served| entry.covers(request, &served.resource))?;
        Some(Covered { rule, equivalent: Some(equivalent) })
    })
}
