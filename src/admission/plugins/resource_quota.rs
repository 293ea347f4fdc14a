//! What a namespace may use in all.

use std::collections::{BTreeMap, BTreeSet};

use super::{CONTAINERS, Context, Notes};
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};
use crate::k8s::quantity::Quantity;
use crate::k8s::resources::{COMPUTE, Resources, is_huge_page, is_native, is_pod_level, of_pod};
use crate::k8s::{names, qos};

/// What every container has to say where it is limited.
const DEMANDED: [&str; 6] = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// The prefix of resources that are made of device classes.
const DEVICE_CLASS: &str = "deviceclass.resource.kubernetes.io/";

pub(super) fn validate(context: &Context<'_>, pod: &Value, _: &mut Notes) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE"]) {
        return Ok(());
    }
    let Some(spec) = pod["spec"].as_object() else { return Ok(()) };
    let quotas = context.cluster.objects.list("ResourceQuota", &context.request.namespace);
    let mut matching = Vec::new();
    for quota in quotas {
        let hard = Resources::read(&quota["status"]["hard"]);
        let limited: BTreeSet<&str> = hard.0.keys().map(String::as_str).filter(|name| is_counted(name)).collect();
        if limited.is_empty() || !scopes(quota).all(|scope| in_scope(pod, &scope)) {
            continue;
        }
        let name = quota["metadata"]["name"].as_str().unwrap_or_default();
        if let Some(missing) = missing(pod, &limited) {
            return Err(context.forbidden(pod, &format!("failed quota: {name}: {missing}")));
        }
        let used = Resources::read(&quota["status"]["used"]);
        if !limited.iter().all(|name| used.0.contains_key(*name)) {
            let limited: Vec<&str> = limited.into_iter().collect();
            let why = format!("status unknown for quota: {name}, resources: {}", limited.join(","));
            return Err(context.forbidden(pod, &why));
        }
        matching.push((name, hard, used));
    }
    if matching.is_empty() {
        return Ok(());
    }
    let mut usage = usage(&of_pod(spec, "requests"), &of_pod(spec, "limits"));
    usage.0.insert("count/pods".into(), one());
    let negative: Vec<&str> = usage.0.iter().filter(|(_, q)| q.sign() < 0).map(|(name, _)| name.as_str()).collect();
    if !negative.is_empty() {
        let why = format!("quota usage is negative for resource(s): {}", negative.join(","));
        return Err(context.forbidden(pod, &why));
    }
    usage.0.retain(|_, quantity| !quantity.is_zero());
    for (name, hard, used) in matching {
        let exceeds = |resource: &String| {
            let (Some(more), Some(most)) = (usage.0.get(resource), hard.0.get(resource)) else { return false };
            let sum = used.0.get(resource).map_or_else(|| more.clone(), |used| used.plus(more));
            sum.compare(most).is_gt()
        };
        let exceeded: Vec<&String> = hard.0.keys().filter(|resource| exceeds(resource)).collect();
        if !exceeded.is_empty() {
            let list = |of: &Resources| {
                let parts = exceeded.iter().filter_map(|name| Some(format!("{name}={}", of.0.get(*name)?)));
                parts.collect::<Vec<_>>().join(",")
            };
            let why = format!(
                "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
                list(&usage),
                list(&used),
                list(&hard)
            );
            return Err(context.forbidden(pod, &why));
        }
    }
    Ok(())
}

fn one() -> Quantity {
    Quantity::parse("1").unwrap_or_else(|_| unreachable!("a number"))
}

/// True for resources of quotas that pods use up.
fn is_counted(name: &str) -> bool {
    let request = name.strip_prefix("requests.");
    matches!(name, "pods" | "count/pods")
        || COMPUTE.contains(&name)
        || is_huge_page(name)
        || request.is_some_and(|rest| is_huge_page(rest) || !is_native(name) || rest.starts_with(DEVICE_CLASS))
}

/// What requests and limits use up of a quota.
fn usage(requests: &Resources, limits: &Resources) -> Resources {
    let mut used = Resources::default();
    used.0.insert("pods".into(), one());
    for name in ["cpu", "memory", "ephemeral-storage"] {
        if let Some(request) = requests.0.get(name) {
            used.0.insert(name.into(), request.clone());
            used.0.insert(format!("requests.{name}"), request.clone());
        }
        if let Some(limit) = limits.0.get(name) {
            used.0.insert(format!("limits.{name}"), limit.clone());
        }
    }
    for (name, request) in &requests.0 {
        if is_huge_page(name) {
            used.0.insert(name.clone(), request.clone());
        }
        if is_huge_page(name) || is_extended(name) {
            used.0.insert(format!("requests.{name}"), request.clone());
        }
    }
    used
}

/// True for resources that are not Kubernetes' own.
fn is_extended(name: &str) -> bool {
    name.starts_with(DEVICE_CLASS)
        || (!is_native(name)
            && !name.starts_with("requests.")
            && names::qualified_name(&format!("requests.{name}")).is_empty())
}

/// The complaint about containers that do not say what they need of limited resources.
fn missing(pod: &Value, limited: &BTreeSet<&str>) -> Option<String> {
    let own = &pod["spec"]["resources"];
    let says = |member: &str| own[member].as_object().is_some_and(|list| list.keys().any(|name| is_pod_level(name)));
    if says("requests") || says("limits") {
        return None;
    }
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, _, container) in super::containers(pod, CONTAINERS) {
        let read = |member: &str| Resources::read(&container["resources"][member]);
        let said = usage(&read("requests"), &read("limits"));
        for name in limited.iter().filter(|name| DEMANDED.contains(name) && !said.0.contains_key(**name)) {
            missing.entry(name).or_default().insert(container["name"].as_str().unwrap_or_default());
        }
    }
    if missing.is_empty() {
        return None;
    }
    let parts = missing
        .into_iter()
        .map(|(resource, names)| format!("{resource} for: {}", names.into_iter().collect::<Vec<_>>().join(",")));
    Some(format!("must specify {}", parts.collect::<Vec<_>>().join("; ")))
}

/// The scopes of a quota as requirements.
fn scopes(quota: &Value) -> impl Iterator<Item = Value> {
    let plain = quota["spec"]["scopes"].items().iter().map(|name| {
        let members = [("scopeName", name.clone()), ("operator", Value::from("Exists"))];
        Value::Object(members.into_iter().collect::<Object>())
    });
    plain.chain(quota["spec"]["scopeSelector"]["matchExpressions"].items().iter().cloned())
}

fn in_scope(pod: &Value, scope: &Value) -> bool {
    let spec = &pod["spec"];
    let ends = spec["activeDeadlineSeconds"].as_i64().is_some_and(|seconds| seconds >= 0);
    let best_effort = || match pod["status"]["qosClass"].as_str() {
        None | Some("") => qos::class(pod) == "BestEffort",
        Some(class) => class == "BestEffort",
    };
    match scope["scopeName"].as_str() {
        Some("Terminating") => ends,
        Some("NotTerminating") => !ends,
        Some("BestEffort") => best_effort(),
        Some("NotBestEffort") => !best_effort(),
        Some("PriorityClass") => {
            let class = spec["priorityClassName"].as_str().filter(|name| !name.is_empty());
            let listed = scope["values"].items().iter().any(|value| value.as_str() == class && class.is_some());
            match scope["operator"].as_str() {
                Some("Exists") => class.is_some(),
                Some("DoesNotExist") => class.is_none(),
                Some("In") => listed,
                Some("NotIn") => !listed,
                _ => false,
            }
        }
        Some("CrossNamespacePodAffinity") => {
            let affinity = &spec["affinity"];
            ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
                let required = affinity[*kind]["requiredDuringSchedulingIgnoredDuringExecution"].items().iter();
                let preferred = affinity[*kind]["preferredDuringSchedulingIgnoredDuringExecution"].items().iter();
                required
                    .chain(preferred.map(|term| &term["podAffinityTerm"]))
                    .any(|term| !term["namespaces"].items().is_empty() || !term["namespaceSelector"].is_null())
            })
        }
        _ => false,
    }
}
