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
            answer.insert("value", quantity.scaled_value(0).to_string());
            answer.insert("milliValue", quantity.scaled_value(-3).to_string());
            answer.insert("isZero", quantity.is_zero());
            answer.insert("sign", quantity.sign());
            answer.insert("asDec", quantity.decimal());
            if let Some(exact) = quantity.as_i64() {
                answer.insert("asInt64", exact.to_string());
            }
            answer.insert("roundUp0", quantity.round_up(0).to_string());
            answer.insert("roundUpMilli", quantity.round_up(-3).to_string());
            let one = Quantity::parse("1").expect("a quantity");
            answer.insert("cmpWith1", quantity.compare(&one) as i64);
        }
        Err(error) => {
            answer.insert("kind", "error");
            answer.insert("error", error.to_string());
        }
    }
    Value::Object(answer)
}
