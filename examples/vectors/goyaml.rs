//! Corpus goyaml: YAML to JSON and back.

use conjector::go::json::{self, Object, Value};
use conjector::go::yaml;

pub fn answer(_cat: &str, input: &Value) -> Value {
    let doc = input["doc"].as_str().unwrap_or_default();
    let mut answer = Object::new();
    match yaml::to_json(doc) {
        Err(e) => {
            answer.insert("kind", "error");
            answer.insert("error", e.to_string());
        }
        Ok(value) => {
            answer.insert("kind", "ok");
            answer.insert("json", json::to_string_sorted(&value));
            answer.insert("yaml", yaml::from_json(&value));
            match yaml::to_json_strict(doc) {
                Err(e) => answer.insert("strictError", e.to_string()),
                Ok(_) => None,
            };
        }
    }
    Value::Object(answer)
}
