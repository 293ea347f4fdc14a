//! Corpus pod-security.

use conjector::admission::plugins::pod_security::{Level, Version, Violation, evaluate};
use conjector::go::json::{Object, Value};
use conjector::k8s::{decode, defaults, schema};

/// What is asked, as the corpus lists it.
const ASKED: [(&str, &str); 7] = [
    ("privileged", "latest"),
    ("baseline", "latest"),
    ("restricted", "latest"),
    ("baseline", "v1.24"),
    ("restricted", "v1.24"),
    ("baseline", "v1.0"),
    ("restricted", "v1.18"),
];

pub fn answer(_cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    let mut pod = match decode::decode_exact(input.clone(), &schema::POD) {
        Ok(pod) => pod,
        Err(error) => {
            answer.insert("kind", "error");
            answer.insert("error", error.to_string());
            return Value::Object(answer);
        }
    };
    defaults::pod(&mut pod);
    let results: Vec<Value> = ASKED.iter().map(|(level, version)| result(level, version, &pod)).collect();
    let strictest = results[..3].iter().rev().find(|result| result["allowed"].as_bool() == Some(true));
    answer.insert("kind", strictest.map_or(Value::Null, |result| result["level"].clone()));
    answer.insert("results", results);
    Value::Object(answer)
}

fn result(level: &str, version: &str, pod: &Value) -> Value {
    let mut result = Object::new();
    result.insert("level", level);
    result.insert("version", version);
    let (Some(level), Some(version)) = (Level::parse(level), Version::parse(version)) else {
        return Value::Object(result);
    };
    let violations = evaluate(level, version, pod);
    let join = |text: fn(&Violation) -> String| violations.iter().map(text).collect::<Vec<_>>().join(", ");
    result.insert("allowed", violations.is_empty());
    result.insert("forbiddenReason", join(|violation| violation.reason.to_owned()));
    result.insert("forbiddenDetail", join(Violation::to_string));
    if !violations.is_empty() {
        result.insert("reasons", violations.iter().map(|v| v.reason).collect::<Vec<_>>());
        result.insert("details", violations.iter().map(|v| v.detail.as_str()).collect::<Vec<_>>());
    }
    Value::Object(result)
}
