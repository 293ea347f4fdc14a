//! Any webhook configuration can be judged. An input is one in YAML.

#![no_main]

use conjector::admission::{Attributes, judge, webhooks};
use conjector::go::{json, yaml};
use conjector::k8s::Cluster;
use conjector::scenario::Request;

fn run(text: &str) {
    let Ok(configuration) = yaml::to_json(text) else { return };
    let request = Request::create_pod("default", json::Value::object());
    let attributes = Attributes { request: &request, object: &request.object };
    for webhook in webhooks(&[configuration]) {
        let _ = (webhook.uid(), webhook.path(), webhook.timeout());
        let _ = judge(&webhook, &attributes, &Cluster::default());
    }
}

conjector_fuzz::target!(run);
