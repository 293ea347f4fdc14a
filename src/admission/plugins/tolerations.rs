//! Pods stay for a while on nodes that do not answer.

use super::Context;
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};
use crate::k8s::schema;

const TAINTS: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const SECONDS: i64 = 300;

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE", "UPDATE"]) {
        return Ok(());
    }
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return Ok(()) };
    let own = spec.get("tolerations").map_or(&[][..], Value::items);
    let tolerates = |taint: &str| {
        let is = |toleration: &Value, key: &str, wanted: &str| {
            matches!(toleration[key].as_str(), None | Some("")) || toleration[key].as_str() == Some(wanted)
        };
        own.iter().any(|toleration| is(toleration, "key", taint) && is(toleration, "effect", "NoExecute"))
    };
    let missing: Vec<Value> = TAINTS.iter().filter(|taint| !tolerates(taint)).map(|taint| toleration(taint)).collect();
    if !missing.is_empty() {
        let list = schema::POD_SPEC.entry(spec, "tolerations");
        match list.as_array_mut() {
            Some(items) => items.extend(missing),
            None => *list = Value::Array(missing),
        }
    }
    Ok(())
}

fn toleration(taint: &str) -> Value {
    let mut toleration = Object::with_capacity(4);
    toleration.push("key", taint);
    toleration.push("operator", "Exists");
    toleration.push("effect", "NoExecute");
    toleration.push("tolerationSeconds", SECONDS);
    Value::Object(toleration)
}
