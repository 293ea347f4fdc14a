//! Corpus labels.

use conjector::go::json::{Object, Value};
use conjector::k8s::labels::{self, Selector};
use conjector::k8s::names;

pub fn answer(cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    answer.insert("kind", "ok");
    match cat {
        "key" => {
            let key = input["key"].as_str().unwrap_or_default();
            answer.insert("qualifiedName", names::qualified_name(key));
            answer.insert("dns1123Subdomain", names::dns1123_subdomain(key));
            answer.insert("labelNameDNS1123Label", names::dns1123_label(key));
            answer.insert("validateLabels", names::labels([(key, "")], "metadata.labels"));
        }
        "value" => {
            let value = input["value"].as_str().unwrap_or_default();
            answer.insert("labelValue", names::label_value(value));
            answer.insert("validateLabels", names::labels([("k", value)], "metadata.labels"));
        }
        _ => {
            if cat != "parse" {
                answer.insert("apiValidation", labels::validate(&input["selector"], "selector"));
            }
            let selector = match cat {
                "parse" => Selector::from_text(input["selectorText"].as_str().unwrap_or_default()),
                _ => Selector::parse(&input["selector"]),
            };
            match selector {
                Ok(selector) => {
                    let matches = match cat {
                        "parse" => Value::Array(
                            input["sets"].items().iter().map(|set| selector.matches_value(set).into()).collect(),
                        ),
                        _ => selector.matches_value(&input["labels"]).into(),
                    };
                    answer.insert("matches", matches);
                    answer.insert("empty", selector.is_empty());
                    answer.insert("string", selector.to_string());
                }
                Err(error) => {
                    answer.insert("kind", "error");
                    answer.insert("error", error.to_string());
                }
            }
        }
    }
    Value::Object(answer)
}
