//! Corpus admission-match.

use conjector::admission::{self, Attributes, Judgement, Webhook};
use conjector::go::json::{Object, Value};
use conjector::k8s::served::{Equivalents, GroupVersion, Served};
use conjector::k8s::{Authorizer, Cluster};
use conjector::scenario::Request;

pub fn answer(_: &str, input: &Value) -> Value {
    let mut cluster = Cluster::default();
    for namespace in input["namespaces"].items().iter().chain(input["liveNamespaces"].items()) {
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        cluster.namespaces.entry(name).or_insert_with(|| namespace.clone());
    }
    if let Some(sets) = input["equivalents"].as_array() {
        cluster.equivalents =
            Equivalents::new(sets.iter().map(|set| set.items().iter().map(served).collect()).collect());
    }
    if input["authorizer"].as_str() == Some("deny") {
        cluster.authorizer = Authorizer::Deny;
    }
    let request = request(&input["request"]);
    let attributes = Attributes { request: &request, object: &request.object };
    if admission::is_exempt(&attributes) {
        return exempt(input);
    }
    let mut entries = Vec::new();
    let mut in_order = Vec::new();
    let mut failed = Value::Null;
    for webhook in &admission::webhooks(input["configs"].items()) {
        let mut entry = entry(webhook);
        let judgement = admission::judge(webhook, &attributes, &cluster);
        entry.insert("called", matches!(judgement, Judgement::Called { .. }));
        match judgement {
            Judgement::Called { equivalent, .. } => {
                if let Some(served) = equivalent {
                    entry.insert("matched", matched(served));
                }
                if failed.is_null() {
                    in_order.push(Value::from(webhook.uid()));
                }
            }
            Judgement::Skipped(_) => {}
            Judgement::Failed(refused) => {
                let members = [
                    ("code", Value::from(i64::from(refused.code))),
                    ("message", refused.message.into()),
                    ("reason", refused.reason.into()),
                ];
                let error = Value::Object(members.into_iter().collect());
                entry.insert("error", error.clone());
                if failed.is_null() {
                    failed = error;
                }
            }
            Judgement::Unknown => {
                entry.insert("unknown", true);
            }
        }
        entries.push(Value::Object(entry));
    }
    let mut answer = Object::new();
    answer.insert("kind", "evaluated");
    answer.insert("webhooks", entries);
    answer.insert("calledInOrder", in_order);
    answer.insert("outcome", if failed.is_null() { "allowed" } else { "error" });
    if !failed.is_null() {
        answer.insert("requestError", failed);
    }
    Value::Object(answer)
}

fn entry(webhook: &Webhook) -> Object {
    [("configuration", webhook.configuration()), ("name", webhook.name()), ("uid", webhook.uid())].into_iter().collect()
}

/// The answer for objects that configure admission: nothing is called.
fn exempt(input: &Value) -> Value {
    let not_called = |webhook: &Webhook| {
        let mut entry = entry(webhook);
        entry.insert("called", false);
        Value::Object(entry)
    };
    let entries: Vec<Value> = admission::webhooks(input["configs"].items()).iter().map(not_called).collect();
    let members = [
        ("kind", Value::from("exempt")),
        ("webhooks", entries.into()),
        ("calledInOrder", Value::Array(Vec::new())),
        ("outcome", "allowed".into()),
    ];
    Value::Object(members.into_iter().collect())
}

fn named(v: &Value, key: &str) -> GroupVersion {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    GroupVersion { group: text(&v["group"]), version: text(&v["version"]), name: text(&v[key]) }
}

fn served(v: &Value) -> Served {
    Served {
        resource: named(&v["resource"], "resource"),
        subresource: v["subresource"].as_str().unwrap_or_default().to_owned(),
        kind: named(&v["kind"], "kind"),
    }
}

fn matched(served: &Served) -> Object {
    let named = |of: &GroupVersion, key: &'static str| -> Value {
        let members = [("group", of.group.as_str()), ("version", of.version.as_str()), (key, of.name.as_str())];
        Value::Object(members.into_iter().collect())
    };
    let members = [
        ("kind", named(&served.kind, "kind")),
        ("resource", named(&served.resource, "resource")),
        ("subresource", served.subresource.as_str().into()),
    ];
    members.into_iter().collect()
}

/// The options that go with an operation; the vectors leave them out.
fn options(operation: &str) -> Value {
    let kind = match operation {
        "CREATE" => "CreateOptions",
        "UPDATE" => "UpdateOptions",
        "DELETE" => "DeleteOptions",
        _ => return Value::Null,
    };
    Value::Object([("kind", kind), ("apiVersion", "meta.k8s.io/v1")].into_iter().collect())
}

pub fn request(input: &Value) -> Request {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    Request {
        operation: text(&input["operation"]),
        kind: named(&input["kind"], "kind"),
        resource: named(&input["resource"], "resource"),
        subresource: text(&input["subresource"]),
        name: text(&input["name"]),
        namespace: text(&input["namespace"]),
        object: input["object"].clone(),
        old_object: input["oldObject"].clone(),
        options: options(input["operation"].as_str().unwrap_or_default()),
        dry_run: input["dryRun"].as_bool() == Some(true),
        user_info: input["userInfo"].clone(),
    }
}
