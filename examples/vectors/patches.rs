//! Corpora jsonpatch, jsondiff and strategic-merge.

use conjector::go::json::{self, Object, Value};
use conjector::k8s::{decode, schema};
use conjector::patch::{json_diff, json_patch, strategic_merge};

fn error(kind: &str, message: impl Into<json::Str>) -> Value {
    Value::Object([("kind", Value::from(kind)), ("error", Value::String(message.into()))].into_iter().collect())
}

pub fn json_patch(_: &str, input: &Value) -> Value {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    let patch = match json::parse(text("patch")).map_err(|e| e.to_string()) {
        Ok(patch) => patch,
        Err(e) => return error("decodeError", e),
    };
    if let Err(e) = json_patch::operations(&patch) {
        return error("decodeError", e);
    }
    let limit = input["accumulatedCopySizeLimit"].as_i64().unwrap_or(0).unsigned_abs();
    match json_patch::apply_text(text("doc"), text("patch"), limit) {
        Ok(bytes) => {
            let result = match json::parse(&bytes) {
                Ok(result) => ("result", result),
                Err(_) => ("resultText", bytes.as_str().into()),
            };
            Value::Object([("kind", Value::from("ok")), ("bytes", bytes.into()), result].into_iter().collect())
        }
        Err(e) => error("error", e),
    }
}

pub fn json_diff(_: &str, input: &Value) -> Value {
    let text = |key: &str| match input[key].get("$text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => json::to_string_unescaped(&input[key]),
    };
    let (from_text, to_text) = (text("from"), text("to"));
    let (from, to) = match json_diff::documents(&from_text, &to_text) {
        Ok(documents) => documents,
        Err(e) => return error("error", e),
    };
    let patch = json_diff::diff(&from, &to);
    let mut sorted = patch.items().to_vec();
    sorted.sort_by_cached_key(json::to_string);
    let mut answer = Object::new();
    answer.push("kind", "ok");
    answer.push("opsSorted", Value::Array(sorted));
    match json_patch::apply_text(&from_text, &json::to_string(&patch), 0) {
        Ok(result) => answer.push("appliesToTarget", json::parse(&result).is_ok_and(|result| result == to)),
        Err(e) => answer.push("applyError", e),
    };
    // What the recorder's runs showed: the order of operations is fixed where no object has two that differ.
    let fixed = json_diff::has_one_order(&from, &to);
    answer.push("deterministicOrder", fixed);
    answer.push("sameSetAlways", true);
    if fixed {
        answer.push("ops", patch);
    }
    Value::Object(answer)
}

pub fn strategic_merge(_: &str, input: &Value) -> Value {
    let document = |key: &str| match input[key].get("$text").and_then(Value::as_str) {
        Some(text) => json::parse(text).ok(),
        None => Some(input[key].clone()),
    };
    let (Some(original), Some(patch)) = (document("original"), document("patch")) else {
        return error("error", "invalid JSON document");
    };
    match strategic_merge::merge(original, patch, &schema::POD) {
        Ok(mut result) => {
            // Go prints the merged document before it is read again.
            result.sort();
            let pod = match decode::decode(result.clone(), &schema::POD) {
                Ok(pod) => ("pod", pod),
                Err(e) => ("podError", e.to_string().into()),
            };
            Value::Object([("kind", Value::from("ok")), ("result", result), pod].into_iter().collect())
        }
        Err(e) => error("error", e),
    }
}
