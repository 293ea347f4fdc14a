//! Corpus pod-roundtrip.

use conjector::go::json::{self, Object, ParseOptions, Value};
use conjector::k8s::decode::BodyError;
use conjector::k8s::{decode, schema};

pub fn answer(_cat: &str, input: &Value) -> Value {
    let text = input["json"].as_str().unwrap_or_default();
    let parsed = json::parse_with(text, ParseOptions { keep_duplicates: true }).map_err(|e| e.to_string());
    let decoded = parsed.and_then(|v| decode::decode(v, &schema::POD).map_err(|e| e.to_string()));
    let mut answer = Object::new();
    let (api, findings) = match decode::body(text) {
        Ok(read) => (Ok(read.object), Some(read.findings.iter().map(|f| f.to_string().into()).collect())),
        Err(BodyError::OtherKind(kind)) => (Err(("otherType", format!("*v1.{kind}"))), Some(Vec::new())),
        Err(BodyError::Unreadable(error)) => (Err(("error", error)), None),
    };
    let api = match (api, &decoded) {
        // As texts: raw JSON may have a key twice.
        (Ok(object), Ok(pod)) if json::to_string(&object) == json::to_string(pod) => Value::from("same"),
        (Err((_, error)), Err(plain)) if error == *plain => "same".into(),
        (Ok(object), _) => Value::Object([("ok", object)].into_iter().collect()),
        (Err((key, text)), _) => Value::Object([(key, text)].into_iter().collect()),
    };
    let (kind, unmarshal): (_, Object) = match decoded {
        Ok(pod) => ("ok", [("ok", pod)].into_iter().collect()),
        Err(error) => ("error", [("error", error)].into_iter().collect()),
    };
    answer.insert("kind", kind);
    answer.insert("unmarshal", unmarshal);
    answer.insert("apiDecoder", api);
    if let Some(findings) = findings {
        answer.insert("strictErrors", Value::Array(findings));
    }
    Value::Object(answer)
}
