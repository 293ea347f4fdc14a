//! Corpus admission-match.

use conjector::admission::{self, Attributes, Judgement};
use conjector::go::json::{Object, Value};
use conjector::k8s::Cluster;
use conjector::scenario::{GroupVersion, Request};

pub fn answer(_: &str, input: &Value) -> Value {
    let mut cluster = Cluster::default();
    for namespace in input["namespaces"].items().iter().chain(input["liveNamespaces"].items()) {
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        cluster.namespaces.entry(name).or_insert_with(|| namespace.clone());
    }
    let request = request(&input["request"]);
    let mut answer = Object::new();
    let exempt = admission::is_exempt(&Attributes { request: &request, object: &request.object });
    answer.insert("kind", if exempt { "exempt" } else { "evaluated" });
    let mut webhooks = Vec::new();
    let mut in_order = Vec::new();
    let mut outcome = "allowed";
    for webhook in admission::webhooks(input["configs"].items()) {
        let mut entry = Object::new();
        entry.insert("configuration", webhook.configuration());
        entry.insert("name", webhook.name());
        entry.insert("uid", webhook.uid());
        let attributes = Attributes { request: &request, object: &request.object };
        let judgement = admission::judge(&webhook, &attributes, &cluster);
        let called = !exempt && matches!(judgement, Judgement::Called | Judgement::Conditions);
        entry.insert("called", called);
        if called && outcome == "allowed" {
            in_order.push(Value::from(webhook.uid()));
        }
        if let (Judgement::Failed(refused), false) = (judgement, exempt) {
            outcome = "error";
            let members = [
                ("code", Value::from(i64::from(refused.code))),
                ("message", refused.message.into()),
                ("reason", refused.reason.into()),
            ];
            entry.insert("error", members.into_iter().collect::<Object>());
        }
        webhooks.push(Value::Object(entry));
    }
    answer.insert("webhooks", Value::Array(webhooks));
    answer.insert("calledInOrder", Value::Array(in_order));
    answer.insert("outcome", outcome);
    Value::Object(answer)
}

fn request(input: &Value) -> Request {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let named = |v: &Value, key: &str| GroupVersion {
        group: text(&v["group"]),
        version: text(&v["version"]),
        name: text(&v[key]),
    };
    Request {
        operation: text(&input["operation"]),
        kind: named(&input["kind"], "kind"),
        resource: named(&input["resource"], "resource"),
        subresource: text(&input["subresource"]),
        name: text(&input["name"]),
        namespace: text(&input["namespace"]),
        object: input["object"].clone(),
        old_object: input["oldObject"].clone(),
        options: Value::Null,
        dry_run: input["dryRun"].as_bool() == Some(true),
        user_info: input["userInfo"].clone(),
    }
}
