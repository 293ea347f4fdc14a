use crate::go::json::{self, Object, Value};
use crate::injector::overlay::{Injection, strip, user};
use crate::injector::pod::{self, List};
use crate::injector::release::SidecarUser;
use crate::k8s::decode;
use crate::k8s::schema::{self, Api};
use crate::patch::strategic_merge;
use crate::trace::{Stage, Trace};

/// An image that only says: take the template's.
const AUTO_IMAGE: &str = "auto";

/// Applies the user's own settings of injected containers again, so that they win over the template's, and keeps them
/// in an annotation for the next injection. Containers that an earlier injection brought are the template's alone.
///
/// Errors: annotations that do not decode, a merge that fails (Go's texts).
pub(super) fn reapply(
    merged: Value,
    template: &Value,
    injection: &Injection<'_>,
    trace: &mut Trace,
) -> Result<Value, String> {
    let original = injection.pod;
    let switches = &injection.release.switches;
    let api = switches.kubernetes;
    let kept = strip::overrides(
        original,
        if switches.keeps_injected_containers { "ParsedContainers" } else { "podOverrides" },
        api,
    )?
    .unwrap_or_default();
    let status = pod::annotation(original, pod::STATUS_ANNOTATION);
    let injected_before = status.filter(|_| switches.keeps_injected_containers).map(injected_names).unwrap_or_default();

    // From 1.19 on a user's sidecar may stand in either list.
    let init_lists: &[List] = if switches.sidecar_lists.len() > 1 { &List::BOTH } else { &[List::InitContainers] };
    let mut pod = merged;
    let mut overrides: Vec<(List, Vec<Value>)> = Vec::new();
    for list in List::BOTH {
        let mut applied = Vec::new();
        for brought in pod::containers(template, list) {
            let name = pod::name(brought);
            if injected_before.iter().any(|(l, n)| *l == list && n == name) {
                continue;
            }
            let own = kept.iter().filter(|(l, _)| *l == list).find_map(|(_, containers)| pod::find(containers, name));
            let own = own.or_else(|| match list {
                List::Containers => pod::find(pod::containers(original, list), name),
                List::InitContainers => pod::find_in(original, init_lists, name),
            });
            let Some(own) = own else { continue };
            let mut own = own.clone();
            if own["image"].as_str() == Some(AUTO_IMAGE)
                && let Value::Object(container) = &mut own
            {
                container.remove("image");
            }
            if switches.sidecar_user == SidecarUser::Reset {
                user::reset(&mut own, brought);
            }
            trace.note(Stage::Merge, "reapplied", || {
                format!("the user's own settings of {name} win over the template's")
            });
            pod = overlay(pod, list, own.clone(), api).map_err(|e| match list {
                List::Containers => format!("failed to apply sidecar container: {e}"),
                List::InitContainers => format!("failed to apply sidecar init container: {e}"),
            })?;
            applied.push(own);
        }
        if !applied.is_empty() {
            overrides.push((list, applied));
        }
    }
    if status.is_none() && !overrides.is_empty() {
        let text: Object =
            overrides.into_iter().map(|(list, containers)| (list.key(), Value::Array(containers))).collect();
        pod::set_annotation(&mut pod, pod::OVERRIDES_ANNOTATION, json::to_string(&Value::Object(text)));
    }
    Ok(pod)
}

/// Merges one container onto the pod.
fn overlay(pod: Value, list: List, container: Value, api: Api) -> Result<Value, String> {
    let mut spec: Object = [(list.key(), Value::Array(vec![container]))].into_iter().collect();
    if list == List::InitContainers {
        // Go cannot leave this list out of a whole pod. Merged as an empty one, it brings containers of one name together.
        spec.push(List::Containers.key(), Value::Array(Vec::new()));
    }
    let mut patch: Object = [("spec", spec)].into_iter().collect();
    if !api.omits_zero() {
        // The overlay is a whole pod in Go, whose creation time prints as null and so takes away the pod's.
        patch.push("metadata", decode::zero(&schema::OBJECT_META, api));
    }
    let merged = strategic_merge::merge_as(pod, Value::Object(patch), &schema::POD, api)
        .map_err(|e| format!("strategic merge: {e}"))?;
    decode::decode_as(merged, &schema::POD, api).map_err(|e| format!("unmarshal patched pod: {e}"))
}

/// The containers that the status annotation names; none where it does not parse.
fn injected_names(status: &str) -> Vec<(List, String)> {
    let Ok(status) = json::parse(status) else { return Vec::new() };
    let names = |list: List| {
        let names = status[list.key()].items().iter().filter_map(Value::as_str);
        names.map(|n| (list, n.to_owned())).collect::<Vec<_>>()
    };
    List::BOTH.into_iter().flat_map(names).collect()
}

/// The panic of the real injector on a status annotation whose lists are no lists of strings, which it reads without
/// checking. `None` where it reads fine.
pub(crate) fn status_panic(pod: &Value) -> Option<String> {
    let Ok(Value::Object(status)) = json::parse(pod::annotation(pod, pod::STATUS_ANNOTATION)?) else { return None };
    let go_type = |v: &Value| match v {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    for list in List::BOTH {
        match status.get(list.key()) {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                if let Some(item) = items.iter().find(|i| i.as_str().is_none()) {
                    return Some(format!("interface conversion: interface {{}} is {}, not string", go_type(item)));
                }
            }
            Some(other) => {
                return Some(format!(
                    "interface conversion: interface {{}} is {}, not []interface {{}}",
                    go_type(other)
                ));
            }
        }
    }
    None
}
