//! Corpus apiserver-e2e: requests to a real API server with scripted webhooks.

use std::sync::LazyLock;

use conjector::admission::{Answer, Sent};
use conjector::go::json::{Object, Value};
use conjector::trace::Trace;

use super::e2e::{self, Network};

static BEFORE: LazyLock<Value> = LazyLock::new(|| e2e::cluster_objects("apiserver-e2e"));

pub fn answer(_: &str, input: &Value) -> Value {
    run(input)
        .unwrap_or_else(|error| Value::Object([("kind", "internal"), ("error", error.as_str())].into_iter().collect()))
}

fn run(input: &Value) -> Result<Value, String> {
    let mut server = e2e::server(&BEFORE, input)?;
    let mut network = Network {
        cluster: server.cluster.clone(),
        to_endpoints: input["server"]["enableAggregatorRouting"].as_bool() == Some(true),
        scripts: &input["webhooks"],
        arrived: Vec::new(),
        called: Vec::new(),
    };
    let asked = e2e::asked(&input["request"]);
    let mut send = |sent: &Sent<'_>, _: &mut Trace| match network.connect(sent) {
        Ok(_) => network.scripted(sent),
        Err(failure) => Answer::Failed(failure).into(),
    };
    let answered = server.handle(&asked, &mut send, &mut Trace::off())?;

    let is_validating = |webhook: &str| answered.called.iter().any(|c| c.validating && c.webhook == webhook);
    let mut arrived = network.arrived;
    // Validating webhooks are called at once; they are shown by name.
    arrived.sort_by(|(a, ..), (b, ..)| match (is_validating(a), is_validating(b)) {
        (true, true) => a.cmp(b),
        (a, b) => a.cmp(&b),
    });
    if input["request"]["verb"].as_str() == Some("delete") {
        let mut seen: Vec<String> = Vec::new();
        arrived.retain(|(webhook, ..)| {
            let first = !seen.contains(webhook);
            seen.push(webhook.clone());
            first
        });
    }
    let reviews: Vec<Value> = arrived.iter().map(|(_, _, review)| review.clone()).collect();
    let calls = arrived.iter().map(|(webhook, path, review)| {
        let mut call = Object::new();
        call.insert("webhook", webhook.as_str());
        call.insert("phase", if is_validating(webhook) { "validating" } else { "mutating" });
        call.insert("path", path.as_str());
        call.insert("contentType", "application/json");
        let mut review = review.clone();
        *review.entry("request").entry("uid") = "<uid>".into();
        call.insert("review", e2e::masked(&review, &[]));
        Value::Object(call)
    });
    let calls: Vec<Value> = calls.collect();
    let mut answer = e2e::expected(&answered, &reviews);
    answer.insert("calls", calls);
    Ok(Value::Object(answer))
}
