//! The Pod Security Standards: what a namespace's labels demand of its pods.
//!
//! ```
//! use conjector::admission::plugins::pod_security::{Level, Version, evaluate};
//! use conjector::go::json;
//!
//! let pod = json::parse(r#"{"spec":{"hostNetwork":true,"containers":[{"name":"app"}]}}"#).unwrap();
//! let violations = evaluate(Level::Baseline, Version::LATEST, &pod);
//! assert_eq!(violations[0].to_string(), "host namespaces (hostNetwork=true)");
//! ```

mod baseline;
mod policy;
mod restricted;

pub use policy::{Level, Policy, Version};

use std::fmt;

use super::{Context, Notes};
use crate::admission::refused::Refused;
use crate::go::json::Value;

/// One check that a pod does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is forbidden, in a few words.
    pub reason: &'static str,
    /// Where, and what should be there.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.as_str() {
            "" => f.write_str(self.reason),
            detail => write!(f, "{} ({detail})", self.reason),
        }
    }
}

type Judge = fn(&Value, Version) -> Option<Violation>;

/// A check: since which minor version, the check that it makes superfluous, and the check itself.
struct Check {
    id: &'static str,
    since: u32,
    replaces: &'static str,
    judge: Judge,
}

/// What a pod (with its defaults) violates of a level at a version, in the server's order.
///
/// Source: pod-security-admission 0.36.
pub fn evaluate(level: Level, version: Version, pod: &Value) -> Vec<Violation> {
    let applies = |check: &&Check| check.since <= version.minor();
    let restricted: Vec<&Check> = match level {
        Level::Restricted => restricted::CHECKS.iter().filter(applies).collect(),
        _ => Vec::new(),
    };
    let baseline: &[Check] = if level == Level::Privileged { &[] } else { baseline::CHECKS };
    let is_replaced = |check: &&Check| restricted.iter().any(|other| other.replaces == check.id);
    let checks = baseline.iter().filter(applies).filter(|check| !is_replaced(check));
    checks.chain(restricted.iter().copied()).filter_map(|check| (check.judge)(pod, version)).collect()
}

/// All violations in one text.
fn text(violations: &[Violation]) -> String {
    violations.iter().map(Violation::to_string).collect::<Vec<_>>().join(", ")
}

/// Subresources of pods that do not change what a pod is.
const IGNORED: [&str; 8] = ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"];

/// Where other objects have their pod: group, resource, path.
const TEMPLATES: [(&str, &str, &[&str]); 8] = [
    ("", "podtemplates", &["template"]),
    ("", "replicationcontrollers", &["spec", "template"]),
    ("apps", "replicasets", &["spec", "template"]),
    ("apps", "deployments", &["spec", "template"]),
    ("apps", "statefulsets", &["spec", "template"]),
    ("apps", "daemonsets", &["spec", "template"]),
    ("batch", "jobs", &["spec", "template"]),
    ("batch", "cronjobs", &["spec", "jobTemplate", "spec", "template"]),
];

const PREFIX: &str = "pod-security.kubernetes.io/";

pub(super) fn validate(context: &Context<'_>, object: &Value, notes: &mut Notes) -> Result<(), Refused> {
    let request = context.request;
    if !matches!(request.operation.as_str(), "CREATE" | "UPDATE") {
        return Ok(());
    }
    let labels = |namespace: &str| context.cluster.namespaces.get(namespace).map(|ns| &ns["metadata"]["labels"]);
    let (group, resource) = (request.resource.group.as_str(), request.resource.name.as_str());
    if group.is_empty() && resource == "pods" {
        if IGNORED.contains(&request.subresource.as_str()) {
            return Ok(());
        }
        let (policy, errors) = Policy::of(labels(&request.namespace).unwrap_or(&Value::Null));
        if errors.is_empty() && policy.is_privileged() {
            notes.annotations.push((format!("{PREFIX}enforce-policy"), policy.enforce.to_string()));
            return Ok(());
        }
        if request.operation == "UPDATE" && !is_significant(object, &request.old_object) {
            return Ok(());
        }
        return judge(context, &policy, &errors, object, true, object, notes);
    }
    let template = TEMPLATES.iter().find(|(g, r, _)| (*g, *r) == (group, resource));
    let Some((_, _, path)) = template.filter(|_| request.subresource.is_empty()) else { return Ok(()) };
    let (policy, errors) = Policy::of(labels(&request.namespace).unwrap_or(&Value::Null));
    if errors.is_empty() && policy.warn.level == Level::Privileged && policy.audit.level == Level::Privileged {
        return Ok(());
    }
    let pod = path.iter().fold(object, |at, key| &at[*key]);
    match pod.is_null() {
        true => Ok(()),
        false => judge(context, &policy, &errors, pod, false, object, notes),
    }
}

fn judge(
    context: &Context<'_>,
    policy: &Policy,
    errors: &[String],
    pod: &Value,
    enforce: bool,
    object: &Value,
    notes: &mut Notes,
) -> Result<(), Refused> {
    let mut annotate = |key: &str, value: String| notes.annotations.push((format!("{PREFIX}{key}"), value));
    if !errors.is_empty() {
        annotate("error", format!("Failed to parse policy: {}", super::aggregate(errors.to_vec())));
    }
    let violations = |wanted: policy::Wanted| evaluate(wanted.level, wanted.version, pod);
    let mut refused = None;
    if enforce {
        annotate("enforce-policy", policy.enforce.to_string());
        let found = violations(policy.enforce);
        if !found.is_empty() {
            let request = context.request;
            let name = match request.name.as_str() {
                "" => object["metadata"]["name"].as_str().unwrap_or_default(),
                name => name,
            };
            let why = format!("violates PodSecurity \"{}\": {}", policy.enforce, text(&found));
            let resource = &request.resource;
            refused = Some(Refused::forbidden(&resource.group, &resource.name, name, &why, "plugin-refused"));
        }
    }
    let found = violations(policy.audit);
    if !found.is_empty() {
        annotate("audit-violations", format!("would violate PodSecurity \"{}\": {}", policy.audit, text(&found)));
    }
    if let Some(refused) = refused {
        return Err(refused);
    }
    let found = violations(policy.warn);
    if !found.is_empty() {
        notes.warnings.push(format!("would violate PodSecurity \"{}\": {}", policy.warn, text(&found)));
    }
    Ok(())
}

/// True for updates that bring containers or images.
fn is_significant(pod: &Value, old: &Value) -> bool {
    let list = |pod: &Value, key: &str| pod["spec"][key].items().to_vec();
    ["containers", "initContainers"].iter().any(|key| {
        let (new, old) = (list(pod, key), list(old, key));
        new.len() != old.len() || new.iter().zip(&old).any(|(new, old)| new["image"] != old["image"])
    }) || list(pod, "ephemeralContainers").iter().any(|container| {
        let old = list(old, "ephemeralContainers");
        old.iter().find(|old| old["name"] == container["name"]).is_none_or(|old| old["image"] != container["image"])
    })
}

/// All containers of a pod in the order of their complaints.
fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    super::containers(pod, super::ALL_CONTAINERS).map(|(_, _, container)| container)
}

fn name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// The names of containers for which something holds.
fn those(pod: &Value, mut holds: impl FnMut(&Value) -> bool) -> Vec<&str> {
    containers(pod).filter(|container| holds(container)).map(name).collect()
}

/// `"a", "b"`
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The singular for one, else the plural.
fn noun(one: &'static str, many: &'static str, count: usize) -> &'static str {
    if count == 1 { one } else { many }
}

/// `container "a"` or `containers "a", "b"`
fn called(names: &[&str]) -> String {
    format!("{} {}", noun("container", "containers", names.len()), quoted(names.iter().copied()))
}

/// Who set something: the pod, containers or both; nothing where nobody did.
fn setters(pod_did: bool, names: &[&str]) -> Option<String> {
    match (pod_did, names) {
        (false, []) => None,
        (true, []) => Some("pod".to_owned()),
        (false, names) => Some(called(names)),
        (true, names) => Some(format!("pod and {}", called(names))),
    }
}

fn violation(reason: &'static str, detail: impl Into<String>) -> Option<Violation> {
    Some(Violation { reason, detail: detail.into() })
}

/// True for pods in a user namespace of their own, which newer versions trust more.
fn in_user_namespace(pod: &Value) -> bool {
    pod["spec"]["hostUsers"].as_bool() == Some(false)
}
