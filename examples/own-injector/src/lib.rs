//! A small injector that has nothing to do with Istio: it puts a log shipper beside every container that asks for it.

use conjector::go::base64;
use conjector::go::json::{self, Object, Value};
use conjector::simulate::{Call, Injector, Reply};

/// Adds the container `shipper` to pods with the annotation `logs.example.com/ship: "true"`; a shipper that is there
/// already stays as it is. Refuses values that are neither `true` nor `false`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogShipper;

const ANNOTATION: &str = "logs.example.com/ship";

impl Injector for LogShipper {
    fn review(&self, call: &Call<'_>) -> Reply {
        let request = &call.review["request"];
        let pod = &request["object"];
        let mut response = Object::new();
        response.insert("uid", request["uid"].clone());
        match pod["metadata"]["annotations"][ANNOTATION].as_str() {
            Some("true") => {
                response.insert("allowed", true);
                if let Some(patch) = patch(pod) {
                    response.insert("patchType", "JSONPatch");
                    response.insert("patch", base64::encode(json::to_string(&patch).as_bytes()));
                }
            }
            None | Some("false") => _ = response.insert("allowed", true),
            Some(other) => {
                response.insert("allowed", false);
                let message = format!("{ANNOTATION} is {other:?}, not \"true\" or \"false\"");
                response.insert("status", [("message", message)].into_iter().collect::<Object>());
            }
        }
        let mut review = Object::new();
        review.insert("apiVersion", call.review["apiVersion"].clone());
        review.insert("kind", "AdmissionReview");
        review.insert("response", response);
        Value::Object(review).into()
    }
}

fn patch(pod: &Value) -> Option<Value> {
    let containers = pod["spec"]["containers"].items();
    if containers.iter().any(|c| c["name"].as_str() == Some("shipper")) {
        return None;
    }
    let container: Object = [("name", "shipper"), ("image", "example.com/shipper:1")].into_iter().collect();
    let mut operation = Object::new();
    operation.insert("op", "add");
    operation.insert("path", "/spec/containers/-");
    operation.insert("value", container);
    Some(Value::Array(vec![Value::Object(operation)]))
}
