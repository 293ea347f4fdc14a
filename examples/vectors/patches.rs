//! Corpora jsonpatch, jsondiff and strategic-merge.

use conjector::go::json::{self, Object, Value};
use conjector::k8s::schema;
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
    if text("doc").is_empty() {
        return Value::Object([("kind", "ok"), ("bytes", ""), ("resultText", "")].into_iter().collect());
    }
    let document = match json::parse(text("doc")) {
        Ok(document) => document,
        Err(e) => return error("error", e.to_string()),
    };
    let limit = input["accumulatedCopySizeLimit"].as_i64().unwrap_or(0).unsigned_abs();
    match json_patch::apply_limited(document, &patch, limit) {
        Ok(result) => Value::Object(
            [("kind", Value::from("ok")), ("bytes", json::to_string(&result).into()), ("result", result)]
                .into_iter()
                .collect(),
        ),
        Err(e) => error("error", e),
    }
}

pub fn json_diff(_: &str, input: &Value) -> Value {
    let document = |key: &str| match input[key].get("$text").and_then(Value::as_str) {
        Some(text) => json::parse(text).ok(),
        None => Some(input[key].clone()),
    };
    let (Some(from), Some(to)) = (document("from"), document("to")) else {
        return error("error", "invalid JSON Document");
    };
    let patch = json_diff::diff(&from, &to);
    let mut sorted = patch.items().to_vec();
    sorted.sort_by_cached_key(json::to_string_sorted);
    let mut answer = Object::new();
    answer.push("kind", "ok");
    answer.push("opsSorted", Value::Array(sorted));
    answer.push("ops", patch);
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
        Ok(result) => Value::Object([("kind", Value::from("ok")), ("result", result)].into_iter().collect()),
        Err(e) => error("error", e),
    }
}
