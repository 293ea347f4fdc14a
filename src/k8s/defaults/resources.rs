use crate::go::json::{Object, Value};
use crate::k8s::quantity::Quantity;
use crate::k8s::resources::{Resources, allows_overcommit, is_huge_page, is_pod_level, of_containers};
use crate::k8s::schema;

/// Quantities finer than thousandths are rounded up to them.
const SCALE: i32 = -3;

/// Rounds a list of resources.
pub(super) fn round(list: Option<&mut Value>) {
    for (_, value) in list.and_then(Value::as_object_mut).into_iter().flat_map(Object::iter_mut) {
        let Some(text) = value.as_str() else { continue };
        // Only these spellings can be finer: canonical quantities have no fractions.
        if (text.ends_with(['n', 'u']) || text.contains("e-"))
            && let Ok(quantity) = Quantity::parse(text)
        {
            *value = quantity.round_up(SCALE).to_string().into();
        }
    }
}

/// Rounds `limits` and `requests`.
pub(super) fn round_requirements(requirements: Option<&mut Value>) {
    if let Some(requirements) = requirements {
        round(requirements.get_mut("limits"));
        round(requirements.get_mut("requests"));
    }
}

/// What a container limits it also asks for, unless it says otherwise.
pub(super) fn requests_from_limits(container: &mut Value) {
    let Some(requirements) = container.get_mut("resources").and_then(Value::as_object_mut) else { return };
    let Some(limits) = requirements.get("limits").and_then(Value::as_object) else { return };
    let requests = requirements.get("requests").and_then(Value::as_object);
    let missing: Vec<_> = limits
        .iter()
        .filter(|(name, _)| !requests.is_some_and(|r| r.contains_key(name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !missing.is_empty() {
        let requests = schema::RESOURCE_REQUIREMENTS.entry(requirements, "requests");
        for (name, value) in missing {
            *requests.entry(&name) = value;
        }
        if let Some(requests) = requests.as_object_mut() {
            requests.sort();
        }
    }
}

/// What a pod limits or asks for as a whole, completed by what its containers say.
pub(super) fn pod_level(spec: &mut Object) {
    let Some(own) = spec.get("resources").filter(|own| own.as_object().is_some()) else { return };
    let (mut limits, mut requests) = (Resources::read(&own["limits"]), Resources::read(&own["requests"]));
    if limits.0.is_empty() && requests.0.is_empty() {
        return;
    }
    for (name, quantity) in of_containers(spec, "limits").0 {
        if is_huge_page(&name) && !requests.0.contains_key(&name) {
            limits.0.entry(name).or_insert(quantity);
        }
    }
    if !limits.0.is_empty() {
        for (name, quantity) in of_containers(spec, "requests").0 {
            if is_pod_level(&name) && allows_overcommit(&name) {
                requests.0.entry(name).or_insert(quantity);
            }
        }
        for (name, quantity) in &limits.0 {
            if is_pod_level(name) {
                requests.0.entry(name.clone()).or_insert_with(|| quantity.clone());
            }
        }
    }
    let Some(own) = spec.get_mut("resources").and_then(Value::as_object_mut) else { return };
    for (member, list) in [("limits", limits), ("requests", requests)] {
        if !list.0.is_empty() {
            schema::RESOURCE_REQUIREMENTS.set(own, member, list.to_value());
        }
    }
}
