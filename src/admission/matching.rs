//! Whether a request reaches a webhook: selectors, rules, conditions, in the API server's order.

use super::webhook::Webhook;
use super::{Attributes, Refused};
use crate::go::json::Value;
use crate::k8s::Cluster;
use crate::k8s::labels::{Operator, Requirement, Selector};

/// The kinds that configure admission itself; they are never sent to webhooks.
const EXEMPT_KINDS: &[&str] = &[
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
];

/// What matching came to.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// The webhook is called.
    Called,
    /// It is not: the code of the step that said no, the values that were looked at, a sentence.
    Skipped {
        /// One of [`crate::trace::CODES`].
        code: &'static str,
        /// What was looked at.
        facts: Vec<(&'static str, String)>,
        /// One sentence.
        text: String,
    },
    /// Matching failed, which refuses the request whatever the failurePolicy.
    Failed(Refused),
    /// The webhook has matchConditions, which this version does not evaluate.
    Conditions,
}

fn skipped(code: &'static str, facts: Vec<(&'static str, String)>, text: String) -> Judgement {
    Judgement::Skipped { code, facts, text }
}

/// True for requests about the objects that configure admission.
pub fn is_exempt(attributes: &Attributes<'_>) -> bool {
    let kind = &attributes.request.kind;
    kind.group == "admissionregistration.k8s.io" && EXEMPT_KINDS.contains(&kind.name.as_str())
}

/// Judges one webhook: namespaceSelector, objectSelector, rules, then the errors of the selectors, then conditions.
///
/// Source: kube-apiserver 1.36, matching order.
pub fn judge(webhook: &Webhook<'_>, attributes: &Attributes<'_>, cluster: &Cluster) -> Judgement {
    let by_namespace = match namespace_selector(webhook, attributes, cluster) {
        Ok(Some(no)) => return no,
        Ok(None) => None,
        Err(refused) => Some(refused),
    };
    let by_object = match object_selector(webhook, attributes) {
        Ok(Some(no)) => return no,
        Ok(None) => None,
        Err(refused) => Some(refused),
    };
    let rules = webhook.field("rules").items();
    if !rules.iter().any(|rule| rule_matches(rule, attributes)) {
        let request = attributes.request;
        let resource = match request.subresource.as_str() {
            "" => request.resource.name.clone(),
            sub => format!("{}/{sub}", request.resource.name),
        };
        let text = format!("no rule covers {} of {resource}", request.operation);
        return skipped("rules", vec![("operation", request.operation.clone()), ("resource", resource)], text);
    }
    if let Some(refused) = by_namespace.or(by_object) {
        return Judgement::Failed(refused);
    }
    if webhook.field("matchConditions").items().is_empty() { Judgement::Called } else { Judgement::Conditions }
}

fn is_namespace_resource(attributes: &Attributes<'_>) -> bool {
    attributes.request.resource.name == "namespaces"
}

fn namespace_selector(
    webhook: &Webhook<'_>,
    attributes: &Attributes<'_>,
    cluster: &Cluster,
) -> Result<Option<Judgement>, Refused> {
    let request = attributes.request;
    if request.namespace.is_empty() && !is_namespace_resource(attributes) {
        return Ok(None);
    }
    let selector = Selector::parse(webhook.field("namespaceSelector"))
        .map_err(|e| Refused::internal(&e.to_string(), "match-error"))?;
    if selector.is_empty() {
        return Ok(None);
    }
    let from_object = is_namespace_resource(attributes)
        && request.subresource.is_empty()
        && matches!(request.operation.as_str(), "CREATE" | "UPDATE");
    let labels = if from_object {
        &attributes.object["metadata"]["labels"]
    } else {
        match cluster.namespaces.get(&request.namespace) {
            Some(namespace) => &namespace["metadata"]["labels"],
            None => return Err(Refused::namespace_not_found(&request.namespace)),
        }
    };
    if selector.matches_value(labels) {
        return Ok(None);
    }
    Ok(Some(unmet("namespace-selector", "the namespace", &selector, labels)))
}

fn object_selector(webhook: &Webhook<'_>, attributes: &Attributes<'_>) -> Result<Option<Judgement>, Refused> {
    let selector = Selector::parse(webhook.field("objectSelector"))
        .map_err(|e| Refused::internal(&e.to_string(), "match-error"))?;
    if selector.is_empty() {
        return Ok(None);
    }
    // An object without metadata cannot be selected by labels, not even by their absence.
    let matches = |object: &Value| {
        let meta = &object["metadata"];
        !meta.is_null() && selector.matches_value(&meta["labels"])
    };
    let request = attributes.request;
    if matches(attributes.object) || matches(&request.old_object) {
        return Ok(None);
    }
    Ok(Some(unmet("object-selector", "the object", &selector, &attributes.object["metadata"]["labels"])))
}

/// The judgement for a selector that does not match, naming its first unmet requirement.
fn unmet(code: &'static str, whose: &str, selector: &Selector, labels: &Value) -> Judgement {
    let value = |r: &Requirement| labels.get(&r.key).and_then(Value::as_str).map(str::to_owned);
    let Some(first) = selector.requirements().iter().find(|r| !r.matches(value(r).as_deref())) else {
        return skipped(code, Vec::new(), format!("{whose} is not selected: the selector is missing"));
    };
    let (key, values) = (&first.key, first.values.join(", "));
    let (wanted, must) = match first.operator {
        Operator::In | Operator::Equals | Operator::DoubleEquals => {
            (format!("{key} in [{values}]"), format!("must have {key} in [{values}]"))
        }
        Operator::NotIn | Operator::NotEquals => {
            (format!("{key} not in [{values}]"), format!("must not have {key} in [{values}]"))
        }
        // A LabelSelector has no other operators.
        Operator::GreaterThan => (format!("{key} > {values}"), format!("must have {key} above {values}")),
        Operator::LessThan => (format!("{key} < {values}"), format!("must have {key} below {values}")),
        Operator::Exists => (format!("{key} exists"), format!("must have the label {key}")),
        Operator::DoesNotExist => (format!("{key} does not exist"), format!("must not have the label {key}")),
    };
    let found = value(first).map_or_else(|| "has no such label".into(), |v| format!("has {key}={v}"));
    let facts = vec![
        ("requirement", wanted),
        ("label", first.key.clone()),
        ("value", value(first).unwrap_or_else(|| "(none)".into())),
    ];
    skipped(code, facts, format!("{whose} {must}, but {found}"))
}

/// Source: kube-apiserver 1.36, rule matcher: scope, operation, group, version and resource must all match.
fn rule_matches(rule: &Value, attributes: &Attributes<'_>) -> bool {
    let request = attributes.request;
    let list = |key: &str, wanted: &str| {
        rule[key].items().iter().filter_map(Value::as_str).any(|item| item == "*" || item == wanted)
    };
    scope_matches(rule["scope"].as_str(), attributes)
        && list("operations", &request.operation)
        && list("apiGroups", &request.resource.group)
        && list("apiVersions", &request.resource.version)
        && rule["resources"].items().iter().filter_map(Value::as_str).any(|item| {
            let (resource, sub) = item.split_once('/').unwrap_or((item, ""));
            (resource == "*" || resource == request.resource.name) && (sub == "*" || sub == request.subresource)
        })
}

fn scope_matches(scope: Option<&str>, attributes: &Attributes<'_>) -> bool {
    let request = attributes.request;
    let resource = &request.resource;
    let is_namespaces = resource.group.is_empty() && resource.version == "v1" && resource.name == "namespaces";
    let namespaced = !request.namespace.is_empty() && !is_namespaces;
    match scope {
        None | Some("*") => true,
        Some("Namespaced") => namespaced,
        Some("Cluster") => !namespaced,
        Some(_) => false,
    }
}
