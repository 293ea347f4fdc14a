//! Any answer of a webhook leads to an outcome, and twice to the same. An input is an AdmissionReview in JSON.

#![no_main]

use std::sync::LazyLock;

use conjector::admission::{Answer, Bare, Chain, REQUEST_TIMEOUT, run as run_chain, webhooks};
use conjector::go::json::{self, Value};
use conjector::k8s::Cluster;
use conjector::scenario::Request;
use conjector::trace::Trace;

static CONFIGURATION: LazyLock<Value> = LazyLock::new(|| {
    let text = r#"{"metadata": {"name": "c"}, "webhooks": [{"name": "w.example.com", "failurePolicy": "Fail",
        "sideEffects": "None", "admissionReviewVersions": ["v1"], "clientConfig": {"url": "https://w.example.com/inject"},
        "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
        "namespaceSelector": {}, "objectSelector": {}}]}"#;
    json::parse(text).unwrap_or_default()
});

static POD: LazyLock<Value> = LazyLock::new(|| {
    let text = r#"{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [{"name": "app", "image": "i"}]}}"#;
    json::parse(text).unwrap_or_default()
});

fn run(text: &str) {
    let Ok(answer) = json::parse(text) else { return };
    assert_eq!(outcome(&answer), outcome(&answer));
}

/// What the client sees. An answer without a uid gets the right one: nobody guesses it.
fn outcome(answer: &Value) -> String {
    let mut cluster = Cluster::default();
    cluster.namespaces.insert("default".into(), Value::object());
    let request = Request::create_pod("default", POD.clone());
    let configurations = [CONFIGURATION.clone()];
    let chain = Chain {
        webhooks: &webhooks(&configurations),
        request: &request,
        cluster: &cluster,
        seed: "fuzz",
        server: &Bare,
        timeout: REQUEST_TIMEOUT,
    };
    let result = run_chain(
        &chain,
        &mut |sent, _| {
            let mut answer = answer.clone();
            if let Some(Value::Object(response)) = answer.get_mut("response")
                && !response.contains_key("uid")
            {
                response.push("uid", sent.review["request"]["uid"].clone());
            }
            Answer::Review(answer).into()
        },
        &mut Trace::default(),
    );
    match result {
        Ok(admission) => format!("{} {:?} {:?}", admission.object, admission.refused, admission.warnings),
        Err(message) => message,
    }
}

conjector_fuzz::target!(run);
