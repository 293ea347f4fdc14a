//! Corpus labels.

use conjector::go::json::{Object, Value};
use conjector::k8s::labels::Selector;
use conjector::k8s::names;

pub fn answer(cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    answer.insert("kind", "ok");
    match cat {
        "key" => {
            let key = input["key"].as_str().unwrap_or_default();
            answer.insert("qualifiedName", names::qualified_name(key));
            answer.insert("dns1123Subdomain", names::dns1123_subdomain(key));
        }
        "value" => {
            answer.insert("labelValue", names::label_value(input["value"].as_str().unwrap_or_default()));
        }
        _ => match Selector::parse(&input["selector"]) {
            Ok(selector) => {
                answer.insert("matches", selector.matches_value(&input["labels"]));
                answer.insert("empty", selector.is_empty());
            }
            Err(error) => {
                answer.insert("kind", "error");
                answer.insert("error", error.to_string());
            }
        },
    }
    Value::Object(answer)
}
