//! Corpus pod-validation.

use conjector::go::json::{Object, Value};
use conjector::k8s::{decode, defaults, prepare, schema, validation};

pub fn answer(_cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    let mut pod = match decode::strict(input.clone(), &schema::POD) {
        Ok(strict) => {
            if !strict.findings.is_empty() {
                let findings = strict.findings.iter().map(|finding| Value::from(finding.to_string()));
                answer.insert("strictErrors", findings.collect::<Vec<_>>());
            }
            strict.object
        }
        Err(error) => {
            answer.insert("kind", "undecodable");
            answer.insert("decodeError", error.to_string());
            answer.insert("errors", Value::Array(Vec::new()));
            answer.insert("warnings", Value::Array(Vec::new()));
            return Value::Object(answer);
        }
    };
    defaults::pod(&mut pod);
    answer.insert("defaulted", pod.clone());
    defaults::stored(&mut pod);
    if let Some(metadata) = pod.get_mut("metadata").and_then(Value::as_object_mut) {
        let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, prefix) = (text("name"), text("generateName"));
        if text("namespace").is_empty() {
            schema::OBJECT_META.set(metadata, "namespace", "default");
        }
        if name.is_empty() && !prefix.is_empty() {
            schema::OBJECT_META.set(metadata, "name", prepare::generated_name(&prefix, "xxxxx"));
        }
    }
    let mut warnings = prepare::for_create(&mut pod);
    let errors = validation::pod(&pod);
    answer.insert("kind", if errors.is_empty() { "valid" } else { "invalid" });
    answer.insert("errors", errors.iter().map(error).collect::<Vec<_>>());
    if !errors.is_empty() {
        answer.insert("warnings", warnings);
        answer.insert("status", status(&pod, &errors));
        return Value::Object(answer);
    }
    warnings.extend(validation::warnings(&pod));
    answer.insert("warnings", warnings);
    for condition in pod.entry("status").get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten() {
        *condition.entry("lastTransitionTime") = "<time>".into();
    }
    answer.insert("preparedStatus", pod["status"].clone());
    if given(&pod) != answer.get("defaulted").map_or(Value::Null, given) {
        answer.insert("prepared", pod);
    }
    Value::Object(answer)
}

/// A pod without what every creation fills in.
fn given(pod: &Value) -> Value {
    let mut pod = pod.clone();
    pod.as_object_mut().and_then(|members| members.remove("status"));
    if let Some(metadata) = pod.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("generation");
        metadata.remove("namespace");
        if metadata.contains_key("generateName") {
            metadata.remove("name");
        }
    }
    pod
}

fn error(error: &validation::Error) -> Value {
    let members = [
        ("field", error.field.clone()),
        ("type", error.kind.reason().to_owned()),
        ("detail", error.detail.clone()),
        ("message", error.to_string()),
    ];
    Value::Object(members.into_iter().collect())
}

fn status(pod: &Value, errors: &[validation::Error]) -> Value {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let mut status = Object::new();
    status.insert("status", "Failure");
    status.insert("message", validation::message("Pod", name, errors));
    status.insert("reason", "Invalid");
    status.insert("details", validation::details("Pod", name, errors));
    status.insert("code", 422i64);
    Value::Object(status)
}
