//! One change to a scenario, as a person would make it.

use std::fmt;
use std::sync::Arc;

use crate::go::json::{Object, Value};
use crate::go::yaml;
use crate::injector::config::{ConfigTexts, InjectorConfig};
use crate::k8s::workload;
use crate::scenario::{Injected, Scenario};

/// A change of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A label of the namespace is set, or removed.
    NamespaceLabel(String, Option<String>),
    /// A label of the pod is set, or removed.
    PodLabel(String, Option<String>),
    /// An annotation of the pod is set, or removed.
    PodAnnotation(String, Option<String>),
    /// The pod leaves the host network.
    LeaveHostNetwork,
    /// The policy of an injector's configuration, by revision.
    Policy(String, &'static str),
    /// An entry of `neverInjectSelector` or `alwaysInjectSelector` of a revision goes.
    DropSelector(String, &'static str, usize),
}

/// The object whose manifest is changed, for commands.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The object's own manifest: a pod or a workload.
    pub object: &'a Value,
    /// Its namespace.
    pub namespace: &'a str,
}

fn set(meta: &mut Value, place: &str, key: &str, value: Option<&str>) {
    match value {
        Some(value) => *meta.entry(place).entry(key) = value.into(),
        None => {
            if let Some(Value::Object(members)) = meta.get_mut(place) {
                members.remove(key);
                if members.is_empty()
                    && let Value::Object(meta) = meta
                {
                    meta.remove(place);
                }
            }
        }
    }
}

impl Edit {
    /// The scenario after the change; `None` where it cannot be made.
    pub fn apply(&self, scenario: &Scenario) -> Option<Scenario> {
        let mut scenario = scenario.clone();
        match self {
            Edit::NamespaceLabel(key, value) => {
                let cluster = Arc::make_mut(&mut scenario.cluster);
                let namespace = cluster.namespaces.get_mut(&scenario.request.namespace)?;
                set(namespace.entry("metadata"), "labels", key, value.as_deref());
            }
            Edit::PodLabel(key, value) => {
                set(scenario.request.object.entry("metadata"), "labels", key, value.as_deref());
            }
            Edit::PodAnnotation(key, value) => {
                set(scenario.request.object.entry("metadata"), "annotations", key, value.as_deref());
            }
            Edit::LeaveHostNetwork => {
                if let Value::Object(spec) = scenario.request.object.entry("spec") {
                    spec.remove("hostNetwork");
                }
            }
            Edit::Policy(revision, policy) => {
                reconfigure(&mut scenario, revision, |config| *config.entry("policy") = (*policy).into())?;
            }
            Edit::DropSelector(revision, list, index) => {
                reconfigure(&mut scenario, revision, |config| {
                    let list = config.entry(list).as_array_mut();
                    if let Some(list) = list.filter(|l| *index < l.len()) {
                        list.remove(*index);
                    }
                })?;
            }
        }
        Some(scenario)
    }

    /// True when both change the same setting.
    pub(super) fn is_about_the_same(&self, other: &Edit) -> bool {
        match (self, other) {
            (Edit::NamespaceLabel(a, _), Edit::NamespaceLabel(b, _))
            | (Edit::PodLabel(a, _), Edit::PodLabel(b, _))
            | (Edit::PodAnnotation(a, _), Edit::PodAnnotation(b, _)) => a == b,
            (Edit::Policy(a, _), Edit::Policy(b, _)) => a == b,
            (Edit::DropSelector(..), Edit::DropSelector(..)) => true,
            (a, b) => a == b,
        }
    }

    /// The kind of change as programs read it.
    pub fn kind(&self) -> &'static str {
        match self {
            Edit::NamespaceLabel(..) => "namespace-label",
            Edit::PodLabel(..) => "pod-label",
            Edit::PodAnnotation(..) => "pod-annotation",
            Edit::LeaveHostNetwork => "host-network",
            Edit::Policy(..) => "policy",
            Edit::DropSelector(..) => "selector",
        }
    }

    /// As JSON: `kind`, what is changed (`key`, `value`, `revision`), and a sentence in `text`. A null `value` removes.
    pub fn to_json(&self) -> Value {
        let mut out: Object = [("kind", Value::from(self.kind()))].into_iter().collect();
        match self {
            Edit::NamespaceLabel(key, value) | Edit::PodLabel(key, value) | Edit::PodAnnotation(key, value) => {
                out.push("key", key.as_str());
                out.push("value", value.as_deref().map_or(Value::Null, Value::from));
            }
            Edit::LeaveHostNetwork => {}
            Edit::Policy(revision, policy) => {
                out.push("revision", revision.as_str());
                out.push("value", *policy);
            }
            Edit::DropSelector(revision, list, index) => {
                out.push("revision", revision.as_str());
                out.push("key", format!("{list}[{index}]"));
            }
        }
        out.push("text", self.to_string());
        Value::Object(out)
    }

    /// The kubectl command that makes the change; `None` where there is none: a pod that exists cannot be injected any
    /// more, so changes of a bare pod are made in its manifest.
    pub fn command(&self, subject: Subject<'_>) -> Option<String> {
        let Subject { object, namespace } = subject;
        match self {
            Edit::NamespaceLabel(key, Some(value)) => {
                Some(format!("kubectl label namespace {namespace} {key}={value} --overwrite"))
            }
            Edit::NamespaceLabel(key, None) => Some(format!("kubectl label namespace {namespace} {key}-")),
            Edit::PodLabel(key, value) => patch(subject, &["metadata", "labels", key], value.as_deref()),
            Edit::PodAnnotation(key, value) => patch(subject, &["metadata", "annotations", key], value.as_deref()),
            Edit::LeaveHostNetwork => {
                workload::template_path(object)?;
                patch(subject, &["spec", "hostNetwork"], None)
            }
            Edit::Policy(..) | Edit::DropSelector(..) => None,
        }
    }
}

/// `kubectl patch` of a member of the pod template.
fn patch(subject: Subject<'_>, inside: &[&str], value: Option<&str>) -> Option<String> {
    let template = workload::template_path(subject.object)?;
    let kind = subject.object["kind"].as_str()?.to_lowercase();
    let name = subject.object["metadata"]["name"].as_str()?;
    let mut merge: Value = value.map_or(Value::Null, Value::from);
    for key in template.iter().chain(inside).rev() {
        merge = Value::Object([(*key, merge)].into_iter().collect());
    }
    Some(format!("kubectl patch {kind} {name} -n {} --type merge -p '{merge}'", subject.namespace))
}

/// Changes the `config` document of a revision's injector.
fn reconfigure(scenario: &mut Scenario, revision: &str, change: impl FnOnce(&mut Value)) -> Option<()> {
    let injector = scenario.injectors.get(revision)?;
    let texts = injector.config.texts();
    let mut config = yaml::to_json(&texts.config).ok()?;
    change(&mut config);
    let texts = ConfigTexts { config: config.to_string(), ..texts.clone() };
    let release = injector.release;
    let config = Arc::new(InjectorConfig::parse(texts, release).ok()?);
    scenario.injectors.insert(revision.to_owned(), Injected { release, config });
    Some(())
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::NamespaceLabel(key, Some(value)) => write!(f, "label the namespace {key}={value}"),
            Edit::NamespaceLabel(key, None) => write!(f, "remove the namespace's label {key}"),
            Edit::PodLabel(key, Some(value)) => write!(f, "label the pod {key}={value}"),
            Edit::PodLabel(key, None) => write!(f, "remove the pod's label {key}"),
            Edit::PodAnnotation(key, Some(value)) => write!(f, "annotate the pod {key}={value}"),
            Edit::PodAnnotation(key, None) => write!(f, "remove the pod's annotation {key}"),
            Edit::LeaveHostNetwork => write!(f, "take the pod off the host network"),
            Edit::Policy(revision, policy) => write!(f, "set the policy of revision {revision} to {policy}"),
            Edit::DropSelector(revision, list, index) => write!(f, "drop {list}[{index}] of revision {revision}"),
        }
    }
}
