//! What looks like a slip in the pod that came of it.

use crate::go::json::Value;
use crate::scenario::Scenario;
use crate::simulate::{Outcome, OutcomeKind};
use crate::trace::{Stage, Step, Weight};

/// The container that injectors look for.
const SIDECAR: &str = "istio-proxy";

/// The image that an injector is meant to replace.
const AUTO: &str = "auto";

/// What is odd about the pod of an outcome, with the settings of its author and of the injector together.
pub(super) fn slips(scenario: &Scenario, outcome: &Outcome) -> Vec<Step> {
    let own = &scenario.request.object["spec"];
    match outcome.kind {
        OutcomeKind::Injected => {
            let spec = &outcome.object["spec"];
            shared_user(own, spec).into_iter().chain(endless(spec)).collect()
        }
        OutcomeKind::NotCalled | OutcomeKind::Skipped | OutcomeKind::FailedOpen => {
            placeholder(own).into_iter().collect()
        }
        OutcomeKind::Denied | OutcomeKind::Error | OutcomeKind::Overlap => Vec::new(),
    }
}

fn slip(stage: Stage, code: &'static str, fact: (&'static str, String), text: String) -> Step {
    Step { stage, code, weight: Weight::Warning, subject: "the pod".to_owned(), facts: vec![fact], text }
}

fn name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// Containers and init containers.
fn all(spec: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"].into_iter().flat_map(|list| spec[list].items())
}

/// The traffic setup lets pass what the sidecar's user sends, whoever that is.
fn shared_user(own: &Value, spec: &Value) -> Option<Step> {
    let sidecar = all(spec).find(|container| name(container) == SIDECAR)?;
    let user = sidecar["securityContext"]["runAsUser"].as_i64().filter(|user| *user != 0)?;
    let runs_as = |container: &Value| {
        let user = &container["securityContext"]["runAsUser"];
        if user.is_null() { own["securityContext"]["runAsUser"].as_i64() } else { user.as_i64() }
    };
    let other = all(own).find(|container| name(container) != SIDECAR && runs_as(container) == Some(user))?;
    let text = format!("container {} runs as user {user}, as the sidecar does: its traffic passes by", name(other));
    Some(slip(Stage::Finish, "user-of-the-sidecar", ("user", user.to_string()), text))
}

/// A classic sidecar does not end when the others do.
fn endless(spec: &Value) -> Option<Step> {
    let policy = spec["restartPolicy"].as_str().filter(|policy| matches!(*policy, "Never" | "OnFailure"))?;
    spec["containers"].items().iter().find(|container| name(container) == SIDECAR)?;
    let text =
        "the sidecar is a container and runs on when the others are done, so the pod never ends; a native one would";
    Some(slip(Stage::Finish, "never-ends", ("restartPolicy", policy.to_owned()), text.to_owned()))
}

/// Nobody replaces the image that stands for the injector's.
fn placeholder(own: &Value) -> Option<Step> {
    let container = all(own).find(|container| container["image"].as_str() == Some(AUTO))?;
    let text =
        format!("the image of container {} is for the injector to fill in; no kubelet can pull it", name(container));
    Some(slip(Stage::Match, "image-left-to-fill-in", ("image", AUTO.to_owned()), text))
}
