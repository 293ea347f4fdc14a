//! What to do about codes for which no change of a setting helps.

use super::Explanation;
use conjector::simulate::OutcomeKind;

/// What to do, by deciding code.
const ADVICE: &[(&str, &str)] = &[
    (
        "host-network",
        "pods on the host network cannot have a sidecar; drop hostNetwork, or leave the pod outside the mesh",
    ),
    ("ignored-namespace", "move the workload out of the system namespace"),
    ("illegal-policy", "set the injector's policy to enabled or disabled"),
    ("no-webhooks", "install the injector's MutatingWebhookConfiguration, or include it in the snapshot"),
    ("overlap", "let only one revision or tag select the namespace and the pod"),
    ("call-failed", "make the injector's service answer, or set the webhook's failurePolicy to Ignore"),
    ("failed-open", "make the injector's service answer, and create the pod again"),
    ("unknown-template", "name a template that exists in inject.istio.io/templates"),
    ("invalid-annotation", "correct the annotation"),
    ("template-error", "correct the template in the injector's ConfigMap"),
    ("no-values", "give the injector's ConfigMap a key values"),
];

/// What to do besides the changes that were found.
pub(super) fn advice(explanation: &Explanation) -> impl Iterator<Item = &'static str> {
    let reasons = explanation.outcome.trace.reasons();
    let injected = explanation.outcome.kind == OutcomeKind::Injected;
    ADVICE.iter().filter(move |(code, _)| !injected && reasons.contains(code)).map(|(_, text)| *text)
}
