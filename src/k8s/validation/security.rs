//! Security contexts of pods and containers.

use std::sync::LazyLock;

use regex::Regex;

use super::error::{Errors, Path, Typed, internal, is_true, text};
use super::{syntax, visit};
use crate::go::json::Value;
use crate::k8s::{names, schema};

const MAX_ID: i64 = i32::MAX as i64;
/// How long the name of a profile of AppArmor may be.
const MAX_PROFILE: usize = 4095;
const MAX_SYSCTL: usize = 253;
const SYSCTL: &str = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

/// The security context of a pod.
pub fn pod(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let own = &spec["securityContext"];
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(errors, &path.child(field), &own[field]);
    }
    for (i, group) in own["supplementalGroups"].items().iter().enumerate() {
        id(errors, &path.child("supplementalGroups").index(i), group);
    }
    if is_true(spec, "shareProcessNamespace") && is_true(spec, "hostPID") {
        let what = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&path.child("shareProcessNamespace"), true, what);
    }
    sysctls(errors, &path.child("sysctls"), own["sysctls"].items(), spec);
    let known = |field: &str, known: &[&str]| {
        if let Some(value) = own[field].as_str().filter(|value| !known.contains(value)) {
            errors.not_supported(&path.child(field), value, known);
        }
    };
    known("fsGroupChangePolicy", &["Always", "OnRootMismatch"]);
    seccomp(errors, &path.child("seccompProfile"), &own["seccompProfile"]);
    windows_options(errors, &path.child("windowsOptions"), &own["windowsOptions"]);
    app_armor(errors, &path.child("appArmorProfile"), &own["appArmorProfile"]);
    known("supplementalGroupsPolicy", &["Merge", "Strict"]);
    known("seLinuxChangePolicy", &["Recursive"]);
}

/// The security context of a container.
pub fn container(errors: &Errors, path: &Path<'_>, own: &Value, host_users: bool) {
    if own.is_null() {
        return;
    }
    for field in ["runAsUser", "runAsGroup"] {
        id(errors, &path.child(field), &own[field]);
    }
    if let Some(mount) = own["procMount"].as_str() {
        let path = path.child("procMount");
        if !matches!(mount, "Default" | "Unmasked") {
            errors.not_supported(&path, mount, &["Default", "Unmasked"]);
        }
        if host_users && mount == "Unmasked" {
            errors.invalid(&path, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp(errors, &path.child("seccompProfile"), &own["seccompProfile"]);
    if own["allowPrivilegeEscalation"].as_bool() == Some(false) {
        let shown = || internal(own, &schema::SECURITY_CONTEXT);
        if is_true(own, "privileged") {
            let what = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid(path, shown(), what);
        }
        let added = own["capabilities"]["add"].items().iter();
        for _ in added.filter(|capability| capability.as_str() == Some("CAP_SYS_ADMIN")) {
            let what = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid(path, shown(), what);
        }
    }
    windows_options(errors, &path.child("windowsOptions"), &own["windowsOptions"]);
    app_armor(errors, &path.child("appArmorProfile"), &own["appArmorProfile"]);
}

fn id(errors: &Errors, path: &Path<'_>, id: &Value) {
    if let Some(id) = id.as_i64() {
        errors.in_range(path, id, 0, MAX_ID);
    }
}

fn sysctls(errors: &Errors, path: &Path<'_>, sysctls: &[Value], spec: &Value) {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(SYSCTL).expect("a pattern"));
    let mut seen = std::collections::BTreeSet::new();
    for (i, sysctl) in sysctls.iter().enumerate() {
        let at = path.index(i);
        let at = at.child("name");
        let name = text(sysctl, "name");
        if name.is_empty() {
            errors.required(&at, "");
        } else if name.len() > MAX_SYSCTL || !PATTERN.is_match(name) {
            let what = format!("must have at most {MAX_SYSCTL} characters and match regex {SYSCTL}");
            errors.invalid(&at, name, what);
        } else if seen.contains(name) {
            errors.duplicate(&at, name);
        }
        match namespace(name) {
            Some("net") if is_true(spec, "hostNetwork") => {
                errors.invalid(&at, name, "may not be specified when 'hostNetwork' is true");
            }
            Some("ipc") if is_true(spec, "hostIPC") => {
                errors.invalid(&at, name, "may not be specified when 'hostIPC' is true");
            }
            _ => {}
        }
        seen.insert(name);
    }
}

/// The kernel's namespace that a sysctl belongs to.
fn namespace(sysctl: &str) -> Option<&'static str> {
    const IPC: [&str; 10] = [
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
        "kernel.shm",
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.msg",
    ];
    // Slashes separate as dots do, whichever comes first.
    let slashes_first = sysctl.find('/').is_some_and(|slash| sysctl.find('.').is_none_or(|dot| slash < dot));
    let swapped: String = match slashes_first {
        true => sysctl
            .chars()
            .map(|c| {
                if c == '/' {
                    '.'
                } else if c == '.' {
                    '/'
                } else {
                    c
                }
            })
            .collect(),
        false => sysctl.to_owned(),
    };
    let name = swapped.split('*').next().unwrap_or_default();
    if IPC.contains(&name) || name.starts_with("fs.mqueue.") {
        Some("ipc")
    } else if name.starts_with("net.") {
        Some("net")
    } else {
        None
    }
}

fn seccomp(errors: &Errors, path: &Path<'_>, profile: &Value) {
    const TYPES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];
    if profile.is_null() {
        return;
    }
    let kind = text(profile, "type");
    match kind {
        "" => errors.required(&path.child("type"), "type is required when seccompProfile is set"),
        kind if !TYPES.contains(&kind) => errors.not_supported(&path.child("type"), kind, &TYPES),
        _ => {}
    }
    let at = path.child("localhostProfile");
    match profile["localhostProfile"].as_str() {
        None if kind == "Localhost" => errors.required(&at, "must be set when seccomp type is Localhost"),
        Some(local) if kind == "Localhost" => syntax::descending(errors, &at, local),
        Some(_) => {
            let shown = internal(profile, &schema::SECCOMP_PROFILE);
            errors.invalid(&at, shown, "can only be set when seccomp type is Localhost");
        }
        None => {}
    }
}

/// A profile of AppArmor.
pub fn app_armor(errors: &Errors, path: &Path<'_>, profile: &Value) {
    if profile.is_null() {
        return;
    }
    let at = path.child("localhostProfile");
    let local = profile["localhostProfile"].as_str();
    match text(profile, "type") {
        "Localhost" => match local {
            None => errors.required(&at, "must be set when AppArmor type is Localhost"),
            Some(local) => {
                if local.trim() != local {
                    errors.invalid(&at, local, "must not be padded with whitespace");
                } else if local.is_empty() {
                    errors.required(&at, "must be set when AppArmor type is Localhost");
                }
                if local.len() > MAX_PROFILE {
                    errors.too_long(&at, MAX_PROFILE);
                }
            }
        },
        "RuntimeDefault" | "Unconfined" => {
            if let Some(local) = local {
                errors.invalid(&at, Typed(local), "can only be set when AppArmor type is Localhost");
            }
        }
        "" => errors.required(&path.child("type"), "type is required when appArmorProfile is set"),
        other => errors.not_supported(&path.child("type"), other, &["Localhost", "RuntimeDefault", "Unconfined"]),
    }
}

fn windows_options(errors: &Errors, path: &Path<'_>, options: &Value) {
    const MAX_SPEC: usize = 64 * 1024;
    if let Some(name) = options["gmsaCredentialSpecName"].as_str() {
        errors.each_typed(&path.child("gmsaCredentialSpecName"), name, names::dns1123_subdomain(name));
    }
    if let Some(spec) = options["gmsaCredentialSpec"].as_str() {
        let at = path.child("gmsaCredentialSpec");
        if spec.is_empty() {
            errors.invalid(&at, Typed(spec), "gmsaCredentialSpec cannot be an empty string");
        } else if spec.len() > MAX_SPEC {
            errors.invalid(&at, Typed(spec), "gmsaCredentialSpec size must be under 64 KiB");
        }
    }
    if let Some(name) = options["runAsUserName"].as_str() {
        let at = path.child("runAsUserName");
        user_name(name, &|what| errors.invalid(&at, Typed(name), format!("runAsUserName{what}")));
    }
}

/// The name of a user of Windows, with or without a domain.
fn user_name(name: &str, complain: &dyn Fn(&str)) {
    const MAX_DOMAIN: usize = 256;
    const MAX_USER: usize = 104;
    static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
        let label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
        let netbios = r#"[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}"#;
        Regex::new(&format!(r"^(?:{netbios}|{label}(?:\.{label})*)$")).expect("a pattern")
    });
    if name.is_empty() {
        return complain(" cannot be an empty string");
    }
    if name.chars().any(|c| c.is_ascii_control()) {
        return complain(" cannot contain control characters");
    }
    let (domain, user) = match name.split('\\').collect::<Vec<_>>()[..] {
        [user] => (None, user),
        [domain, user] => (Some(domain), user),
        _ => return complain(" cannot contain more than one backslash"),
    };
    if domain.is_some_and(|domain| domain.len() >= MAX_DOMAIN) {
        complain("'s Domain length must be under 256 characters");
    }
    if domain.is_some_and(|domain| !DOMAIN.is_match(domain)) {
        complain("'s Domain doesn't match the NetBios nor the DNS format");
    }
    if user.is_empty() {
        complain("'s User cannot be empty");
    } else if user.len() > MAX_USER {
        complain("'s User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')) {
        complain("'s User cannot contain only periods or spaces");
    }
    if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        complain("'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
}

/// Containers that are processes of a Windows host: all of them or none.
pub fn host_processes(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let says = |holder: &Value| holder["securityContext"]["windowsOptions"]["hostProcess"].as_bool();
    let by_pod = says(spec);
    let (mut all, mut on_host) = (0, 0);
    visit(spec, path, &mut |container, path| {
        let own = says(container);
        if let (Some(pod), Some(own)) = (by_pod, own)
            && pod != own
        {
            let at = path.child("securityContext");
            let at = at.child("windowsOptions");
            let what = format!("pod hostProcess value must be identical if both are specified, was {pod}");
            errors.invalid(&at.child("hostProcess"), own, what);
        }
        all += 1;
        on_host += i32::from(own.or(by_pod) == Some(true));
    });
    if on_host == 0 {
        return;
    }
    if on_host != all {
        let what = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid(path, "", what);
    }
    if !is_true(spec, "hostNetwork") {
        let what = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid(&path.child("hostNetwork"), false, what);
    }
}

/// What pods for an operating system may not set.
pub fn os(errors: &Errors, path: &Path<'_>, spec: &Value) {
    match spec["os"]["name"].as_str() {
        Some("linux") => linux(errors, path, spec),
        Some("windows") => windows(errors, path, spec),
        _ => {}
    }
}

fn linux(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let check = |holder: &Value, path: &Path<'_>| {
        if !holder["securityContext"]["windowsOptions"].is_null() {
            let at = path.child("securityContext");
            errors.forbidden(&at.child("windowsOptions"), "windows options cannot be set for a linux pod");
        }
    };
    check(spec, path);
    visit(spec, path, &mut |container, path| check(container, path));
}

fn windows(errors: &Errors, path: &Path<'_>, spec: &Value) {
    const WHAT: &str = "cannot be set for a windows pod";
    /// Fields of the pod's context, and between them those of the pod itself.
    const OF_POD: [(&str, bool); 15] = [
        ("appArmorProfile", true),
        ("seLinuxOptions", true),
        ("hostUsers", false),
        ("hostPID", false),
        ("hostIPC", false),
        ("seccompProfile", true),
        ("fsGroup", true),
        ("fsGroupChangePolicy", true),
        ("sysctls", true),
        ("shareProcessNamespace", false),
        ("runAsUser", true),
        ("runAsGroup", true),
        ("supplementalGroups", true),
        ("supplementalGroupsPolicy", true),
        ("seLinuxChangePolicy", true),
    ];
    const OF_CONTAINER: [&str; 10] = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        "runAsUser",
        "runAsGroup",
    ];
    let context = path.child("securityContext");
    for (field, in_context) in OF_POD {
        let (holder, at) = if in_context { (&spec["securityContext"], &context) } else { (spec, path) };
        if !holder[field].is_null() {
            errors.forbidden(&at.child(field), WHAT);
        }
    }
    visit(spec, path, &mut |container, path| {
        let path = path.child("securityContext");
        for field in OF_CONTAINER.into_iter().filter(|field| !container["securityContext"][*field].is_null()) {
            errors.forbidden(&path.child(field), WHAT);
        }
    });
}
