//! Corpus pod-defaults.

use conjector::go::json::{Object, Value};
use conjector::k8s::{decode, defaults, schema};

pub fn answer(_cat: &str, input: &Value) -> Value {
    let mut answer = Object::new();
    let mut pod = match decode::decode_exact(input["pod"].clone(), &schema::POD) {
        Ok(pod) => pod,
        Err(error) => {
            answer.insert("kind", "error");
            answer.insert("error", error.to_string());
            return Value::Object(answer);
        }
    };
    if let Some(members) = pod.as_object_mut() {
        schema::POD.set(members, "kind", "Pod");
        schema::POD.set(members, "apiVersion", "v1");
    }
    defaults::pod(&mut pod);
    answer.insert("kind", "ok");
    let mut stored = pod.clone();
    defaults::stored(&mut stored);
    if stored != pod {
        answer.insert("storedForm", stored);
    }
    answer.insert("defaulted", pod);
    Value::Object(answer)
}
