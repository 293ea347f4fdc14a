//! What is compared: a request that meets two clusters.

use std::collections::HashSet;
use std::sync::Arc;

use conjector::go::json::Value;
use conjector::scenario::{Request, Scenario};
use conjector::simulate::{self, Simulator};

use super::{Change, between};
use crate::case::Suite;
use crate::snapshot::Snapshot;

/// A request that is sent to both clusters.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What reports call it.
    pub title: String,
    /// The request.
    pub request: Request,
    /// Its namespace, where it is not that of the cluster.
    pub namespace: Option<Value>,
}

impl Subject {
    /// The pods that the cases of a suite create, each once for the labels of its namespace.
    pub fn of_suite(suite: &Suite) -> Vec<Subject> {
        let mut seen = HashSet::new();
        let mut subjects = Vec::new();
        for case in suite.cases() {
            let Scenario { request, cluster, .. } = &*case.scenario;
            let creates = request.operation == "CREATE" && request.subresource.is_empty();
            if !creates || request.resource.name != "pods" {
                continue;
            }
            let namespace = cluster.namespaces.get(&request.namespace).cloned();
            let labels = namespace.as_ref().map(|n| n["metadata"]["labels"].to_string());
            if seen.insert((request.namespace.clone(), labels, request.object.to_string())) {
                subjects.push(Subject { title: case.id.clone(), request: request.clone(), namespace });
            }
        }
        subjects
    }

    /// What changes for it from one cluster to the other.
    ///
    /// Errors: what the simulation cannot take, in words.
    pub fn compare(&self, before: &Snapshot, after: &Snapshot) -> Result<Vec<Change>, String> {
        let outcome = |snapshot: &Snapshot| {
            let mut scenario = snapshot.scenario(&self.title, self.request.clone());
            if let Some(namespace) = &self.namespace {
                let namespaces = &mut Arc::make_mut(&mut scenario.cluster).namespaces;
                namespaces.insert(self.request.namespace.clone(), namespace.clone());
            }
            simulate::run(&scenario, &Simulator).map_err(|e| format!("{}: {e}", self.title))
        };
        Ok(between(&outcome(before)?, &outcome(after)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Files;
    use crate::changes::Class;
    use conjector::injector::release::Release;

    const LABEL: &str = "sidecar.istio.io/inject";
    const REVISION: &str = "istio.io/rev";

    fn snapshot(release: &str) -> Snapshot {
        Snapshot::builtin(Some(Release::find(release).unwrap())).unwrap()
    }

    /// The subject without the labels that the selectors of one side only, or the injector of one side only, read.
    fn without_labels(subject: &Subject) -> Subject {
        let mut subject = subject.clone();
        let drop = |object: &mut Value, keys: &[&str]| {
            if let Value::Object(labels) = object.entry("metadata").entry("labels") {
                labels.retain(|key, _| !keys.contains(&key));
            }
        };
        drop(&mut subject.request.object, &[LABEL, REVISION]);
        if let Some(namespace) = &mut subject.namespace {
            drop(namespace, &[REVISION]);
        }
        subject
    }

    /// From 1.9.4 to 1.12 decisions change for two reasons: other selectors, and an injector that reads the pod's
    /// label. Where only one side refuses, both had decided to inject.
    #[test]
    fn only_selectors_and_the_label_change_decisions_up_to_1_12() {
        let (before, after) = (snapshot("1.9.4"), snapshot("1.12"));
        let decision = |subject: &Subject| {
            let changes = subject.compare(&before, &after).unwrap();
            let called = changes.iter().any(|c| c.class == Class::Callers);
            let outcome = changes.into_iter().find(|c| c.place == "outcome")?;
            if outcome.class == Class::Refusal {
                let kinds = [outcome.from.as_str(), outcome.to.as_str()];
                assert!(kinds.contains(&Some("injected")) && kinds.contains(&Some("denied")), "{outcome:?}");
                return None;
            }
            Some((called, outcome))
        };
        let (mut by_selectors, mut by_label) = (0, 0);
        for subject in Subject::of_suite(&Suite::load(Files::embedded(conjector::suite::FILES))) {
            let Some((called, change)) = decision(&subject) else { continue };
            assert_eq!(decision(&without_labels(&subject)), None, "{}", subject.title);
            match called {
                true => by_selectors += 1,
                false => by_label += 1,
            }
            let labelled = !subject.request.object["metadata"]["labels"][LABEL].is_null();
            assert!(called || labelled, "{}: {change:?}", subject.title);
        }
        assert!(by_selectors >= 10 && by_label >= 5, "{by_selectors} by selectors, {by_label} by the label");
    }
}
