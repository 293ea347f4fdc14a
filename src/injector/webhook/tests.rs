use std::collections::BTreeMap;

use super::{Answer, Process, answer};
use crate::go::base64;
use crate::go::json::{self, Value};
use crate::injector::config::{ConfigTexts, InjectorConfig};
use crate::injector::release::{Engine, Release};
use crate::k8s::Cluster;
use crate::patch::json_patch;
use crate::trace::Trace;

/// What the webhook of a release answers to a body.
fn ask(release: &str, config: &str, path: &str, body: &str) -> Answer {
    let release = Release::find(release).unwrap();
    let texts = ConfigTexts { config: config.into(), values: "{}".into(), mesh: String::new() };
    let config = InjectorConfig::parse(texts, release).unwrap();
    let (cluster, env) = (Cluster::default(), BTreeMap::new());
    let process = Process { release, config: &config, revision: "", cluster: &cluster, env: &env };
    answer(&process, path, "application/json", body.as_bytes(), &mut Trace::off())
}

fn response(answer: Answer) -> Value {
    match answer {
        Answer::Review(review) => review["response"].clone(),
        other => panic!("no review: {other:?}"),
    }
}

/// A pod that was injected with a template.
fn injected(release: &str, template: &str, pod: &str) -> Value {
    let body = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{{"uid":"u","object":{pod}}}}}"#
    );
    let lines: String = template.lines().map(|line| format!("    {line}\n")).collect();
    let config = format!("policy: enabled\ntemplate: |\n{lines}templates:\n  sidecar: |\n{lines}");
    let response = response(ask(release, &config, "/inject", &body));
    let patch = base64::decode(response["patch"].as_str().unwrap_or_else(|| panic!("{response}"))).unwrap();
    json_patch::apply(json::parse(pod).unwrap(), &json::parse(patch).unwrap()).unwrap()
}

#[test]
fn a_redirect_of_a_post_has_no_text() {
    for path in ["/inject//cluster/c", "/inject/./x"] {
        let answer = ask("1.30", "policy: enabled", path, "{}");
        assert!(matches!(&answer, Answer::Http { status: 307, body } if body.is_empty()), "{path}: {answer:?}");
    }
}

#[test]
fn reviews_that_do_not_fit() {
    let body = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":7}}"#;
    let message = |release| {
        let response = response(ask(release, "policy: enabled", "/inject", body));
        assert_eq!(response["uid"].as_str(), Some(""), "{release}");
        response["status"]["message"].as_str().unwrap_or_default().to_owned()
    };
    for release in ["1.8.6", "1.9.9", "1.12.9"] {
        let place =
            "v1.AdmissionReview.Request: v1.AdmissionRequest.Operation: ReadString: expects \" or n, but found 7";
        assert!(message(release).starts_with(place), "{release}: {}", message(release));
    }
    let expected =
        "json: cannot unmarshal number into Go struct field AdmissionRequest.request.operation of type v1.Operation";
    for release in ["1.13.9", "1.30.3"] {
        assert_eq!(message(release), expected, "{release}");
    }
}

#[test]
fn directives_and_nulls_of_what_the_pod_lacks() {
    let template = "metadata:\n  labels: {$patch: replace, a: b}\n  annotations: {c: null}\n";
    let pod = r#"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}]}}"#;
    for (release, label, annotation) in [
        ("1.9.9", Some("replace"), Some("")),
        ("1.13.0", Some("replace"), Some("")),
        ("1.15.0", Some("replace"), None),
        ("1.18.0", Some("replace"), None),
        ("1.19.0", None, None),
        ("1.30.3", None, None),
    ] {
        let meta = injected(release, template, pod)["metadata"].clone();
        assert_eq!(meta["labels"]["$patch"].as_str(), label, "{release}");
        assert_eq!(meta["annotations"].get("c").and_then(Value::as_str), annotation, "{release}");
    }
}

#[test]
fn settings_that_are_there_but_empty() {
    let template = "metadata:\n  annotations: {x: '{{ protoToJSON .ProxyConfig }}'}\n";
    let legacy = "containers:\n- name: istio-proxy\n  image: '{{ protoToJSON .ProxyConfig }}'\n";
    let seen = |release: &str, settings: &str| {
        let pod = format!(
            r#"{{"metadata":{{"name":"p","annotations":{{"proxy.istio.io/config":"{settings}"}}}},"spec":{{"containers":[{{"name":"a"}}]}}}}"#
        );
        match matches!(Release::find(release).unwrap().switches.engine, Engine::ListPatch(_)) {
            true => injected(release, legacy, &pod)["spec"]["containers"][1]["image"].as_str().map(str::to_owned),
            false => injected(release, template, &pod)["metadata"]["annotations"]["x"].as_str().map(str::to_owned),
        }
    };
    for (release, metadata, tags, null) in [
        ("1.6.14", r#"{"proxyMetadata":{}}"#, r#"{"extraStatTags":[]}"#, r#"{"tracing":{"customTags":{"a":null}}}"#),
        ("1.8.6", r#"{"proxyMetadata":{}}"#, r#"{"extraStatTags":[]}"#, r#"{"tracing":{"customTags":{"a":null}}}"#),
        ("1.9.9", "{}", r#"{"extraStatTags":[]}"#, r#"{"tracing":{"customTags":{"a":null}}}"#),
        ("1.18.0", "{}", "{}", r#"{"tracing":{"customTags":{"a":{}}}}"#),
    ] {
        assert_eq!(seen(release, "proxyMetadata: {}").as_deref(), Some(metadata), "{release}");
        assert_eq!(seen(release, "extraStatTags: []").as_deref(), Some(tags), "{release}");
        assert_eq!(seen(release, "tracing: {customTags: {a: null}}").as_deref(), Some(null), "{release}");
    }
}
