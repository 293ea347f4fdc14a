//! The nearest changes that turn an outcome round, found by trying.

use std::fmt;

use super::edit::Edit;
use super::slip::{INJECTION, REVISION};
use crate::go::json::{Object, Value};
use crate::injector::decision::INJECT;
use crate::k8s::labels::Operator;
use crate::scenario::Scenario;
use crate::simulate::{self, Outcome, OutcomeKind, Simulator};
use crate::trace::Trace;

/// How many edits a change may have.
const MAX_EDITS: usize = 3;

/// How many changes are given.
const MAX_CHANGES: usize = 4;

/// How many scenarios are tried.
const MAX_TRIALS: usize = 600;

/// Edits that together turn the outcome round; none of them can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The edits.
    pub edits: Vec<Edit>,
    /// What then happens.
    pub outcome: OutcomeKind,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits: Vec<String> = self.edits.iter().map(Edit::to_string).collect();
        f.write_str(&edits.join(", and "))
    }
}

/// The nearest changes that bring injection where there was none, or end it where there was; the nearest first. Empty
/// where nothing that was tried does it.
pub fn changes(scenario: &Scenario, outcome: &Outcome) -> Vec<Change> {
    let wanted: fn(OutcomeKind) -> bool = match outcome.kind {
        OutcomeKind::Injected => |kind| matches!(kind, OutcomeKind::NotCalled | OutcomeKind::Skipped),
        _ => |kind| kind == OutcomeKind::Injected,
    };
    let mut found: Vec<Change> = Vec::new();
    let mut frontier = vec![(Vec::new(), scenario.clone(), outcome.kind)];
    let mut trials = 0;
    for _ in 0..MAX_EDITS {
        let mut next = Vec::new();
        for (edits, scenario, kind) in frontier {
            for edit in candidates(&scenario, kind) {
                if edits.iter().any(|e: &Edit| e.is_about_the_same(&edit)) || trials >= MAX_TRIALS {
                    continue;
                }
                let edits: Vec<Edit> = edits.iter().cloned().chain([edit.clone()]).collect();
                // Whatever holds a change that is enough is no nearest one, nor is another order of the same edits.
                if found.iter().any(|c| c.edits.iter().all(|e| edits.contains(e))) || is_there(&next, &edits) {
                    continue;
                }
                let Some(edited) = edit.apply(&scenario) else { continue };
                trials += 1;
                let Ok(outcome) = simulate::run_traced(&edited, &Simulator, Trace::off()) else { continue };
                if wanted(outcome.kind) {
                    found.push(Change { edits, outcome: outcome.kind });
                } else {
                    next.push((edits, edited, outcome.kind));
                }
            }
        }
        if !found.is_empty() {
            break;
        }
        frontier = next;
    }
    found
        .sort_by_key(|change| (change.edits.iter().map(cost).sum::<u32>(), change.edits.iter().map(rank).sum::<u32>()));
    found.truncate(MAX_CHANGES);
    found
}

/// Makes the edit of a label: its key, and its value or nothing to remove it.
type LabelEdit = fn(String, Option<String>) -> Edit;

type Tried = (Vec<Edit>, Scenario, OutcomeKind);

fn is_there(tried: &[Tried], edits: &[Edit]) -> bool {
    tried.iter().any(|(other, _, _)| other.len() == edits.len() && edits.iter().all(|e| other.contains(e)))
}

/// How far-reaching an edit is.
fn cost(edit: &Edit) -> u32 {
    match edit {
        Edit::NamespaceLabel(..) | Edit::PodLabel(..) | Edit::PodAnnotation(..) => 1,
        Edit::LeaveHostNetwork => 4,
        Edit::Policy(..) | Edit::DropSelector(..) => 8,
    }
}

/// Which of edits that cost the same is named first: the usual one.
fn rank(edit: &Edit) -> u32 {
    let by_key = |key: &str| match key {
        INJECTION => 0,
        INJECT => 1,
        REVISION => 2,
        _ => 4,
    };
    match edit {
        Edit::NamespaceLabel(key, _) | Edit::PodLabel(key, _) => by_key(key),
        Edit::PodAnnotation(key, _) => 1 + by_key(key),
        _ => 0,
    }
}

/// Edits that might bring the pod nearer to the other outcome.
fn candidates(scenario: &Scenario, kind: OutcomeKind) -> Vec<Edit> {
    let injected = kind == OutcomeKind::Injected;
    let mut edits = Vec::new();
    let mut add = |edit: Edit| {
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    };
    let meta = &scenario.request.object["metadata"];
    for place in [&meta["labels"], &meta["annotations"]] {
        let wrap = if std::ptr::eq(place, &meta["labels"]) { Edit::PodLabel } else { Edit::PodAnnotation };
        if place[INJECT].is_null() {
            add(wrap(INJECT.to_owned(), Some((!injected).to_string())));
        } else {
            add(wrap(INJECT.to_owned(), None));
            add(wrap(INJECT.to_owned(), Some((!injected).to_string())));
        }
    }
    selector_edits(scenario, kind, &mut add);
    if scenario.request.object["spec"]["hostNetwork"].as_bool() == Some(true) {
        add(Edit::LeaveHostNetwork);
    }
    if matches!(kind, OutcomeKind::Denied | OutcomeKind::Error) {
        for key in
            meta["annotations"].as_object().into_iter().flat_map(Object::keys).filter(|k| k.contains("istio.io/"))
        {
            add(Edit::PodAnnotation(key.to_string(), None));
        }
    }
    for (revision, injector) in &scenario.injectors {
        let config = &injector.config;
        let other = if injected { "disabled" } else { "enabled" };
        if config.policy != other {
            add(Edit::Policy(revision.clone(), other));
        }
        let (list, selectors) = match injected {
            true => ("alwaysInjectSelector", &config.always_inject),
            false => ("neverInjectSelector", &config.never_inject),
        };
        for i in 0..selectors.len() {
            add(Edit::DropSelector(revision.clone(), list, i));
        }
    }
    edits
}

/// Edits that let one more webhook select the pod, or one fewer.
fn selector_edits(scenario: &Scenario, kind: OutcomeKind, add: &mut dyn FnMut(Edit)) {
    static NULL: Value = Value::Null;
    let leave = matches!(kind, OutcomeKind::Injected | OutcomeKind::Overlap);
    let namespace = scenario.cluster.namespaces.get(&scenario.request.namespace).unwrap_or(&NULL);
    let on_namespace = &namespace["metadata"]["labels"];
    let on_pod = &scenario.request.object["metadata"]["labels"];
    for webhook in scenario.webhooks.iter() {
        let places: [(_, _, LabelEdit); 2] = [
            (webhook.namespace_selector(), on_namespace, Edit::NamespaceLabel),
            (webhook.object_selector(), on_pod, Edit::PodLabel),
        ];
        for (selector, labels, edit) in places {
            let Some(selector) = selector else { continue };
            for requirement in selector.requirements() {
                let key = requirement.key.as_str();
                // The API server sets this one itself.
                if key == "kubernetes.io/metadata.name" {
                    continue;
                }
                let value = labels[key].as_str();
                if requirement.matches(value) != leave {
                    continue;
                }
                let to_match = !leave;
                match (requirement.operator, to_match) {
                    (Operator::In | Operator::Equals | Operator::DoubleEquals, true)
                    | (Operator::NotIn | Operator::NotEquals, false) => {
                        for wanted in &requirement.values {
                            add(edit(key.to_owned(), Some(wanted.clone())));
                        }
                    }
                    (Operator::Exists, true) => add(edit(key.to_owned(), Some("true".into()))),
                    (Operator::DoesNotExist, false) => {}
                    _ if value.is_some() => add(edit(key.to_owned(), None)),
                    _ => {}
                }
            }
        }
    }
}
