//! Where a pod runs: affinities, spreading, tolerations, gates.

use std::collections::BTreeSet;

use super::error::{Errors, Path, Typed, number, text};
use super::selectors;
use crate::go::json::Value;
use crate::k8s::names;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Affinities to nodes and pods.
pub fn affinity(errors: &Errors, path: &Path<'_>, affinity: &Value) {
    let nodes = &affinity["nodeAffinity"];
    let at = path.child("nodeAffinity");
    if !nodes[REQUIRED].is_null() {
        let at = at.child(REQUIRED);
        let at = at.child("nodeSelectorTerms");
        let terms = nodes[REQUIRED]["nodeSelectorTerms"].items();
        if terms.is_empty() {
            errors.required(&at, "must have at least one node selector term");
        }
        for (i, term) in terms.iter().enumerate() {
            selectors::nodes(errors, &at.index(i), term, true);
        }
    }
    for (i, term) in nodes[PREFERRED].items().iter().enumerate() {
        let at = at.child(PREFERRED);
        let at = at.index(i);
        weight(errors, &at, term);
        selectors::nodes(errors, &at.child("preference"), &term["preference"], false);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let (pods, at) = (&affinity[kind], path.child(kind));
        for (i, term) in pods[REQUIRED].items().iter().enumerate() {
            pod_term(errors, &at.child(REQUIRED).index(i), term);
        }
        for (i, term) in pods[PREFERRED].items().iter().enumerate() {
            let at = at.child(PREFERRED);
            let at = at.index(i);
            weight(errors, &at, term);
            pod_term(errors, &at.child("podAffinityTerm"), &term["podAffinityTerm"]);
        }
    }
}

fn weight(errors: &Errors, path: &Path<'_>, term: &Value) {
    let weight = number(term, "weight");
    if !(1..=100).contains(&weight) {
        errors.invalid(&path.child("weight"), weight, "must be in the range 1-100");
    }
}

fn pod_term(errors: &Errors, path: &Path<'_>, term: &Value) {
    for field in ["labelSelector", "namespaceSelector"] {
        selectors::labels(errors, &path.child(field), &term[field]);
    }
    for name in term["namespaces"].items().iter().filter_map(Value::as_str) {
        errors.each(&path.child("namespace"), name, names::dns1123_label(name));
    }
    label_keys(errors, path, term);
    let key = text(term, "topologyKey");
    let at = path.child("topologyKey");
    if key.is_empty() {
        errors.required(&at, "can not be empty");
    }
    errors.each(&at, key, names::qualified_name(key));
}

/// Keys of labels whose values on the pod itself make the selector complete.
fn label_keys(errors: &Errors, path: &Path<'_>, term: &Value) {
    let selector = &term["labelSelector"];
    let keys = |field: &str| term[field].items().iter().filter_map(Value::as_str).collect::<Vec<_>>();
    let (matching, mismatching) = (keys("matchLabelKeys"), keys("mismatchLabelKeys"));
    for (field, keys) in [("matchLabelKeys", &matching), ("mismatchLabelKeys", &mismatching)] {
        let at = path.child(field);
        if !keys.is_empty() && selector.is_null() {
            errors.forbidden(&at, "must not be specified when labelSelector is not set");
            continue;
        }
        for (i, key) in keys.iter().enumerate() {
            errors.each(&at.index(i), key, names::qualified_name(key));
        }
    }
    // When this is looked at, the selector already has the expressions made from the keys.
    let mut seen: BTreeSet<&str> = super::metadata::texts(&selector["matchLabels"]).map(|(key, _)| key).collect();
    for expression in selector["matchExpressions"].items() {
        let key = text(expression, "key");
        if let Some(i) = matching.iter().rposition(|own| *own == key).filter(|_| seen.contains(key)) {
            errors.invalid(&path.index(i), key, "exists in both matchLabelKeys and labelSelector");
        }
        seen.insert(key);
    }
    for (i, key) in matching.iter().enumerate().filter(|(_, key)| mismatching.contains(key)) {
        let at = path.child("matchLabelKeys");
        errors.invalid(&at.index(i), *key, "exists in both matchLabelKeys and mismatchLabelKeys");
    }
}

/// How pods are spread.
pub fn spread(errors: &Errors, path: &Path<'_>, constraints: &[Value]) {
    for (i, constraint) in constraints.iter().enumerate() {
        let path = path.index(i);
        positive(errors, &path.child("maxSkew"), number(constraint, "maxSkew"));
        let (key, action) = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"));
        if key.is_empty() {
            errors.required(&path.child("topologyKey"), "can not be empty");
        }
        if !matches!(action, "DoNotSchedule" | "ScheduleAnyway") {
            errors.not_supported(&path.child("whenUnsatisfiable"), action, &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let same = |other: &Value| text(other, "topologyKey") == key && text(other, "whenUnsatisfiable") == action;
        if constraints[i + 1..].iter().any(same) {
            errors.duplicate(&path.child("{topologyKey, whenUnsatisfiable}"), &format!("{{{key}, {action}}}"));
        }
        if let Some(domains) = constraint["minDomains"].as_i64() {
            let at = path.child("minDomains");
            positive(errors, &at, domains);
            if action != "DoNotSchedule" {
                let what = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                errors.invalid(&at, domains, what);
            }
        }
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if let Some(policy) = constraint[field].as_str().filter(|policy| !matches!(*policy, "Honor" | "Ignore")) {
                errors.not_supported(&path.child(field), policy, &["Honor", "Ignore"]);
            }
        }
        label_keys(errors, &path, constraint);
        selectors::labels(errors, &path.child("labelSelector"), &constraint["labelSelector"]);
    }
}

fn positive(errors: &Errors, path: &Path<'_>, value: i64) {
    if value <= 0 {
        errors.invalid(path, value, "must be greater than zero");
    }
}

/// Taints that are tolerated.
pub fn tolerations(errors: &Errors, path: &Path<'_>, tolerations: &[Value]) {
    const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    for (i, toleration) in tolerations.iter().enumerate() {
        let path = path.index(i);
        let member = |field: &str| text(toleration, field);
        let (key, operator, value, effect) = (member("key"), member("operator"), member("value"), member("effect"));
        let at = path.child("operator");
        if key.is_empty() {
            if operator != "Exists" {
                let what = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
                errors.invalid(&at, Typed(operator), what);
            }
        } else {
            errors.each(&path.child("key"), key, names::qualified_name(key));
        }
        if !toleration["tolerationSeconds"].is_null() && effect != "NoExecute" {
            let what = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&path.child("effect"), Typed(effect), what);
        }
        match operator {
            "" | "Equal" => {
                let complaints = names::label_value(value);
                if !complaints.is_empty() {
                    errors.invalid(&at, value, complaints.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                errors.invalid(&at, value, "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            "Lt" | "Gt" => errors.not_supported(&at, operator, &["Equal", "Exists", "Lt", "Gt"]),
            other => errors.not_supported(&at, other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !EFFECTS.contains(&effect) {
            errors.not_supported(&path.child("effect"), effect, &EFFECTS);
        }
    }
}

/// What a pod waits for before it is scheduled.
pub fn gates(errors: &Errors, path: &Path<'_>, gates: &[Value]) {
    let mut seen = BTreeSet::new();
    for (i, gate) in gates.iter().enumerate() {
        let path = path.index(i);
        let name = text(gate, "name");
        errors.each(&path, name, names::qualified_name(name));
        if !seen.insert(name) {
            errors.duplicate(&path, name);
        }
    }
}
