//! The plugins that the API server itself runs on an object around the webhooks.
//!
//! [`admit`] runs those that change objects, in the server's order: before the first webhook, and all of them once more
//! where a webhook changed something. [`validate`] runs those that only judge, on the object as it would be stored.
//! Source: kube-apiserver 1.36, plugins that are on by default.
//!
//! Objects are in the form in which they are stored ([`crate::k8s::defaults`]). Kinds of which the cluster says nothing
//! at all ([`crate::k8s::Objects::is_silent_about`]) are taken for present and plain: a situation need not list service
//! accounts.

mod always_pull_images;
mod limit_ranger;
mod namespace_lifecycle;
pub mod pod_security;
mod priority;
mod resource_quota;
mod runtime_class;
mod service_account;
mod tolerations;

use super::refused::Refused;
use crate::go::json::Value;
use crate::k8s::Cluster;
use crate::scenario::Request;

/// What plugins know besides the object.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The request.
    pub request: &'a Request,
    /// What the API server can look up.
    pub cluster: &'a Cluster,
    /// The end of names that the server makes up, five characters in reality.
    pub suffix: &'a str,
}

/// What plugins say besides yes or no.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Warnings for the client.
    pub warnings: Vec<String>,
    /// Annotations for the audit log.
    pub annotations: Vec<(String, String)>,
}

type Admit = fn(&Context<'_>, &mut Value) -> Result<(), Refused>;
type Validate = fn(&Context<'_>, &Value, &mut Notes) -> Result<(), Refused>;

/// A plugin.
pub struct Plugin {
    /// Its name in the server's flags.
    pub name: &'static str,
    /// Whether a server runs it that was not told otherwise.
    pub is_default: bool,
    admit: Option<Admit>,
    validate: Option<Validate>,
}

impl Plugin {
    const fn new(name: &'static str, admit: Option<Admit>, validate: Option<Validate>) -> Plugin {
        Plugin { name, is_default: true, admit, validate }
    }
}

/// All plugins that pods meet, in the server's order. Both kinds of webhooks stand before [`QUOTA`].
pub const PLUGINS: &[Plugin] = &[
    Plugin::new("NamespaceLifecycle", Some(namespace_lifecycle::admit), None),
    Plugin::new("LimitRanger", Some(limit_ranger::admit), Some(limit_ranger::validate)),
    Plugin::new("ServiceAccount", Some(service_account::admit), Some(service_account::validate)),
    Plugin {
        is_default: false,
        ..Plugin::new("AlwaysPullImages", Some(always_pull_images::admit), Some(always_pull_images::validate))
    },
    Plugin::new("PodSecurity", None, Some(pod_security::validate)),
    Plugin::new("Priority", Some(priority::admit), None),
    Plugin::new("DefaultTolerationSeconds", Some(tolerations::admit), None),
    Plugin::new("RuntimeClass", Some(runtime_class::admit), Some(runtime_class::validate)),
];

/// The plugin that comes after the validating webhooks.
pub const QUOTA: Plugin = Plugin::new("ResourceQuota", None, Some(resource_quota::validate));

/// Where [`validate`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the validating webhooks.
    Before,
    /// After them.
    After,
}

/// Runs the changing half of the plugins that are on by default.
///
/// Errors: the first refusal.
pub fn admit(context: &Context<'_>, object: &mut Value) -> Result<(), Refused> {
    admit_by(context, object, |plugin| plugin.is_default)
}

/// [`admit`] for a server that runs other plugins.
///
/// Errors: the first refusal.
pub fn admit_by(context: &Context<'_>, object: &mut Value, runs: impl Fn(&Plugin) -> bool) -> Result<(), Refused> {
    PLUGINS.iter().filter(|p| runs(p)).filter_map(|p| p.admit).try_for_each(|admit| admit(context, object))
}

/// Runs the judging half of the plugins that are on by default.
///
/// Errors: the first refusal.
pub fn validate(context: &Context<'_>, object: &Value, side: Side, notes: &mut Notes) -> Result<(), Refused> {
    let plugins = match side {
        Side::Before => PLUGINS,
        Side::After => &[QUOTA],
    };
    let mut plugins = plugins.iter().filter(|p| p.is_default).filter_map(|p| p.validate);
    plugins.try_for_each(|validate| validate(context, object, notes))
}

impl Context<'_> {
    /// True for the pod itself (no subresource) and these operations.
    fn is_pod(&self, operations: &[&str]) -> bool {
        self.is_pod_with("", operations)
    }

    /// True for a subresource of pods and these operations.
    fn is_pod_with(&self, subresource: &str, operations: &[&str]) -> bool {
        let request = self.request;
        request.resource.group.is_empty()
            && request.resource.name == "pods"
            && request.subresource == subresource
            && operations.contains(&request.operation.as_str())
    }

    /// A 403 about the object of the request.
    fn forbidden(&self, object: &Value, why: &str) -> Refused {
        let metadata = |key: &str| object["metadata"][key].as_str().filter(|name| !name.is_empty());
        let name = match self.request.name.as_str() {
            "" => metadata("name").or_else(|| metadata("generateName")).unwrap_or("Unknown"),
            name => name,
        };
        let resource = &self.request.resource;
        Refused::forbidden(&resource.group, &resource.name, name, why, "plugin-refused")
    }
}

/// The text of several errors as Go's aggregates have it: each once, in brackets where there are more.
fn aggregate(mut errors: Vec<String>) -> String {
    let mut seen = std::collections::BTreeSet::new();
    errors.retain(|error| seen.insert(error.clone()));
    match &errors[..] {
        [one] => one.clone(),
        _ => format!("[{}]", errors.join(", ")),
    }
}

/// The containers of a pod in all its lists: list name, position, container.
fn containers<'a>(pod: &'a Value, lists: &'a [&'static str]) -> impl Iterator<Item = (&'static str, usize, &'a Value)> {
    lists.iter().flat_map(|list| pod["spec"][*list].items().iter().enumerate().map(|(i, c)| (*list, i, c)))
}

const CONTAINERS: &[&str] = &["containers", "initContainers"];
const ALL_CONTAINERS: &[&str] = &["initContainers", "containers", "ephemeralContainers"];

#[cfg(test)]
mod tests;
