//! What a RuntimeClass adds to its pods: overhead, nodes, tolerations.

use super::{Context, Notes};
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::k8s::resources::Resources;
use crate::k8s::schema;

const KIND: &str = "RuntimeClass";
const MISMATCH: &str = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    let Some(class) = class(context, pod)? else { return Ok(()) };
    if !class["overhead"].is_null() {
        let fixed = &class["overhead"]["podFixed"];
        let own = Resources::read(&pod["spec"]["overhead"]);
        if !own.0.is_empty() && !is_equal(&own, &Resources::read(fixed)) {
            return Err(context.forbidden(pod, MISMATCH));
        }
        if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut)
            && fixed.as_object().is_some_and(|list| !list.is_empty())
        {
            schema::POD_SPEC.set(spec, "overhead", Resources::read(fixed).to_value());
        }
    }
    if !class["scheduling"].is_null() {
        let scheduling = &class["scheduling"];
        if let Some(why) = conflict(pod, &scheduling["nodeSelector"]) {
            return Err(context.forbidden(pod, &why));
        }
        if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
            schedule(spec, scheduling);
        }
    }
    Ok(())
}

pub(super) fn validate(context: &Context<'_>, pod: &Value, _: &mut Notes) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE"]) {
        return Ok(());
    }
    let class = class(context, pod)?;
    let own = pod["spec"].get("overhead");
    match class.map(|class| &class["overhead"]).filter(|overhead| !overhead.is_null()) {
        Some(overhead) => {
            let fixed = Resources::read(&overhead["podFixed"]);
            if !is_equal(&own.map(Resources::read).unwrap_or_default(), &fixed) {
                return Err(context.forbidden(pod, MISMATCH));
            }
        }
        None if own.is_some() && !is_unknown(context, pod) => {
            let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
            return Err(context.forbidden(pod, why));
        }
        None => {}
    }
    Ok(())
}

/// True for a pod of a class of which the situation says nothing.
fn is_unknown(context: &Context<'_>, pod: &Value) -> bool {
    context.cluster.objects.is_silent_about(KIND) && !pod["spec"]["runtimeClassName"].is_null()
}

fn class<'a>(context: &Context<'a>, pod: &Value) -> Result<Option<&'a Value>, Refused> {
    if !context.is_pod(&["CREATE"]) {
        return Ok(None);
    }
    let Some(name) = pod["spec"]["runtimeClassName"].as_str() else { return Ok(None) };
    if name.is_empty() {
        return Err(Refused::new(500, "", "resource name may not be empty", "plugin-refused"));
    }
    match context.cluster.objects.get(KIND, "", name) {
        Some(class) => Ok(Some(class)),
        None if context.cluster.objects.is_silent_about(KIND) => Ok(None),
        None => Err(context.forbidden(pod, &format!("pod rejected: RuntimeClass {} not found", quote(name)))),
    }
}

fn is_equal(a: &Resources, b: &Resources) -> bool {
    a.0.len() == b.0.len() && a.0.iter().zip(&b.0).all(|(a, b)| a.0 == b.0 && a.1.compare(b.1).is_eq())
}

/// A label of the class's nodes that the pod wants otherwise.
fn conflict(pod: &Value, selector: &Value) -> Option<String> {
    let own = &pod["spec"]["nodeSelector"];
    let mut members = selector.as_object()?.iter();
    members.find_map(|(key, value)| {
        let (theirs, own) = (value.as_str()?, own[key.as_str()].as_str()?);
        (theirs != own).then(|| {
            format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {theirs}; pod.spec.nodeSelector[{key}] = {own}"
            )
        })
    })
}

fn schedule(spec: &mut Object, scheduling: &Value) {
    if let Some(theirs) = scheduling["nodeSelector"].as_object().filter(|members| !members.is_empty()) {
        let own = schema::POD_SPEC.entry(spec, "nodeSelector");
        for (key, value) in theirs {
            *own.entry(key) = value.clone();
        }
        if let Some(own) = own.as_object_mut() {
            own.sort();
        }
    }
    let own = spec.get("tolerations").map_or(&[][..], Value::items);
    let merged = merged(own, scheduling["tolerations"].items());
    if !merged.is_empty() {
        schema::POD_SPEC.set(spec, "tolerations", merged);
    }
}

/// Both lists of tolerations without those that another one covers.
fn merged(first: &[Value], second: &[Value]) -> Vec<Value> {
    let all: Vec<&Value> = first.iter().chain(second).collect();
    let mut merged: Vec<Value> = Vec::new();
    for (i, toleration) in all.iter().enumerate() {
        let is_covered = merged.iter().any(|kept| covers(kept, toleration))
            || all[i + 1..].iter().any(|later| later != toleration && covers(later, toleration));
        if !is_covered {
            merged.push((*toleration).clone());
        }
    }
    merged
}

/// True where `a` tolerates all that `b` does.
fn covers(a: &Value, b: &Value) -> bool {
    let text = |toleration: &Value, key: &str| toleration[key].as_str().unwrap_or_default().to_owned();
    let (operator, effect) = (text(a, "operator"), text(a, "effect"));
    if a == b {
        return true;
    }
    let any_key = text(a, "key").is_empty() && operator == "Exists";
    if (text(a, "key") != text(b, "key") && !any_key) || (!effect.is_empty() && text(b, "effect") != effect) {
        return false;
    }
    if effect == "NoExecute"
        && let Some(most) = a["tolerationSeconds"].as_i64()
        && b["tolerationSeconds"].as_i64().is_none_or(|seconds| seconds > most)
    {
        return false;
    }
    match operator.as_str() {
        "Exists" => true,
        "Equal" | "" => text(b, "operator") == "Equal" && text(a, "value") == text(b, "value"),
        _ => false,
    }
}
