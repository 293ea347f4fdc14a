//! The priority of a pod, from its PriorityClass.

use super::Context;
use crate::admission::refused::Refused;
use crate::go::json::Value;
use crate::k8s::schema;

const KIND: &str = "PriorityClass";

/// The classes that every server makes.
const SYSTEM: [(&str, i64); 2] = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

const PREEMPT: &str = "PreemptLowerPriority";

struct Class {
    name: String,
    value: i64,
    policy: String,
}

impl Class {
    fn read(object: &Value) -> Class {
        Class {
            name: object["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
            value: object["value"].as_i64().unwrap_or(0),
            policy: object["preemptionPolicy"].as_str().unwrap_or(PREEMPT).to_owned(),
        }
    }
}

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    if context.is_pod(&["UPDATE"]) {
        keep(pod, &context.request.old_object);
        return Ok(());
    }
    if !context.is_pod(&["CREATE"]) {
        return Ok(());
    }
    let spec = &pod["spec"];
    let class = match spec["priorityClassName"].as_str().unwrap_or_default() {
        "" => default_class(context),
        name => match class(context, name) {
            Some(class) => class,
            None if context.cluster.objects.is_silent_about(KIND) => return Ok(()),
            None => return Err(context.forbidden(pod, &format!("no PriorityClass with name {name} was found"))),
        },
    };
    let computed = "must not be provided in pod spec; priority admission controller computed";
    if let Some(own) = spec["priority"].as_i64().filter(|own| *own != class.value) {
        let why = format!(
            "the integer value of priority ({own}) {computed} {} from the given PriorityClass name",
            class.value
        );
        return Err(context.forbidden(pod, &why));
    }
    if let Some(own) = spec["preemptionPolicy"].as_str().filter(|own| *own != class.policy) {
        let why = format!(
            "the string value of PreemptionPolicy ({own}) {computed} {} from the given PriorityClass name",
            class.policy
        );
        return Err(context.forbidden(pod, &why));
    }
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        if !class.name.is_empty() && spec.get("priorityClassName").and_then(Value::as_str) != Some(&class.name) {
            schema::POD_SPEC.set(spec, "priorityClassName", class.name);
        }
        schema::POD_SPEC.set(spec, "priority", class.value);
        schema::POD_SPEC.set(spec, "preemptionPolicy", class.policy);
    }
    Ok(())
}

fn class(context: &Context<'_>, name: &str) -> Option<Class> {
    if let Some(object) = context.cluster.objects.get(KIND, "", name) {
        return Some(Class::read(object));
    }
    let (name, value) = SYSTEM.iter().find(|(system, _)| *system == name)?;
    Some(Class { name: (*name).to_owned(), value: *value, policy: PREEMPT.to_owned() })
}

/// The class of pods that name none: the lowest of those marked as default.
fn default_class(context: &Context<'_>) -> Class {
    let classes = context.cluster.objects.list(KIND, "").filter(|c| c["globalDefault"].as_bool() == Some(true));
    classes.map(Class::read).min_by_key(|class| class.value).unwrap_or(Class {
        name: String::new(),
        value: 0,
        policy: PREEMPT.to_owned(),
    })
}

/// An update does not lose what the creation set.
fn keep(pod: &mut Value, old: &Value) {
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return };
    for field in ["priority", "preemptionPolicy"] {
        if !spec.contains_key(field)
            && let Some(value) = old["spec"].get(field)
        {
            schema::POD_SPEC.set(spec, field, value.clone());
        }
    }
}
