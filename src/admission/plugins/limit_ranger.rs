//! Default requests and limits of a namespace, and what it allows at least and at most.

use super::{CONTAINERS, Context, Notes, aggregate};
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};
use crate::k8s::quantity::Quantity;
use crate::k8s::resources::{self, Resources};
use crate::k8s::schema;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE"]) {
        return Ok(());
    }
    for range in context.cluster.objects.list("LimitRange", &context.request.namespace) {
        set_defaults(range, pod);
    }
    Ok(())
}

pub(super) fn validate(context: &Context<'_>, pod: &Value, _: &mut Notes) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE"]) && !context.is_pod_with("resize", &["UPDATE"]) {
        return Ok(());
    }
    for range in context.cluster.objects.list("LimitRange", &context.request.namespace) {
        let complaints = complaints(range, pod);
        if !complaints.is_empty() {
            return Err(context.forbidden(pod, &aggregate(complaints)));
        }
    }
    Ok(())
}

/// Default requests and limits of an item for containers, completed as the server completes LimitRanges when it stores
/// them: limits from the most that is allowed, requests from limits, then from the least.
fn completed(item: &Value) -> (Resources, Resources) {
    let read = |member: &str| Resources::read(&item[member]);
    let complete = |list: &mut Resources, from: &Resources| {
        for (name, quantity) in &from.0 {
            list.0.entry(name.clone()).or_insert_with(|| quantity.clone());
        }
    };
    let (mut requests, mut limits) = (read("defaultRequest"), read("default"));
    complete(&mut limits, &read("max"));
    complete(&mut requests, &limits);
    complete(&mut requests, &read("min"));
    (requests, limits)
}

fn items<'a>(range: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    range["spec"]["limits"].items().iter().filter(move |item| item["type"].as_str() == Some(kind))
}

fn set_defaults(range: &Value, pod: &mut Value) {
    let (mut requests, mut limits) = (Resources::default(), Resources::default());
    for item in items(range, "Container") {
        let (more_requests, more_limits) = completed(item);
        requests.0.extend(more_requests.0);
        limits.0.extend(more_limits.0);
    }
    let mut said = Vec::new();
    for (list, what) in [("containers", "container"), ("initContainers", "init container")] {
        let containers = pod.get_mut("spec").and_then(|spec| spec.get_mut(list)).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let own = schema::CONTAINER.entry(container, "resources");
            if own.is_null() {
                *own = Value::object();
            }
            let Some(own) = own.as_object_mut() else { continue };
            for (member, defaults) in [("requests", &requests), ("limits", &limits)] {
                let missing = add_missing(own, member, defaults);
                if !missing.is_empty() {
                    let member = member.trim_end_matches('s');
                    said.push(format!("{} {member} for {what} {name}", missing.join(", ")));
                }
            }
        }
    }
    if !said.is_empty() {
        let text = format!("LimitRanger plugin set: {}", said.join("; "));
        annotate(pod, ANNOTATION, text);
    }
}

/// Adds the quantities that a container lacks and names them.
fn add_missing(own: &mut Object, member: &'static str, defaults: &Resources) -> Vec<String> {
    let present = own.get(member).and_then(Value::as_object);
    let is_missing = |name: &str| !present.is_some_and(|list| list.contains_key(name));
    let missing: Vec<String> = defaults.0.keys().filter(|name| is_missing(name)).cloned().collect();
    if !missing.is_empty() {
        let list = schema::RESOURCE_REQUIREMENTS.entry(own, member);
        for name in &missing {
            *list.entry(name) = defaults.0[name].to_string().into();
        }
        if let Some(list) = list.as_object_mut() {
            list.sort();
        }
    }
    missing
}

/// Sets an annotation of a pod.
fn annotate(pod: &mut Value, key: &str, value: String) {
    let Some(metadata) = pod.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let annotations = schema::OBJECT_META.entry(metadata, "annotations");
    *annotations.entry(key) = value.into();
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.sort();
    }
}

fn complaints(range: &Value, pod: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for item in range["spec"]["limits"].items() {
        match item["type"].as_str() {
            Some("Container") => {
                for (_, _, container) in super::containers(pod, CONTAINERS) {
                    let read = |member: &str| Resources::read(&container["resources"][member]);
                    judge(item, "Container", &read("requests"), &read("limits"), &mut complaints);
                }
            }
            Some("Pod") => {
                let Some(spec) = pod["spec"].as_object() else { continue };
                let of_pod = |member: &str| {
                    let mut all = resources::of_containers(spec, member);
                    let own = spec.get("resources").map(|own| Resources::read(&own[member])).unwrap_or_default();
                    all.0.extend(own.0.into_iter().filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory")));
                    all
                };
                judge(item, "Pod", &of_pod("requests"), &of_pod("limits"), &mut complaints);
            }
            _ => {}
        }
    }
    complaints
}

fn judge(item: &Value, kind: &str, requests: &Resources, limits: &Resources, complaints: &mut Vec<String>) {
    for (name, least) in Resources::read(&item["min"]).0 {
        let start = format!("minimum {name} usage per {kind} is {least}");
        match (requests.0.get(&name), limits.0.get(&name)) {
            (None, _) => complaints.push(format!("{start}.  No request is specified")),
            (Some(request), _) if compare(request, &least).is_lt() => {
                complaints.push(format!("{start}, but request is {request}"));
            }
            (_, Some(limit)) if compare(limit, &least).is_lt() => {
                complaints.push(format!("{start}, but limit is {limit}"));
            }
            _ => {}
        }
    }
    for (name, most) in Resources::read(&item["max"]).0 {
        let start = format!("maximum {name} usage per {kind} is {most}");
        match (limits.0.get(&name), requests.0.get(&name)) {
            (None, _) => complaints.push(format!("{start}.  No limit is specified")),
            (Some(limit), _) if compare(limit, &most).is_gt() => {
                complaints.push(format!("{start}, but limit is {limit}"));
            }
            (_, Some(request)) if compare(request, &most).is_gt() => {
                complaints.push(format!("{start}, but request is {request}"));
            }
            _ => {}
        }
    }
    for (name, most) in Resources::read(&item["maxLimitRequestRatio"]).0 {
        let start = format!("{name} max limit to request ratio per {kind} is {most}, but");
        let some = |list: &Resources| list.0.get(&name).filter(|q| !q.is_zero()).map(thousandths);
        match (some(requests), some(limits)) {
            (None, _) => complaints.push(format!("{start} no request is specified or request is 0")),
            (_, None) => complaints.push(format!("{start} no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                let ratio = limit / request;
                if ratio * 1000.0 > thousandths(&most) {
                    complaints.push(format!("{start} provided ratio is {ratio:.6}"));
                }
            }
        }
    }
}

/// Compares to a thousandth.
fn compare(a: &Quantity, b: &Quantity) -> std::cmp::Ordering {
    a.round_up(-3).compare(&b.round_up(-3))
}

fn thousandths(quantity: &Quantity) -> f64 {
    quantity.scaled(-3).parse().unwrap_or(f64::MAX)
}
