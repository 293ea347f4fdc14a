//! Corpus pod-roundtrip.

use conjector::go::json::{self, Object, ParseOptions, Value};
use conjector::k8s::{decode, schema};

pub fn answer(_cat: &str, input: &Value) -> Value {
    let text = input["json"].as_str().unwrap_or_default();
    let parsed = json::parse_with(text, ParseOptions { keep_duplicates: true }).map_err(|e| e.to_string());
    let decoded = parsed.and_then(|v| decode::decode(v, &schema::POD).map_err(|e| e.to_string()));
    let (kind, result) = match decoded {
        Ok(pod) => ("ok", ("ok", pod)),
        Err(error) => ("error", ("error", error.into())),
    };
    let unmarshal: Object = [result].into_iter().collect();
    let mut answer = Object::new();
    answer.insert("kind", kind);
    answer.insert("unmarshal", unmarshal);
    Value::Object(answer)
}
