//! What looks like a slip: labels that nothing reads, values that nothing asks for.

use std::collections::BTreeSet;

use super::distance;
use crate::admission::Webhook;
use crate::go::json::{Object, Value};
use crate::injector::config::PodSelector;
use crate::injector::decision::INJECT;
use crate::k8s::labels::Selector;
use crate::k8s::workload;
use crate::scenario::Scenario;
use crate::simulate::Outcome;
use crate::trace::{Stage, Step, Weight};

/// The namespace's label of the first days.
pub(super) const INJECTION: &str = "istio-injection";

/// The label that names a revision or a tag, on namespaces and pods.
pub(super) const REVISION: &str = "istio.io/rev";

/// Labels of Istio that have other uses than injection.
const OTHER_USES: &[&str] = &[
    "istio.io/dataplane-mode",
    "istio.io/gateway-name",
    "istio.io/ingress-use-waypoint",
    "istio.io/tag",
    "istio.io/use-waypoint",
    "istio.io/use-waypoint-namespace",
    "istio.io/waypoint-for",
];

/// How many letters may differ between a key and the one that was meant.
const NEAR: usize = 3;

fn slip(code: &'static str, subject: &str, facts: Vec<(&'static str, String)>, text: String) -> Step {
    Step { stage: Stage::Match, code, weight: Weight::Warning, subject: subject.to_owned(), facts, text }
}

/// All that looks like a slip in the namespace, the pod, the webhooks and the configuration of a scenario, each with
/// a stable code of [`crate::trace::CODES`]. They are no proof: the outcome may be what was wanted.
pub fn slips(scenario: &Scenario, outcome: &Outcome) -> Vec<Step> {
    static NULL: Value = Value::Null;
    let mut found = Vec::new();
    let asked = Asked::of(&scenario.webhooks);
    let name = scenario.request.namespace.as_str();
    let namespace = scenario.cluster.namespaces.get(name).unwrap_or(&NULL);
    namespace_slips(&format!("namespace {name}"), &namespace["metadata"], &asked, &mut found);
    let pod = &scenario.request.object;
    pod_slips("the pod", &pod["metadata"], &asked, &mut found);
    let annotation = pod["metadata"]["annotations"][INJECT].as_str();
    if outcome.called.is_empty()
        && pod["metadata"]["labels"][INJECT].is_null()
        && matches!(annotation, Some("true" | "yes" | "on" | "y"))
    {
        found.push(slip(
            "annotation-cannot-opt-in",
            "the pod",
            vec![("annotation", format!("{INJECT}={}", annotation.unwrap_or_default()))],
            format!("webhooks select by labels: the annotation {INJECT} cannot bring a pod to the injector"),
        ));
    }
    for called in &outcome.called {
        if !scenario.injectors.contains_key(&called.revision) {
            found.push(slip(
                "revision-without-injector",
                &format!("{}/{}", called.configuration, called.webhook),
                vec![("revision", called.revision.clone())],
                format!("the webhook leads to revision {:?}, of which no configuration is known", called.revision),
            ));
        }
    }
    for (revision, injector) in &scenario.injectors {
        let lists = [
            ("neverInjectSelector", &injector.config.never_inject),
            ("alwaysInjectSelector", &injector.config.always_inject),
        ];
        for (list, selectors) in lists {
            for (i, selector) in selectors.iter().enumerate() {
                if matches!(selector, PodSelector::Valid(s) if s.is_empty()) {
                    found.push(slip(
                        "empty-selector",
                        &format!("revision {revision}"),
                        vec![("selector", format!("{list}[{i}]"))],
                        format!("{list}[{i}] is empty: to the injector that matches no pod, not every pod"),
                    ));
                }
            }
        }
    }
    found.extend(super::pod::slips(scenario, outcome));
    found
}

/// What looks like a slip in a workload around its pod template: settings that only pods can have.
pub fn workload_slips(object: &Value) -> Vec<Step> {
    let Some(path) = workload::template_path(object) else { return Vec::new() };
    let template = path.iter().fold(object, |place, key| &place[*key]);
    let mut found = Vec::new();
    let kind = object["kind"].as_str().unwrap_or_default();
    for (place, what, keys) in
        [("labels", "label", &[INJECT, REVISION][..]), ("annotations", "annotation", &[INJECT][..])]
    {
        for key in keys {
            let own = &object["metadata"][place][*key];
            if !own.is_null() && template["metadata"][place][*key].is_null() {
                let value = own.as_str().map_or_else(|| own.to_string(), str::to_owned);
                found.push(slip(
                    "setting-on-workload",
                    kind,
                    vec![(what, format!("{key}={value}"))],
                    format!("the {what} {key} is on the {kind} itself; pods get only what its pod template has"),
                ));
            }
        }
    }
    found
}

/// The keys that the webhooks look at, and the values that they ask for.
struct Asked<'a> {
    on_namespaces: BTreeSet<&'a str>,
    on_objects: BTreeSet<&'a str>,
    /// Values that some webhook asks for or excludes, by key, of both kinds of selectors.
    values: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Asked<'a> {
    fn of(webhooks: &'a [Webhook]) -> Asked<'a> {
        let mut asked = Asked { on_namespaces: BTreeSet::new(), on_objects: BTreeSet::new(), values: BTreeSet::new() };
        for webhook in webhooks {
            for (selector, keys) in [
                (webhook.namespace_selector(), &mut asked.on_namespaces),
                (webhook.object_selector(), &mut asked.on_objects),
            ] {
                for requirement in selector.into_iter().flat_map(Selector::requirements) {
                    let key = requirement.key.as_str();
                    keys.insert(key);
                    asked.values.extend(requirement.values.iter().map(|v| (key, v.as_str())));
                }
            }
        }
        asked
    }

    /// True when a value of the key is among those that selectors name.
    fn names(&self, key: &str, value: &str) -> bool {
        self.values.contains(&(key, value))
    }

    fn values_of(&self, key: &str) -> Vec<&'a str> {
        self.values.iter().filter(|(k, _)| *k == key).map(|(_, v)| *v).collect()
    }
}

fn labels(meta: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = meta["labels"].as_object().into_iter().flat_map(Object::iter);
    members.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
}

fn namespace_slips(whose: &str, meta: &Value, asked: &Asked<'_>, found: &mut Vec<Step>) {
    for (key, value) in labels(meta) {
        let fact = vec![("label", format!("{key}={value}"))];
        if key == INJECT && !asked.on_namespaces.contains(key) {
            let text = format!("the label {key} belongs on pods; on a namespace nothing reads it");
            found.push(slip("inject-label-on-namespace", whose, fact, text));
        } else if key == INJECTION
            && asked.on_namespaces.contains(key)
            && value != "disabled"
            && !asked.names(key, value)
        {
            let known = asked.values_of(key).join(" or ");
            let text = format!("{key}={value} is no value that a webhook asks for ({known}), and it hides {REVISION}");
            found.push(slip("unknown-injection-value", whose, fact, text));
        } else if let Some(near) = near_key(key, &asked.on_namespaces) {
            found.push(slip("near-label", whose, fact, format!("no webhook reads the label {key}; is {near} meant?")));
        }
        if key == REVISION {
            revision_slips(whose, value, asked, found);
        }
    }
    let value = |key: &str| meta["labels"][key].as_str();
    if let (Some(injection), Some(revision)) = (value(INJECTION), value(REVISION)) {
        found.push(slip(
            "hidden-revision",
            whose,
            vec![("labels", format!("{INJECTION}={injection}, {REVISION}={revision}"))],
            format!("the label {INJECTION} hides the label {REVISION}: revision {revision:?} is not asked"),
        ));
    }
    for key in [INJECTION, REVISION] {
        if let (Some(value), true) = (meta["annotations"][key].as_str(), meta["labels"][key].is_null()) {
            let text = format!("{key} is an annotation here; webhooks select by labels");
            found.push(slip("label-as-annotation", whose, vec![("annotation", format!("{key}={value}"))], text));
        }
    }
}

fn pod_slips(whose: &str, meta: &Value, asked: &Asked<'_>, found: &mut Vec<Step>) {
    for (key, value) in labels(meta) {
        let fact = vec![("label", format!("{key}={value}"))];
        if key == INJECTION && !asked.on_objects.contains(key) {
            let text = format!("the label {key} belongs on namespaces; on a pod nothing reads it");
            found.push(slip("injection-label-on-pod", whose, fact, text));
        } else if key == INJECT && !matches!(value, "true" | "false") && asked.on_objects.contains(key) {
            let text = format!("{key}={value:?} is neither \"true\" nor \"false\", which the webhooks ask for");
            found.push(slip("inject-label-value", whose, fact, text));
        } else if let Some(near) = near_key(key, &asked.on_objects) {
            found.push(slip("near-label", whose, fact, format!("no webhook reads the label {key}; is {near} meant?")));
        }
        if key == REVISION {
            revision_slips(whose, value, asked, found);
        }
    }
}

fn revision_slips(whose: &str, revision: &str, asked: &Asked<'_>, found: &mut Vec<Step>) {
    let served = asked.values_of(REVISION);
    if !served.is_empty() && !served.contains(&revision) {
        let text = format!("no webhook serves revision {revision:?}; served are {}", served.join(", "));
        found.push(slip("unknown-revision", whose, vec![("label", format!("{REVISION}={revision}"))], text));
    }
}

/// The known key that was perhaps meant: one that differs in a few letters, or of which this is a longer or shorter
/// form.
fn near_key<'a>(key: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let other_use = OTHER_USES.contains(&key) || key.contains("/") && !key.contains("istio.io/");
    if known.contains(key) || other_use || !(key.contains("istio") || key.contains("inject")) {
        return None;
    }
    let form = |other: &str| key.starts_with(other) || other.starts_with(key);
    let nearest = known.iter().min_by_key(|other| distance(key, other))?;
    (distance(key, nearest) <= NEAR).then_some(*nearest).or_else(|| known.iter().copied().find(|k| form(k)))
}
