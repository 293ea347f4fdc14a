use std::collections::BTreeSet;

use super::{Check, Version, Violation, baseline, called, containers, in_user_namespace, name, noun, quoted};
use super::{setters, those, violation};
use crate::go::json::Value;

const fn check(id: &'static str, since: u32, replaces: &'static str, judge: super::Judge) -> Check {
    Check { id, since, replaces, judge }
}

/// The checks that the restricted level adds, by id.
pub(super) const CHECKS: &[Check] = &[
    check("allowPrivilegeEscalation", 8, "", privilege_escalation),
    check("capabilities_restricted", 22, "capabilities_baseline", capabilities),
    check("procMount_restricted", 35, "procMount", baseline::any_proc_mount),
    check("restrictedVolumes", 0, "hostPathVolumes", volumes),
    check("runAsNonRoot", 0, "", non_root),
    check("runAsUser", 23, "", user),
    check("seccompProfile_restricted", 19, "seccompProfile_baseline", seccomp),
];

const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Since when pods for Windows need not say what has no meaning there.
const WINDOWS: u32 = 25;
const USER_NAMESPACES: u32 = 35;

fn is_for_windows(pod: &Value, version: Version) -> bool {
    version.minor() >= WINDOWS && pod["spec"]["os"]["name"].as_str() == Some("windows")
}

fn privilege_escalation(pod: &Value, version: Version) -> Option<Violation> {
    let is_bad = |container: &Value| container["securityContext"]["allowPrivilegeEscalation"].as_bool() != Some(false);
    let bad = those(pod, is_bad);
    if bad.is_empty() || is_for_windows(pod, version) {
        return None;
    }
    let detail = format!("{} must set securityContext.allowPrivilegeEscalation=false", called(&bad));
    violation("allowPrivilegeEscalation != false", detail)
}

fn capabilities(pod: &Value, version: Version) -> Option<Violation> {
    if is_for_windows(pod, version) {
        return None;
    }
    let own = |container: &'_ Value, list: &str| -> Vec<String> {
        let items = container["securityContext"]["capabilities"][list].items().iter();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut added = BTreeSet::new();
    let keeping = those(pod, |container| !own(container, "drop").iter().any(|name| name == "ALL"));
    let adding = those(pod, |container| {
        let bad: Vec<String> = own(container, "add").into_iter().filter(|name| name != "NET_BIND_SERVICE").collect();
        let any = !bad.is_empty();
        added.extend(bad);
        any
    });
    let mut details = Vec::new();
    if !keeping.is_empty() {
        details.push(format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", called(&keeping)));
    }
    if !adding.is_empty() {
        let added = quoted(added.iter().map(String::as_str));
        details.push(format!("{} must not include {added} in securityContext.capabilities.add", called(&adding)));
    }
    if details.is_empty() { None } else { violation("unrestricted capabilities", details.join("; ")) }
}

fn volumes(pod: &Value, _: Version) -> Option<Violation> {
    let mut kinds = BTreeSet::new();
    let mut bad = Vec::new();
    for volume in pod["spec"]["volumes"].items() {
        let Some(members) = volume.as_object() else { continue };
        let own: Vec<&str> = members.keys().map(|key| key.as_str()).filter(|key| *key != "name").collect();
        if own.iter().any(|kind| VOLUMES.contains(kind)) {
            continue;
        }
        bad.push(name(volume));
        kinds.insert(own.first().copied().unwrap_or("unknown"));
    }
    if bad.is_empty() {
        return None;
    }
    let (what, uses) = (noun("volume", "volumes", bad.len()), noun("uses", "use", bad.len()));
    let types = noun("restricted volume type", "restricted volume types", kinds.len());
    let detail = format!("{what} {} {uses} {types} {}", quoted(bad), quoted(kinds));
    violation("restricted volume types", detail)
}

fn non_root(pod: &Value, version: Version) -> Option<Violation> {
    if version.minor() >= USER_NAMESPACES && in_user_namespace(pod) {
        return None;
    }
    let says = |holder: &Value| holder["securityContext"]["runAsNonRoot"].as_bool();
    let by_pod = says(&pod["spec"]);
    let reason = "runAsNonRoot != true";
    if let Some(who) = setters(by_pod == Some(false), &those(pod, |container| says(container) == Some(false))) {
        return violation(reason, format!("{who} must not set securityContext.runAsNonRoot=false"));
    }
    let silent = those(pod, |container| says(container).is_none());
    if by_pod == Some(true) || silent.is_empty() {
        return None;
    }
    violation(reason, format!("pod or {} must set securityContext.runAsNonRoot=true", called(&silent)))
}

fn user(pod: &Value, version: Version) -> Option<Violation> {
    if version.minor() >= USER_NAMESPACES && in_user_namespace(pod) {
        return None;
    }
    let is_root = |holder: &Value| holder["securityContext"]["runAsUser"].as_i64() == Some(0);
    let who = setters(is_root(&pod["spec"]), &those(pod, is_root))?;
    violation("runAsUser=0", format!("{who} must not set runAsUser=0"))
}

fn seccomp(pod: &Value, version: Version) -> Option<Violation> {
    if is_for_windows(pod, version) {
        return None;
    }
    let (by_pod, by_containers, types) = baseline::bad_profiles(pod, "seccompProfile");
    if let Some(who) = setters(by_pod, &by_containers) {
        let detail = format!("{who} must not set securityContext.seccompProfile.type to {}", quoted(types));
        return violation("seccompProfile", detail);
    }
    let says = |holder: &Value| !holder["securityContext"]["seccompProfile"].is_null();
    if says(&pod["spec"]) {
        return None;
    }
    let silent: Vec<&str> = containers(pod).filter(|container| !says(container)).map(name).collect();
    if silent.is_empty() {
        return None;
    }
    let wanted = "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"";
    violation("seccompProfile", format!("pod or {} {wanted}", called(&silent)))
}
