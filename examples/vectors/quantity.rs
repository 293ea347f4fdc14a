//! Corpus quantity.

use conjector::go::json::{Object, Value};
use conjector::k8s::Quantity;

pub fn answer(_cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    match Quantity::parse(input["text"].as_str().unwrap_or_default()) {
        Ok(quantity) => {
            answer.insert("kind", "ok");
            answer.insert("canonical", quantity.to_string());
            answer.insert("format", quantity.format().name());
            answer.insert("value", quantity.scaled(0));
            answer.insert("milliValue", quantity.scaled(-3));
            answer.insert("isZero", quantity.is_zero());
        }
        Err(error) => {
            answer.insert("kind", "error");
            answer.insert("error", error.to_string());
        }
    }
    Value::Object(answer)
}
