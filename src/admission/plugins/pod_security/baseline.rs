use std::collections::BTreeSet;

use super::{Check, Version, Violation, called, containers, name, noun, quoted, setters, those, violation};
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;

const fn check(id: &'static str, since: u32, judge: super::Judge) -> Check {
    Check { id, since, replaces: "", judge }
}

/// The checks of the baseline level, by id.
pub(super) const CHECKS: &[Check] = &[
    check("appArmorProfile", 0, app_armor),
    check("capabilities_baseline", 0, capabilities),
    check("hostNamespaces", 0, host_namespaces),
    check("hostPathVolumes", 0, host_paths),
    check("hostPorts", 0, host_ports),
    check("hostProbesAndHostLifecycle", 34, hosts),
    check("privileged", 0, privileged),
    check("procMount", 0, proc_mount),
    check("seLinuxOptions", 0, se_linux),
    check("seccompProfile_baseline", 0, seccomp),
    check("sysctls", 0, sysctls),
    check("windowsHostProcess", 0, host_process),
];

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const SE_LINUX_TYPES: [(&str, u32); 5] =
    [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

const SYSCTLS: [(&str, u32); 12] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
];

const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// Since when the fields of seccomp count and not the annotations.
const SECCOMP_FIELDS: u32 = 19;
const USER_NAMESPACES: u32 = 35;

/// Profiles of a kind (`appArmorProfile`, `seccompProfile`) that are neither the runtime's nor a local one: whether the
/// pod sets one, the containers that do, and the types.
pub(super) fn bad_profiles<'a>(pod: &'a Value, kind: &str) -> (bool, Vec<&'a str>, BTreeSet<&'a str>) {
    let mut types = BTreeSet::new();
    let mut is_bad = |holder: &'a Value| {
        let profile = &holder["securityContext"][kind];
        let of_type = profile["type"].as_str().unwrap_or_default();
        let bad = !profile.is_null() && !matches!(of_type, "RuntimeDefault" | "Localhost");
        if bad {
            types.insert(of_type);
        }
        bad
    };
    let by_pod = is_bad(&pod["spec"]);
    let by_containers = containers(pod).filter(|container| is_bad(container)).map(name).collect();
    (by_pod, by_containers, types)
}

fn annotations(pod: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = pod["metadata"]["annotations"].as_object().into_iter().flat_map(Object::iter);
    members.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

fn app_armor(pod: &Value, _: Version) -> Option<Violation> {
    let (by_pod, by_containers, types) = bad_profiles(pod, "appArmorProfile");
    let is_good = |value: &str| matches!(value, "" | "runtime/default") || value.starts_with("localhost/");
    let bad: BTreeSet<String> = annotations(pod)
        .filter(|(key, value)| key.starts_with(APP_ARMOR_ANNOTATION) && !is_good(value))
        .map(|(key, value)| format!("{key}={}", quote(value)))
        .collect();
    let mut who: Vec<String> = setters(by_pod, &by_containers).into_iter().collect();
    if !bad.is_empty() {
        who.push(noun("annotation", "annotations", bad.len()).to_owned());
    }
    if who.is_empty() {
        return None;
    }
    let values: Vec<&str> = types.into_iter().chain(bad.iter().map(String::as_str)).collect();
    let reason = noun("forbidden AppArmor profile", "forbidden AppArmor profiles", values.len());
    violation(reason, format!("{} must not set AppArmor profile type to {}", who.join(" and "), quoted(values)))
}

fn capabilities(pod: &Value, _: Version) -> Option<Violation> {
    let mut added = BTreeSet::new();
    let mut bad = Vec::new();
    for container in containers(pod) {
        let own = container["securityContext"]["capabilities"]["add"].items().iter().filter_map(Value::as_str);
        let own: Vec<&str> = own.filter(|capability| !CAPABILITIES.contains(capability)).collect();
        if !own.is_empty() {
            bad.push(name(container));
            added.extend(own);
        }
    }
    if bad.is_empty() {
        return None;
    }
    let detail = format!("{} must not include {} in securityContext.capabilities.add", called(&bad), quoted(added));
    violation("non-default capabilities", detail)
}

fn host_namespaces(pod: &Value, _: Version) -> Option<Violation> {
    let shared = ["hostNetwork", "hostPID", "hostIPC"].into_iter();
    let shared: Vec<String> = shared
        .filter(|field| pod["spec"][*field].as_bool() == Some(true))
        .map(|field| format!("{field}=true"))
        .collect();
    if shared.is_empty() { None } else { violation("host namespaces", shared.join(", ")) }
}

fn host_paths(pod: &Value, _: Version) -> Option<Violation> {
    let volumes = pod["spec"]["volumes"].items().iter().filter(|volume| !volume["hostPath"].is_null());
    let bad: Vec<&str> = volumes.map(name).collect();
    if bad.is_empty() {
        return None;
    }
    violation("hostPath volumes", format!("{} {}", noun("volume", "volumes", bad.len()), quoted(bad)))
}

fn host_ports(pod: &Value, _: Version) -> Option<Violation> {
    let mut ports = BTreeSet::new();
    let mut bad = Vec::new();
    for container in containers(pod) {
        let own = container["ports"].items().iter().filter_map(|port| port["hostPort"].as_i64());
        let own: Vec<String> = own.filter(|port| *port != 0).map(|port| port.to_string()).collect();
        if !own.is_empty() {
            bad.push(name(container));
            ports.extend(own);
        }
    }
    if bad.is_empty() {
        return None;
    }
    let (uses, what) = (noun("uses", "use", bad.len()), noun("hostPort", "hostPorts", ports.len()));
    let ports: Vec<String> = ports.into_iter().collect();
    violation("hostPort", format!("{} {uses} {what} {}", called(&bad), ports.join(", ")))
}

fn hosts(pod: &Value, _: Version) -> Option<Violation> {
    let (mut bad, mut hosts) = (BTreeSet::new(), BTreeSet::new());
    for container in containers(pod) {
        let lifecycle = &container["lifecycle"];
        let handlers = ["livenessProbe", "readinessProbe", "startupProbe"].map(|probe| &container[probe]);
        let handlers = handlers.into_iter().chain([&lifecycle["postStart"], &lifecycle["preStop"]]);
        let own = handlers.flat_map(|handler| [&handler["httpGet"]["host"], &handler["tcpSocket"]["host"]]);
        let own: Vec<&str> = own.filter_map(Value::as_str).filter(|host| !host.is_empty()).collect();
        if !own.is_empty() {
            bad.insert(name(container));
            hosts.extend(own);
        }
    }
    if bad.is_empty() {
        return None;
    }
    let bad: Vec<&str> = bad.into_iter().collect();
    let what = noun("probe or lifecycle host", "probe or lifecycle hosts", hosts.len());
    let uses = noun("uses", "use", bad.len());
    violation("probe or lifecycle host", format!("{} {uses} {what} {}", called(&bad), quoted(hosts)))
}

fn privileged(pod: &Value, _: Version) -> Option<Violation> {
    let bad = those(pod, |container| container["securityContext"]["privileged"].as_bool() == Some(true));
    if bad.is_empty() {
        return None;
    }
    violation("privileged", format!("{} must not set securityContext.privileged=true", called(&bad)))
}

fn proc_mount(pod: &Value, version: Version) -> Option<Violation> {
    match version.minor() >= USER_NAMESPACES && super::in_user_namespace(pod) {
        true => None,
        false => any_proc_mount(pod, version),
    }
}

/// Proc mounts in any pod, also in those of a user namespace.
pub(super) fn any_proc_mount(pod: &Value, _: Version) -> Option<Violation> {
    let mut kinds = BTreeSet::new();
    let mut bad = Vec::new();
    for container in containers(pod) {
        if let Some(kind) = container["securityContext"]["procMount"].as_str().filter(|kind| *kind != "Default") {
            bad.push(name(container));
            kinds.insert(kind);
        }
    }
    if bad.is_empty() {
        return None;
    }
    violation("procMount", format!("{} must not set securityContext.procMount to {}", called(&bad), quoted(kinds)))
}

fn se_linux(pod: &Value, version: Version) -> Option<Violation> {
    let (mut types, mut user, mut role) = (BTreeSet::new(), false, false);
    let mut is_bad = |holder: &Value| {
        let options = &holder["securityContext"]["seLinuxOptions"];
        let text = |key: &str| options[key].as_str().unwrap_or_default();
        let allowed = |kind: &str| SE_LINUX_TYPES.iter().any(|(t, since)| *t == kind && *since <= version.minor());
        let bad_type = !allowed(text("type"));
        if bad_type {
            types.insert(text("type").to_owned());
        }
        let (has_user, has_role) = (!text("user").is_empty(), !text("role").is_empty());
        user |= has_user;
        role |= has_role;
        bad_type || has_user || has_role
    };
    let by_pod = is_bad(&pod["spec"]);
    let who = setters(by_pod, &those(pod, &mut is_bad))?;
    let mut what = Vec::new();
    if !types.is_empty() {
        what.push(format!("{} {}", noun("type", "types", types.len()), quoted(types.iter().map(String::as_str))));
    }
    if user {
        what.push("user may not be set".to_owned());
    }
    if role {
        what.push("role may not be set".to_owned());
    }
    violation("seLinuxOptions", format!("{who} set forbidden securityContext.seLinuxOptions: {}", what.join("; ")))
}

fn seccomp(pod: &Value, version: Version) -> Option<Violation> {
    if version.minor() >= SECCOMP_FIELDS {
        let (by_pod, by_containers, types) = bad_profiles(pod, "seccompProfile");
        let who = setters(by_pod, &by_containers)?;
        let detail = format!("{who} must not set securityContext.seccompProfile.type to {}", quoted(types));
        return violation("seccompProfile", detail);
    }
    let own: BTreeSet<&str> = containers(pod).map(name).collect();
    let is_good =
        |value: &str| matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/");
    let counts = |key: &str| {
        key == SECCOMP_POD_ANNOTATION || key.strip_prefix(SECCOMP_ANNOTATION).is_some_and(|name| own.contains(name))
    };
    let bad: BTreeSet<String> = annotations(pod)
        .filter(|(key, value)| counts(key) && !is_good(value))
        .map(|(key, value)| format!("{key}={}", quote(value)))
        .collect();
    if bad.is_empty() {
        return None;
    }
    let what = noun("annotation", "annotations", bad.len());
    let bad: Vec<String> = bad.into_iter().collect();
    violation("seccompProfile", format!("forbidden {what} {}", bad.join(", ")))
}

fn sysctls(pod: &Value, version: Version) -> Option<Violation> {
    let allowed = |name: &str| SYSCTLS.iter().any(|(sysctl, since)| *sysctl == name && *since <= version.minor());
    let own = pod["spec"]["securityContext"]["sysctls"].items().iter().map(name);
    let bad: Vec<&str> = own.filter(|name| !allowed(name)).collect();
    if bad.is_empty() { None } else { violation("forbidden sysctls", bad.join(", ")) }
}

fn host_process(pod: &Value, _: Version) -> Option<Violation> {
    let does = |holder: &Value| holder["securityContext"]["windowsOptions"]["hostProcess"].as_bool() == Some(true);
    let who = setters(does(&pod["spec"]), &those(pod, does))?;
    violation("hostProcess", format!("{who} must not set securityContext.windowsOptions.hostProcess=true"))
}
