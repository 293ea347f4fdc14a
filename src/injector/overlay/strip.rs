use std::borrow::Cow;

use crate::go::json::{self, Value};
use crate::injector::pod::{self, List};
use crate::injector::post;
use crate::injector::release::Switches;
use crate::k8s::decode;
use crate::k8s::schema::{self, Api};

/// The pod as templates see it: without what an earlier injection brought (by its status annotation), and with the
/// user's own containers from the overrides annotation back in. A pod that was never injected is borrowed as it is.
///
/// Errors: an overrides annotation that does not decode (Go's text).
pub(super) fn strip<'a>(pod: &'a Value, agent_port: i64, switches: &Switches) -> Result<Cow<'a, Value>, String> {
    let mut stripped = match pod::annotation(pod, pod::STATUS_ANNOTATION).and_then(status) {
        Some(status) => Cow::Owned(without_injected(pod.clone(), &status, agent_port, switches)),
        None => Cow::Borrowed(pod),
    };
    if let Some(overrides) = overrides(pod, "podOverrides", switches.kubernetes)? {
        for (list, containers) in overrides {
            for container in containers {
                if pod::find(pod::containers(&stripped, list), pod::name(&container)).is_none() {
                    pod::containers_mut(stripped.to_mut(), list).push(container);
                }
            }
        }
    }
    Ok(stripped)
}

fn without_injected(mut pod: Value, status: &Value, agent_port: i64, switches: &Switches) -> Value {
    for list in List::BOTH {
        for name in status[list.key()].items().iter().filter_map(Value::as_str) {
            pod::containers_mut(&mut pod, list).retain(|c| pod::name(c) != name);
        }
        // Go prints no empty list of init containers.
        if list == List::InitContainers
            && pod::containers(&pod, list).is_empty()
            && let Value::Object(spec) = pod.entry("spec")
        {
            spec.remove(list.key());
        }
    }
    if post::prometheus_port(&pod, switches).is_some_and(|port| port == agent_port.to_string()) {
        post::clear_prometheus(&mut pod, switches);
    }
    if let Some(Value::Object(annotations)) = pod.entry("metadata").get_mut("annotations") {
        annotations.remove(pod::STATUS_ANNOTATION);
    }
    pod
}

/// The status annotation, if it decodes: lists of strings, a string revision.
fn status(text: &str) -> Option<Value> {
    let status = json::parse(text).ok()?;
    let strings =
        |v: &Value| v.is_null() || v.as_array().is_some_and(|a| a.iter().all(|s| s.is_null() || s.as_str().is_some()));
    let lists = ["initContainers", "containers", "volumes", "imagePullSecrets"];
    let valid = matches!(status, Value::Null | Value::Object(_))
        && lists.iter().all(|list| strings(&status[*list]))
        && matches!(status["revision"], Value::Null | Value::String(_));
    valid.then_some(status)
}

/// Containers by the list in which they belong.
pub(super) type Overrides = Vec<(List, Vec<Value>)>;

/// The containers of the overrides annotation by list; `None` without the annotation. `ty` is the Go type that error
/// texts name.
pub(super) fn overrides(pod: &Value, ty: &str, api: Api) -> Result<Option<Overrides>, String> {
    let Some(text) = pod::annotation(pod, pod::OVERRIDES_ANNOTATION) else { return Ok(None) };
    let overrides = json::parse(text).map_err(|e| e.to_string())?;
    if !matches!(overrides, Value::Object(_) | Value::Null) {
        return Err(format!("json: cannot unmarshal {} into Go value of type inject.{ty}", overrides.kind()));
    }
    let mut lists = Vec::new();
    for list in List::BOTH {
        let containers = match &overrides[list.key()] {
            Value::Null => Vec::new(),
            Value::Array(items) => items
                .iter()
                .map(|c| decode::decode_as(c.clone(), &schema::CONTAINER, api).map_err(|e| e.to_string()))
                .collect::<Result<_, _>>()?,
            other => {
                return Err(format!(
                    "json: cannot unmarshal {} into Go struct field {ty}.{} of type []v1.Container",
                    other.kind(),
                    list.key()
                ));
            }
        };
        lists.push((list, containers));
    }
    Ok(Some(lists))
}
