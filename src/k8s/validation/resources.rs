//! Requests, limits and claims of containers and pods.

use std::collections::BTreeSet;

use super::error::{Errors, Path, Typed, text};
use crate::go::json::{Object, Value};
use crate::k8s::names;
use crate::k8s::quantity::Quantity;
use crate::k8s::resources::{self, Resources, allows_overcommit, is_huge_page, is_native, is_pod_level};

const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Whose resources they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A container, or the overhead of a pod.
    Container,
    /// A pod as a whole.
    Pod,
}

/// Requests, limits and claims; `claims` are the names that the pod has.
pub fn validate(errors: &Errors, path: &Path<'_>, own: &Value, owner: Owner, claims: &BTreeSet<&str>) {
    requirements(errors, path, &own["limits"], &own["requests"], owner);
    claim_names(errors, &path.child("claims"), own["claims"].items(), claims);
}

/// The quantities of a list that is no list of requirements by itself, such as the overhead.
pub fn limits(errors: &Errors, path: &Path<'_>, limits: &Value) {
    requirements(errors, path, limits, &Value::Null, Owner::Container);
}

fn quantities(list: &Value) -> impl Iterator<Item = (&str, Quantity)> {
    let members = list.as_object().into_iter().flat_map(Object::iter);
    members.filter_map(|(name, value)| Some((name.as_str(), Quantity::parse(value.as_str()?).ok()?)))
}

fn requirements(errors: &Errors, path: &Path<'_>, limits: &Value, requests: &Value, owner: Owner) {
    let (limits_path, requests_path) = (path.child("limits"), path.child("requests"));
    let limited = Resources::read(limits);
    let mut has_huge_pages = false;
    let mut has_compute = false;
    let mut look = |list_path: &Path<'_>, name: &str, quantity: &Quantity| {
        let at = list_path.key(name);
        resource_name(errors, &at, name, owner);
        quantity_of(errors, &at, name, quantity);
        has_huge_pages |= is_huge_page(name);
        has_compute |= matches!(name, "cpu" | "memory");
    };
    let pages = |list_path: &Path<'_>, name: &str, quantity: &Quantity| {
        if is_huge_page(name) && !is_multiple_of_page(name, quantity) {
            let shown = quantity.to_string();
            let what = format!("{shown} is not positive integer multiple of {name}");
            errors.invalid(&list_path.key(name), &shown, what);
        }
    };
    for (name, quantity) in quantities(limits) {
        look(&limits_path, name, &quantity);
        pages(&limits_path, name, &quantity);
    }
    for (name, quantity) in quantities(requests) {
        look(&requests_path, name, &quantity);
        let shown = quantity.to_string();
        match limited.0.get(name) {
            Some(limit) if !allows_overcommit(name) && quantity.compare(limit).is_ne() => {
                errors.invalid(&requests_path, &shown, format!("must be equal to {name} limit of {limit}"));
            }
            Some(limit) if quantity.compare(limit).is_gt() => {
                errors.invalid(
                    &requests_path,
                    &shown,
                    format!("must be less than or equal to {name} limit of {limit}"),
                );
            }
            None if !allows_overcommit(name) => {
                errors.required(&limits_path, "Limit must be set for non overcommitable resources");
            }
            _ => {}
        }
        pages(&requests_path, name, &quantity);
    }
    if has_huge_pages && !has_compute {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
}

fn resource_name(errors: &Errors, path: &Path<'_>, name: &str, owner: Owner) {
    let before = errors.len();
    errors.each_typed(path, name, names::qualified_name(name));
    let has_domain = name.contains('/');
    if errors.len() == before && !has_domain && !resources::is_standard(name) {
        errors.invalid(path, Typed(name), "must be a standard resource type or fully qualified");
    }
    match owner {
        Owner::Pod => {
            if errors.len() == before && !is_pod_level(name) {
                errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
            }
        }
        Owner::Container if !has_domain => {
            if !OF_CONTAINERS.contains(&name) && !is_huge_page(name) {
                errors.invalid(path, Typed(name), "must be a standard resource for containers");
            }
        }
        Owner::Container => {
            if !is_native(name) && !is_extended(name) {
                errors.invalid(path, Typed(name), "doesn't follow extended resource name standard");
            }
        }
    }
}

/// True for names in another domain, also with the prefix that quotas give them.
fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// A quantity of a resource: not negative, and whole where it is counted.
pub fn quantity_of(errors: &Errors, path: &Path<'_>, name: &str, quantity: &Quantity) {
    let shown = quantity.to_string();
    if quantity.sign() < 0 {
        errors.invalid(path, &shown, "must be greater than or equal to 0");
    }
    if (resources::OBJECTS.contains(&name) || is_extended(name)) && is_fractional(quantity) {
        errors.invalid(path, &shown, "must be an integer");
    }
}

/// True where thousandths are left over.
pub fn is_fractional(quantity: &Quantity) -> bool {
    let thousandths = quantity.scaled(-3);
    thousandths != "0" && !thousandths.ends_with("000")
}

/// True for a whole number of pages of the size in the resource's name.
fn is_multiple_of_page(name: &str, quantity: &Quantity) -> bool {
    let size = name.strip_prefix("hugepages-").and_then(|size| Quantity::parse(size).ok());
    let bytes = |quantity: &Quantity| quantity.scaled(0).parse::<i128>().ok();
    match (size.as_ref().filter(|size| !is_fractional(size)).and_then(bytes), bytes(quantity)) {
        (Some(size), Some(bytes)) if size > 0 => bytes % size == 0,
        _ => false,
    }
}

fn claim_names(errors: &Errors, path: &Path<'_>, own: &[Value], claims: &BTreeSet<&str>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (i, claim) in own.iter().enumerate() {
        let at = path.index(i);
        let (name, request) = (text(claim, "name"), text(claim, "request"));
        if name.is_empty() {
            errors.required(&at, "");
            continue;
        }
        if seen.contains(name) {
            errors.duplicate(&at, name);
        } else {
            let mut key = name.to_owned();
            if !request.is_empty() {
                errors.each(&at.child("request"), request, names::dns1123_label(request));
                key = format!("{name}/{request}");
            }
            if seen.contains(&key) {
                errors.duplicate(&at, &key);
            } else if request.is_empty() {
                // A request of the claim was named before; the whole claim overlaps with it.
                for _ in seen.iter().filter(|seen| seen.split_once('/').is_some_and(|(claim, _)| claim == name)) {
                    errors.duplicate(&at, name);
                }
            }
            seen.insert(key);
        }
        if !claims.contains(name) {
            let all: Vec<&str> = claims.iter().copied().collect();
            let end = if all.is_empty() { " which is empty".to_owned() } else { format!(": {}", all.join(", ")) };
            errors.not_found(&at, name, &format!("must be one of the names in pod.spec.resourceClaims{end}"));
        }
    }
}

/// The resources of a pod as a whole, and how they fit those of its containers.
pub fn pod(errors: &Errors, path: &Path<'_>, spec: &Value, claims: &BTreeSet<&str>) {
    let own = &spec["resources"];
    if own.is_null() {
        return;
    }
    if spec["os"]["name"].as_str() == Some("windows") {
        return errors.forbidden(path, "may not be set for a windows pod");
    }
    if !own["claims"].items().is_empty() {
        errors.forbidden(&path.child("claims"), "claims may not be set for Resources at pod-level");
    }
    validate(errors, path, own, Owner::Pod, claims);
    let Some(members) = spec.as_object() else { return };
    let (limits, requests) = (Resources::read(&own["limits"]), Resources::read(&own["requests"]));
    let too_little = |list: &str, whole: &Resources, parts: &Resources, pages_only: bool| {
        for (name, part) in parts.0.iter().filter(|(name, _)| !pages_only || is_huge_page(name)) {
            if let Some(whole) = whole.0.get(name).filter(|whole| part.compare(whole).is_gt()) {
                let what = format!("must be greater than or equal to aggregate container {list} of {part}");
                errors.invalid(&path.child(list).key(name), &whole.to_string(), what);
            }
        }
    };
    too_little("requests", &requests, &resources::of_containers(members, "requests"), false);
    too_little("limits", &limits, &resources::of_containers(members, "limits"), true);
    for (i, container) in spec["containers"].items().iter().enumerate() {
        for (name, limit) in Resources::read(&container["resources"]["limits"]).0 {
            if let Some(most) = limits.0.get(&name).filter(|most| limit.compare(most).is_gt()) {
                let at = path.child("containers");
                let at = at.index(i);
                let at = at.key(&name);
                let what = format!("must be less than or equal to pod limits of {most}");
                errors.invalid(&at.child("limits"), &limit.to_string(), what);
            }
        }
    }
}
