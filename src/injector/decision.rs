//! Whether a pod is injected, and by which rule.
//!
//! First hit wins: host network, ignored namespace, illegal policy, explicit value on the pod, never selector, always
//! selector, policy. An explicit value and the always selector beat a disabled policy; nothing beats an illegal one.
//! Source: the injector's own check before any template runs, 1.0–1.30; what differs is a switch in `release.rs`.

use crate::go::json::Value;
use crate::injector::config::{InjectorConfig, PodSelector};
use crate::injector::pod;
use crate::injector::release::{InjectValues, Release};
use crate::trace::{Stage, Step, Trace, Weight};

/// The label and the annotation that ask for or forbid injection.
pub const INJECT: &str = "sidecar.istio.io/inject";

/// The decision with the code of the rule that made it (one of [`crate::trace::CODES`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether templates are run.
    pub inject: bool,
    /// Which rule decided.
    pub code: &'static str,
}

/// What the pod itself says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Explicit {
    Yes,
    No,
    Nothing,
    Unknown,
}

fn read(value: &str, values: InjectValues) -> Explicit {
    match (values, value) {
        (_, "") => Explicit::Nothing,
        (InjectValues::Loose, value) => match value.to_lowercase().as_str() {
            "y" | "yes" | "true" | "on" => Explicit::Yes,
            _ => Explicit::No,
        },
        (InjectValues::Strict, "true") => Explicit::Yes,
        (InjectValues::Strict, "false") => Explicit::No,
        (InjectValues::Strict, _) => Explicit::Unknown,
    }
}

/// Decides for a pod whose namespace is filled in, and notes the deciding rule in the trace.
pub fn decide(release: &Release, config: &InjectorConfig, pod: &Value, trace: &mut Trace) -> Decision {
    let (decision, facts) = rule(release, config, pod, trace);
    trace.add(|| Step {
        stage: Stage::Decide,
        code: decision.code,
        weight: Weight::Decisive,
        subject: String::new(),
        text: sentence(decision, &facts),
        facts,
    });
    decision
}

type Facts = Vec<(&'static str, String)>;

fn rule(release: &Release, config: &InjectorConfig, pod: &Value, trace: &mut Trace) -> (Decision, Facts) {
    let switches = &release.switches;
    let no = |code| Decision { inject: false, code };
    let yes = |code| Decision { inject: true, code };

    if pod["spec"]["hostNetwork"].as_bool() == Some(true) {
        return (no("host-network"), vec![("spec.hostNetwork", "true".into())]);
    }
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    if switches.ignored_namespaces.contains(&namespace) {
        return (no("ignored-namespace"), vec![("namespace", namespace.into())]);
    }
    let policy = config.policy.as_str();
    let policy_fact = || vec![("policy", policy.to_owned())];
    if !matches!(policy, "enabled" | "disabled") {
        return (no("illegal-policy"), policy_fact());
    }

    let label = if switches.reads_inject_label { pod::label(pod, INJECT) } else { None };
    let annotation = pod::annotation(pod, INJECT);
    let value = label.or(annotation).unwrap_or_default();
    let (source, codes) = match label {
        Some(_) => ("label sidecar.istio.io/inject", ("label-true", "label-false")),
        None => ("annotation sidecar.istio.io/inject", ("annotation-true", "annotation-false")),
    };
    let facts = || {
        let mut facts = vec![(source, value.to_owned())];
        if let (Some(_), Some(hidden)) = (label, annotation) {
            facts.push(("annotation sidecar.istio.io/inject (hidden by the label)", hidden.to_owned()));
        }
        facts
    };
    match read(value, switches.inject_values) {
        Explicit::Yes => return (yes(codes.0), facts()),
        Explicit::No => return (no(codes.1), facts()),
        Explicit::Unknown => trace.warn(Stage::Decide, "unknown-inject-value", || {
            format!("the {source} is {value:?}, which is neither \"true\" nor \"false\": it counts as not given")
        }),
        Explicit::Nothing => {}
    }

    let labels = &pod["metadata"]["labels"];
    let selectors = if switches.reads_pod_selectors {
        &[
            (&config.never_inject, "neverInjectSelector", no("never-selector")),
            (&config.always_inject, "alwaysInjectSelector", yes("always-selector")),
        ][..]
    } else {
        &[]
    };
    for (list, name, decision) in selectors {
        if let Some(i) = first_match(list, name, labels, trace) {
            return (*decision, vec![("selector", format!("{name}[{i}]")), ("labels", labels.to_string())]);
        }
    }
    match policy {
        "enabled" => (yes("policy-enabled"), policy_fact()),
        _ => (no("policy-disabled"), policy_fact()),
    }
}

/// The first selector of the list that is not empty and matches. Invalid ones are passed over with a warning.
fn first_match(list: &[PodSelector], name: &str, labels: &Value, trace: &mut Trace) -> Option<usize> {
    list.iter().enumerate().find_map(|(i, selector)| match selector {
        PodSelector::Valid(selector) => (!selector.is_empty() && selector.matches_value(labels)).then_some(i),
        PodSelector::Invalid(error) => {
            trace
                .warn(Stage::Decide, "invalid-selector", || format!("{name}[{i}] is invalid and passed over: {error}"));
            None
        }
    })
}

fn sentence(decision: Decision, facts: &Facts) -> String {
    let fact = |i: usize| facts.get(i).map_or("", |(_, v)| v.as_str());
    match decision.code {
        "host-network" => "the pod is on the host network, and such pods are never injected".into(),
        "ignored-namespace" => format!("nothing is injected in namespace {}", fact(0)),
        "illegal-policy" => format!("the policy is {:?}, neither enabled nor disabled: nothing is injected", fact(0)),
        "label-true" => "the pod's label sidecar.istio.io/inject is \"true\"".into(),
        "label-false" => "the pod's label sidecar.istio.io/inject is \"false\"".into(),
        "annotation-true" => "the pod's annotation sidecar.istio.io/inject is \"true\"".into(),
        "annotation-false" => "the pod's annotation sidecar.istio.io/inject is \"false\"".into(),
        "never-selector" => format!("{} matches the pod's labels: it is not injected", fact(0)),
        "always-selector" => format!("{} matches the pod's labels: it is injected", fact(0)),
        _ => format!("nothing else decided, and the policy is {}", fact(0)),
    }
}
