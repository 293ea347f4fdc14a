use super::{Default, Defaults, OBJECT_FIELD_SELECTOR, fill, fill_member, items_mut, resources};
use crate::go::json::Value;
use crate::k8s::{image, schema};

const CONTAINER: &Defaults = &[
    ("terminationMessagePath", Default::Text("/dev/termination-log")),
    ("terminationMessagePolicy", Default::Text("File")),
];

const CONTAINER_PORT: &Defaults = &[("protocol", Default::Text("TCP"))];

const PROBE: &Defaults = &[
    ("timeoutSeconds", Default::Int(1)),
    ("periodSeconds", Default::Int(10)),
    ("successThreshold", Default::Int(1)),
    ("failureThreshold", Default::Int(3)),
];

const HTTP_GET: &Defaults = &[("path", Default::Text("/")), ("scheme", Default::Text("HTTP"))];

const GRPC: &Defaults = &[("service", Default::Text(""))];

const FILE_KEY: &Defaults = &[("optional", Default::Bool(false))];

/// Containers, init containers and ephemeral ones, which have the same fields.
pub(super) fn container(container: &mut Value, on_host: bool) {
    let Some(members) = container.as_object_mut() else { return };
    let ty = &schema::CONTAINER;
    if !members.contains_key("imagePullPolicy") {
        let policy = pull_policy(members.get("image"));
        ty.set(members, "imagePullPolicy", policy);
    }
    fill(members, ty, CONTAINER);
    for port in items_mut(container, "ports").filter_map(Value::as_object_mut) {
        fill(port, &schema::CONTAINER_PORT, CONTAINER_PORT);
        if on_host && !port.contains_key("hostPort") {
            match port.get("containerPort") {
                Some(number) if number.as_i64() != Some(0) => {
                    let number = number.clone();
                    schema::CONTAINER_PORT.set(port, "hostPort", number);
                }
                _ => {}
            }
        }
    }
    for env in items_mut(container, "env") {
        if let Some(source) = env.get_mut("valueFrom") {
            fill_member(source, "fieldRef", &schema::OBJECT_FIELD_SELECTOR, OBJECT_FIELD_SELECTOR);
            fill_member(source, "fileKeyRef", &schema::FILE_KEY_SELECTOR, FILE_KEY);
        }
    }
    resources::round_requirements(container.get_mut("resources"));
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            if let Some(members) = probe.as_object_mut() {
                fill(members, &schema::PROBE, PROBE);
            }
            fill_member(probe, "httpGet", &schema::HTTP_GET_ACTION, HTTP_GET);
            fill_member(probe, "grpc", &schema::GRPC_ACTION, GRPC);
        }
    }
    if let Some(lifecycle) = container.get_mut("lifecycle") {
        for handler in ["postStart", "preStop"] {
            if let Some(handler) = lifecycle.get_mut(handler) {
                fill_member(handler, "httpGet", &schema::HTTP_GET_ACTION, HTTP_GET);
            }
        }
    }
}

/// The pull policy of an image that has none.
pub(super) fn pull_policy(image: Option<&Value>) -> &'static str {
    match image::is_latest(image.and_then(Value::as_str).unwrap_or_default()) {
        true => "Always",
        false => "IfNotPresent",
    }
}
