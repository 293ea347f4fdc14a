//! The spec of a pod, part by part.

use super::containers::{self, Pod};
use super::error::{Errors, Path, is_true, text};
use super::resources;
use super::{annotations, claims, metadata, scheduling, security, syntax, visit, volumes};
use crate::go::json::Value;
use crate::k8s::names;

const MAX_NAMESERVERS: usize = 3;
const MAX_SEARCHES: usize = 32;
const MAX_SEARCH_CHARACTERS: usize = 2048;
const MAX_HOSTNAME: usize = 64;

/// The whole spec, in the server's order.
pub fn validate(errors: &Errors, path: &Path<'_>, spec: &Value, metadata: &Value) {
    let grace = spec["terminationGracePeriodSeconds"].as_i64();
    if grace.is_none() {
        errors.required(&path.child("terminationGracePeriodSeconds"), "");
    }
    let owner = text(metadata, "name");
    let volumes = volumes::validate(errors, &path.child("volumes"), spec["volumes"].items(), owner);
    let own_claims = spec["resourceClaims"].items();
    let is_mirror = metadata["annotations"].get(annotations::MIRROR).is_some();
    claims::validate(errors, &path.child("resourceClaims"), own_claims, is_mirror);
    let host_users = spec["hostUsers"].as_bool() != Some(false);
    let pod = Pod { spec, volumes, claims: claims::of_pod(own_claims), grace, host_users };
    containers::regular(errors, &path.child("containers"), &pod);
    containers::init(errors, &path.child("initContainers"), &pod);
    containers::ephemeral(errors, &path.child("ephemeralContainers"), &pod);
    resources::pod(errors, &path.child("resources"), spec, &pod.claims);
    host_ports(errors, path, spec);
    errors.one_of(&path.child("restartPolicy"), text(spec, "restartPolicy"), &["Always", "OnFailure", "Never"]);
    const DNS: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    errors.one_of(&path.child("dnsPolicy"), text(spec, "dnsPolicy"), &DNS);
    metadata::labels(errors, &path.child("nodeSelector"), &spec["nodeSelector"]);
    security::pod(errors, &path.child("securityContext"), spec);
    scheduling::affinity(errors, &path.child("affinity"), &spec["affinity"]);
    dns_config(errors, &path.child("dnsConfig"), &spec["dnsConfig"], text(spec, "dnsPolicy"));
    for (i, gate) in spec["readinessGates"].items().iter().enumerate() {
        let condition = text(gate, "conditionType");
        let at = path.child("readinessGates");
        errors.each(&at.index(i).child("conditionType"), condition, names::qualified_name(condition));
    }
    scheduling::gates(errors, &path.child("schedulingGates"), spec["schedulingGates"].items());
    let constraints = spec["topologySpreadConstraints"].items();
    scheduling::spread(errors, &path.child("topologySpreadConstraints"), constraints);
    security::host_processes(errors, path, spec);
    if !host_users {
        own_users(errors, path, spec);
    }
    hostname_override(errors, path, spec);
    names_of(errors, path, spec);
    if spec["overhead"].as_object().is_some_and(|list| !list.is_empty()) {
        resources::limits(errors, &path.child("overhead"), &spec["overhead"]);
    }
    if !spec["os"].is_null() {
        let at = path.child("os");
        match text(&spec["os"], "name") {
            "" => errors.required(&at.child("name"), ""),
            "linux" | "windows" => security::os(errors, path, spec),
            other => errors.not_supported(&at, other, &["linux", "windows"]),
        }
    }
    files(errors, path, spec);
}

/// On the host's network, ports are those of the host.
fn host_ports(errors: &Errors, path: &Path<'_>, spec: &Value) {
    if !is_true(spec, "hostNetwork") {
        return;
    }
    for (i, container) in spec["containers"].items().iter().enumerate() {
        for (j, port) in container["ports"].items().iter().enumerate() {
            let number = |field: &str| port[field].as_i64().unwrap_or(0);
            if number("hostPort") != number("containerPort") {
                let at = path.child("containers");
                let at = at.index(i);
                let at = at.child("ports");
                let what = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&at.index(j).child("hostPort"), number("hostPort"), what);
            }
        }
    }
}

fn dns_config(errors: &Errors, path: &Path<'_>, config: &Value, policy: &str) {
    let servers = config["nameservers"].items();
    let at = path.child("nameservers");
    if policy == "None" {
        if config.is_null() {
            return errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        if servers.is_empty() {
            return errors.required(&at, "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
    }
    if servers.len() > MAX_NAMESERVERS {
        let what = format!("must not have more than {MAX_NAMESERVERS} nameservers");
        errors.invalid(&at, &config["nameservers"], what);
    }
    for (i, server) in servers.iter().enumerate() {
        syntax::ip(errors, &at.index(i), server.as_str().unwrap_or_default());
    }
    let searches: Vec<&str> = config["searches"].items().iter().filter_map(Value::as_str).collect();
    let at = path.child("searches");
    if searches.len() > MAX_SEARCHES {
        let what = format!("must not have more than {MAX_SEARCHES} search paths");
        errors.invalid(&at, &config["searches"], what);
    }
    if searches.join(" ").len() > MAX_SEARCH_CHARACTERS {
        let what =
            format!("must not have more than {MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list");
        errors.invalid(&at, &config["searches"], what);
    }
    for (i, search) in searches.iter().enumerate().filter(|(_, search)| **search != ".") {
        let search = search.strip_suffix('.').unwrap_or(search);
        errors.each(&at.index(i), search, syntax::subdomain_with_underscores(search));
    }
    for (i, option) in config["options"].items().iter().enumerate() {
        if text(option, "name").is_empty() {
            errors.required(&path.child("options").index(i), "must not be empty");
        }
    }
}

/// What does not go with users of its own.
fn own_users(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let what = "when `hostUsers` is false";
    for (field, named) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if is_true(spec, field) {
            errors.forbidden(&path.child(named), what);
        }
    }
    visit(spec, path, &mut |container, path| {
        if !container["volumeDevices"].items().is_empty() {
            errors.forbidden(&path.child("volumeDevices"), what);
        }
    });
}

fn hostname_override(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let Some(name) = spec["hostnameOverride"].as_str() else { return };
    let at = path.child("hostnameOverride");
    for field in ["setHostnameAsFQDN", "hostNetwork"] {
        if is_true(spec, field) {
            errors.forbidden(&at, &format!("may not be specified when {field} is true"));
        }
    }
    if name.len() > MAX_HOSTNAME {
        errors.too_long(&at, MAX_HOSTNAME);
    }
    errors.each(&at, name, names::dns1123_subdomain(name));
}

/// Single values that are names, numbers or words.
fn names_of(errors: &Errors, path: &Path<'_>, spec: &Value) {
    let name = |field: &str, check: fn(&str) -> Vec<String>| {
        let name = text(spec, field);
        if !name.is_empty() {
            errors.each(&path.child(field), name, check(name));
        }
    };
    name("serviceAccountName", names::dns1123_subdomain);
    name("nodeName", names::dns1123_subdomain);
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_i64() {
        errors.in_range(&path.child("activeDeadlineSeconds"), seconds, 1, i64::from(i32::MAX));
    }
    name("hostname", names::dns1123_label);
    name("subdomain", names::dns1123_label);
    scheduling::tolerations(errors, &path.child("tolerations"), spec["tolerations"].items());
    for (i, alias) in spec["hostAliases"].items().iter().enumerate() {
        let at = path.child("hostAliases");
        let at = at.index(i);
        syntax::ip(errors, &at.child("ip"), text(alias, "ip"));
        for (j, host) in alias["hostnames"].items().iter().enumerate() {
            let host = host.as_str().unwrap_or_default();
            errors.each(&at.child("hostnames").index(j), host, names::dns1123_subdomain(host));
        }
    }
    name("priorityClassName", names::dns1123_subdomain);
    if let Some(class) = spec["runtimeClassName"].as_str() {
        errors.each(&path.child("runtimeClassName"), class, names::dns1123_subdomain(class));
    }
    if let Some(policy) = spec["preemptionPolicy"].as_str() {
        errors.one_of(&path.child("preemptionPolicy"), policy, &["PreemptLowerPriority", "Never"]);
    }
}

/// Files with variables lie in volumes that begin empty.
fn files(errors: &Errors, path: &Path<'_>, spec: &Value) {
    visit(spec, path, &mut |container, path| {
        for (i, variable) in container["env"].items().iter().enumerate() {
            let source = &variable["valueFrom"]["fileKeyRef"];
            if source.is_null() {
                continue;
            }
            let name = text(source, "volumeName");
            let at = path.child("env");
            let at = at.index(i);
            let at = at.child("valueFrom");
            let at = at.child("fileKeyRef");
            let at = at.child("volumeName");
            match spec["volumes"].items().iter().rfind(|volume| text(volume, "name") == name) {
                None => errors.not_found(&at, name, ""),
                Some(volume) if volume["emptyDir"].is_null() => {
                    errors.invalid(&at, name, "referenced volume must be of type emptyDir");
                }
                Some(_) => {}
            }
        }
    });
}
