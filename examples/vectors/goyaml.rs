//! Corpus goyaml: YAML to JSON and back.

use conjector::go::json::{self, Object, Value};
use conjector::go::yaml;

pub fn answer(_cat: &str, input: &Value) -> Value {
    let doc = input["doc"].as_str().unwrap_or_default();
    let text = |read: Result<Value, yaml::Error>| read.map(|v| json::to_string_sorted(&v)).map_err(|e| e.to_string());
    let (read, strict) = (text(yaml::to_json(doc)), text(yaml::to_json_strict(doc)));
    let mut answer = Object::new();
    if read != strict {
        match &strict {
            Ok(json) => answer.insert("strictJson", json),
            Err(e) => answer.insert("strictError", e),
        };
    }
    match read {
        Err(e) => {
            answer.insert("kind", "error");
            answer.insert("error", e);
        }
        Ok(text) => {
            answer.insert("kind", "ok");
            let yaml = yaml::from_json_text(&text);
            match yaml {
                Ok(yaml) => {
                    let marshalled = json::parse(&text).map(|value| yaml::from_decoded(&value));
                    if let Some(marshalled) = marshalled.ok().filter(|marshalled| *marshalled != yaml) {
                        answer.insert("marshalled", marshalled);
                    }
                    answer.insert("yaml", yaml);
                }
                Err(e) => {
                    answer.insert("yamlError", e.to_string());
                }
            }
            answer.insert("json", text);
        }
    }
    Value::Object(answer)
}
