//! Whether a request reaches a webhook: selectors, rules, conditions, in the API server's order.

use super::conditions::Checked;
use super::webhook::{FailurePolicy, Webhook};
use super::{Attributes, Refused, rules};
use crate::go::json::Value;
use crate::k8s::Cluster;
use crate::k8s::labels::{Operator, Requirement, Selector};
use crate::k8s::served::Served;
use crate::scenario::Request;

/// The kinds that configure admission itself; they are never sent to webhooks.
const EXEMPT_KINDS: &[&str] = &[
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
];

/// What matching came to. Nothing is copied for it but the texts of refusals.
#[derive(Clone, Debug)]
pub enum Judgement<'a> {
    /// The webhook is called.
    Called {
        /// The first rule that covers the request: its place in `rules`.
        rule: usize,
        /// The equivalent resource that the rule covers and the review is made for, where it does not cover the
        /// request's own.
        equivalent: Option<&'a Served>,
    },
    /// It is not.
    Skipped(Skipped<'a>),
    /// Matching failed, which refuses the request. Only for matchConditions did failurePolicy have a say in it.
    Failed(Refused),
    /// Whether it is called cannot be said: this build has no matchConditions (feature `cel`).
    Unknown,
}

/// Why a webhook is not called: the step that said no, and what it saw.
#[derive(Clone, Debug)]
pub enum Skipped<'a> {
    /// The namespaceSelector does not match these labels.
    NamespaceSelector(&'a Selector, &'a Value),
    /// The objectSelector matches neither the labels of the object, which these are, nor those of the old one.
    ObjectSelector(&'a Selector, &'a Value),
    /// No rule covers the request.
    Rules(&'a Request),
    /// The first matchCondition that is false.
    Condition {
        /// Its name.
        name: &'a str,
        /// Its expression.
        expression: &'a str,
    },
    /// matchConditions failed, and failurePolicy Ignore passes over the webhook: the errors.
    ConditionErrors(String),
}

/// True for requests about the objects that configure admission.
pub fn is_exempt(attributes: &Attributes<'_>) -> bool {
    let kind = &attributes.request.kind;
    kind.group == "admissionregistration.k8s.io" && EXEMPT_KINDS.contains(&kind.name.as_str())
}

/// Judges one webhook: namespaceSelector, objectSelector, rules, then the errors of the selectors, then conditions.
///
/// Source: kube-apiserver 1.36, matching order.
pub fn judge<'a>(webhook: &'a Webhook, attributes: &Attributes<'a>, cluster: &'a Cluster) -> Judgement<'a> {
    let by_namespace = match namespace_selector(webhook, attributes, cluster) {
        Ok(Some(no)) => return Judgement::Skipped(no),
        Ok(None) => None,
        Err(refused) => Some(refused),
    };
    let by_object = match object_selector(webhook, attributes) {
        Ok(Some(no)) => return Judgement::Skipped(no),
        Ok(None) => None,
        Err(refused) => Some(refused),
    };
    let request = attributes.request;
    let equivalents = webhook.equivalents_match.then_some(&cluster.equivalents);
    let Some(covered) = rules::find(&webhook.rules, request, equivalents) else {
        return Judgement::Skipped(Skipped::Rules(request));
    };
    if let Some(served) = covered.equivalent.filter(|served| served.kind.name.is_empty()) {
        let resource = &served.resource;
        let message =
            format!("unable to convert to {}, Resource={}: unknown kind", resource.api_version(), resource.name);
        return Judgement::Failed(Refused::internal(&message, "match-error"));
    }
    if let Some(refused) = by_namespace.or(by_object) {
        return Judgement::Failed(refused);
    }
    match webhook.conditions.check(attributes, covered.equivalent, cluster.authorizer) {
        Checked::Holds => Judgement::Called { rule: covered.rule, equivalent: covered.equivalent },
        Checked::False(condition) => {
            Judgement::Skipped(Skipped::Condition { name: &condition.name, expression: &condition.expression })
        }
        Checked::Fails(errors) => match webhook.failure_policy() {
            FailurePolicy::Ignore => Judgement::Skipped(Skipped::ConditionErrors(errors.to_string())),
            FailurePolicy::Fail => {
                let (resource, why) = (&request.resource, errors.to_string());
                let phase = "match-conditions-error";
                Judgement::Failed(Refused::forbidden(&resource.group, &resource.name, &request.name, &why, phase))
            }
        },
        Checked::Unknown => Judgement::Unknown,
    }
}

fn is_namespace_resource(request: &Request) -> bool {
    request.resource.name == "namespaces"
}

fn namespace_selector<'a>(
    webhook: &'a Webhook,
    attributes: &Attributes<'a>,
    cluster: &'a Cluster,
) -> Result<Option<Skipped<'a>>, Refused> {
    let request = attributes.request;
    if request.namespace.is_empty() && !is_namespace_resource(request) {
        return Ok(None);
    }
    let selector = webhook.namespace_selector.as_ref().map_err(|e| Refused::internal(&e.to_string(), "match-error"))?;
    if selector.is_empty() {
        return Ok(None);
    }
    let from_object = is_namespace_resource(request)
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
    Ok((!selector.matches_value(labels)).then_some(Skipped::NamespaceSelector(selector, labels)))
}

fn object_selector<'a>(webhook: &'a Webhook, attributes: &Attributes<'a>) -> Result<Option<Skipped<'a>>, Refused> {
    let selector = webhook.object_selector.as_ref().map_err(|e| Refused::internal(&e.to_string(), "match-error"))?;
    if selector.is_empty() {
        return Ok(None);
    }
    // An object without metadata cannot be selected by labels, not even by their absence.
    let matches = |object: &Value| {
        let meta = &object["metadata"];
        !meta.is_null() && selector.matches_value(&meta["labels"])
    };
    if matches(attributes.object) || matches(&attributes.request.old_object) {
        return Ok(None);
    }
    Ok(Some(Skipped::ObjectSelector(selector, &attributes.object["metadata"]["labels"])))
}

/// Why, for reports: the values that were looked at by name, and a sentence.
pub type Reason = (Vec<(&'static str, String)>, String);

impl Skipped<'_> {
    /// The code of the step, one of [`crate::trace::CODES`].
    pub fn code(&self) -> &'static str {
        match self {
            Skipped::NamespaceSelector(..) => "namespace-selector",
            Skipped::ObjectSelector(..) => "object-selector",
            Skipped::Rules(_) => "rules",
            Skipped::Condition { .. } => "match-conditions",
            Skipped::ConditionErrors(_) => "match-conditions-failed-open",
        }
    }

    /// What was looked at, and a sentence.
    pub fn reason(&self) -> Reason {
        match self {
            Skipped::NamespaceSelector(selector, labels) => unmet("the namespace", selector, labels),
            Skipped::ObjectSelector(selector, labels) => unmet("the object", selector, labels),
            Skipped::Rules(request) => {
                let resource = match request.subresource.as_str() {
                    "" => request.resource.name.clone(),
                    sub => format!("{}/{sub}", request.resource.name),
                };
                let text = format!("no rule covers {} of {resource}", request.operation);
                (vec![("operation", request.operation.clone()), ("resource", resource)], text)
            }
            Skipped::Condition { name, expression } => (
                vec![("condition", (*name).to_owned()), ("expression", (*expression).to_owned())],
                format!("the matchCondition {name} is false: {expression}"),
            ),
            Skipped::ConditionErrors(errors) => (
                vec![("errors", errors.clone())],
                format!("matchConditions fail and failurePolicy is Ignore: {errors}"),
            ),
        }
    }
}

/// The first unmet requirement of a selector that does not match.
fn unmet(whose: &str, selector: &Selector, labels: &Value) -> Reason {
    let value = |r: &Requirement| labels.get(&r.key).and_then(Value::as_str).map(str::to_owned);
    let Some(first) = selector.requirements().iter().find(|r| !r.matches(value(r).as_deref())) else {
        return (Vec::new(), format!("{whose} is not selected: the selector is missing"));
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
    (facts, format!("{whose} {must}, but {found}"))
}
