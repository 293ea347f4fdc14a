//! Containers of all three kinds.

use std::collections::BTreeSet;

use super::error::{Errors, Path, Typed, number, text};
use super::resources::{self, Owner};
use super::volumes::Volumes;
use super::{env, handlers, mounts, ports, security};
use crate::go::json::Value;
use crate::k8s::names;

/// What containers are checked against.
pub struct Pod<'a> {
    pub spec: &'a Value,
    pub volumes: Volumes<'a>,
    /// The resource claims that the pod names.
    pub claims: BTreeSet<&'a str>,
    /// The time that containers get to end.
    pub grace: Option<i64>,
    /// Whether the pod shares the host's users.
    pub host_users: bool,
}

const RESTART_POLICIES: [&str; 3] = ["Always", "Never", "OnFailure"];
/// The most rules that say when to restart, and the most exit codes in one of them.
const MAX_RULES: usize = 20;
const MAX_EXIT_CODES: usize = 255;

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// What debugging containers may not have; in the order of Go's fields.
const NOT_FOR_DEBUGGING: [&str; 9] = [
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

/// The containers of a pod.
pub fn regular(errors: &Errors, path: &Path<'_>, pod: &Pod<'_>) {
    let containers = pod.spec["containers"].items();
    if containers.is_empty() {
        return errors.required(path, "");
    }
    let mut seen = BTreeSet::new();
    for (i, container) in containers.iter().enumerate() {
        let path = path.index(i);
        common(errors, &path, container, pod);
        let name = text(container, "name");
        if !seen.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        handlers::lifecycle(errors, &path.child("lifecycle"), &container["lifecycle"], pod);
        probes(errors, &path, container, pod);
        restart_policy(errors, &path, container);
    }
    ports::conflicts(errors, path, containers.iter().enumerate());
}

/// Containers that run before the others, or beside them when they are restarted always.
pub fn init(errors: &Errors, path: &Path<'_>, pod: &Pod<'_>) {
    let names = pod.spec["containers"].items().iter().map(|container| text(container, "name"));
    let mut seen: BTreeSet<&str> = names.collect();
    for (i, container) in pod.spec["initContainers"].items().iter().enumerate() {
        let at = path.index(i);
        common(errors, &at, container, pod);
        if container.get("restartPolicy").is_none() {
            if !container["restartPolicyRules"].items().is_empty() {
                let what = "must specify restartPolicy when restart rules are used";
                errors.required(&at.child("restartPolicy"), what);
            }
        } else {
            restart_policy(errors, &at, container);
        }
        let name = text(container, "name");
        if seen.contains(name) {
            errors.duplicate(&at.child("name"), name);
        } else if !name.is_empty() {
            seen.insert(name);
        }
        // They run one after the other; so each is looked at alone, and counted as the first.
        ports::conflicts(errors, path, [(0, container)].into_iter());
        if text(container, "restartPolicy") == "Always" {
            handlers::lifecycle(errors, &at.child("lifecycle"), &container["lifecycle"], pod);
            probes(errors, &at, container, pod);
            continue;
        }
        for field in ["lifecycle"].iter().chain(&PROBES) {
            if !container[*field].is_null() {
                errors.forbidden(&at.child(field), "may not be set for init containers without restartPolicy=Always");
            }
        }
        for (j, policy) in container["resizePolicy"].items().iter().enumerate() {
            let value = text(policy, "restartPolicy");
            if value == "RestartContainer" {
                let policies = at.child("resizePolicy");
                let what = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                errors.invalid(&policies.index(j).child("restartPolicy"), Typed(value), what);
            }
        }
    }
}

/// Containers for debugging, which come later than the pod.
pub fn ephemeral(errors: &Errors, path: &Path<'_>, pod: &Pod<'_>) {
    let others = ["containers", "initContainers"].into_iter().flat_map(|list| pod.spec[list].items());
    let others: BTreeSet<&str> = others.map(|container| text(container, "name")).collect();
    let mut seen = others.clone();
    for (i, container) in pod.spec["ephemeralContainers"].items().iter().enumerate() {
        let path = path.index(i);
        common(errors, &path, container, pod);
        image_spaces(errors, &path, container);
        let name = text(container, "name");
        if !seen.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        let target = text(container, "targetContainerName");
        if !target.is_empty() && !others.contains(target) {
            errors.not_found(&path.child("targetContainerName"), target, "");
        }
        let what = "cannot be set for an Ephemeral Container";
        for field in NOT_FOR_DEBUGGING {
            let is_set = match &container[field] {
                Value::Object(members) => field != "resources" || !members.is_empty(),
                value => !value.is_null(),
            };
            if is_set {
                errors.forbidden(&path.child(field), what);
            }
        }
        for (j, mount) in container["volumeMounts"].items().iter().enumerate() {
            let mounts = path.child("volumeMounts");
            for field in ["subPath", "subPathExpr"] {
                if !text(mount, field).is_empty() {
                    errors.forbidden(&mounts.index(j).child(field), what);
                }
            }
        }
    }
}

/// Images with spaces around them, which templates may have, but pods may not.
pub fn image_spaces(errors: &Errors, path: &Path<'_>, container: &Value) {
    let image = text(container, "image");
    if image.trim().len() != image.len() {
        errors.invalid(&path.child("image"), image, "must not have leading or trailing whitespace");
    }
}

fn common(errors: &Errors, path: &Path<'_>, container: &Value, pod: &Pod<'_>) {
    match text(container, "name") {
        "" => errors.required(&path.child("name"), ""),
        name => errors.each(&path.child("name"), name, names::dns1123_label(name)),
    }
    errors.require(path, container, &["image"]);
    let policy = text(container, "terminationMessagePolicy");
    errors.one_of(&path.child("terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    ports::validate(errors, &path.child("ports"), container["ports"].items());
    env::variables(errors, &path.child("env"), container["env"].items());
    env::sources(errors, &path.child("envFrom"), container["envFrom"].items());
    mounts::mounts(errors, &path.child("volumeMounts"), container, &pod.volumes);
    mounts::devices(errors, &path.child("volumeDevices"), container, &pod.volumes);
    pull_policy(errors, &path.child("imagePullPolicy"), text(container, "imagePullPolicy"));
    resources::validate(errors, &path.child("resources"), &container["resources"], Owner::Container, &pod.claims);
    let restarts = text(pod.spec, "restartPolicy");
    resize_policies(errors, &path.child("resizePolicy"), container["resizePolicy"].items(), restarts);
    security::container(errors, &path.child("securityContext"), &container["securityContext"], pod.host_users);
}

/// When an image is pulled.
pub fn pull_policy(errors: &Errors, path: &Path<'_>, policy: &str) {
    errors.one_of(path, policy, &["Always", "IfNotPresent", "Never"]);
}

fn resize_policies(errors: &Errors, path: &Path<'_>, policies: &[Value], restarts: &str) {
    let mut seen = BTreeSet::new();
    for (i, policy) in policies.iter().enumerate() {
        let (resource, restart) = (text(policy, "resourceName"), text(policy, "restartPolicy"));
        if !seen.insert(resource) {
            errors.duplicate(&path.index(i), Typed(resource));
        }
        errors.one_of(path, resource, &["cpu", "memory"]);
        errors.one_of(path, restart, &["NotRequired", "RestartContainer"]);
        if restarts == "Never" && restart != "NotRequired" {
            errors.invalid(path, Typed(restart), "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
        }
    }
}

fn restart_policy(errors: &Errors, path: &Path<'_>, container: &Value) {
    let rules = container["restartPolicyRules"].items();
    let policy_path = path.child("restartPolicy");
    match container["restartPolicy"].as_str() {
        None if rules.is_empty() => return,
        None => errors.required(&policy_path, "must specify restartPolicy when restart rules are used"),
        Some(policy) if !RESTART_POLICIES.contains(&policy) => {
            errors.not_supported(&policy_path, policy, &RESTART_POLICIES);
        }
        Some(_) => {}
    }
    let path = path.child("restartPolicyRules");
    if rules.len() > MAX_RULES {
        errors.too_many(&path, rules.len(), MAX_RULES);
    }
    for (i, rule) in rules.iter().enumerate() {
        let path = path.index(i);
        let action = text(rule, "action");
        if !matches!(action, "Restart" | "RestartAllContainers") {
            errors.not_supported(&path.child("action"), action, &["Restart", "RestartAllContainers"]);
        }
        let codes_path = path.child("exitCodes");
        let codes = &rule["exitCodes"];
        if codes.is_null() {
            errors.required(&codes_path, "must be specified");
            continue;
        }
        let operator = text(codes, "operator");
        if !matches!(operator, "In" | "NotIn") {
            errors.not_supported(&codes_path.child("operator"), operator, &["In", "NotIn"]);
        }
        let count = codes["values"].items().len();
        if count > MAX_EXIT_CODES {
            errors.too_many(&codes_path.child("values"), count, MAX_EXIT_CODES);
        }
    }
}

fn probes(errors: &Errors, path: &Path<'_>, container: &Value, pod: &Pod<'_>) {
    for field in PROBES {
        let probe = &container[field];
        if probe.is_null() {
            continue;
        }
        let path = path.child(field);
        handlers::probe(errors, &path, probe, pod);
        match field {
            "readinessProbe" => {
                if let Some(seconds) = probe["terminationGracePeriodSeconds"].as_i64() {
                    let what = "must not be set for readinessProbes";
                    errors.invalid(&path.child("terminationGracePeriodSeconds"), seconds, what);
                }
            }
            _ => {
                let threshold = number(probe, "successThreshold");
                if threshold != 1 {
                    errors.invalid(&path.child("successThreshold"), threshold, "must be 1");
                }
            }
        }
    }
}
