//! The injector's HTTP handler: a request's bytes in, an answer's bytes out.

pub(in crate::injector) mod reader;
mod review;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::go::json::{Object, Value};
use crate::go::url::Url;
use crate::go::{base64, json};
use crate::injector::config::InjectorConfig;
use crate::injector::list_patch::{self, review::Unreadable};
use crate::injector::overlay::{self, InjectError, Injection};
use crate::injector::owner::Workload;
use crate::injector::release::{Engine, OpenShift, PathVariables, Release, Reviews};
use crate::injector::{decision, native, openshift, pod, url};
use crate::k8s::{Cluster, decode, schema};
use crate::patch::json_diff;
use crate::trace::{Stage, Step, Trace, Weight};
use review::Unread;

/// The id of the cluster where nothing says otherwise.
const DEFAULT_CLUSTER: &str = "Kubernetes";

/// The largest body that the real injector takes.
const BODY_LIMIT: usize = 6 << 20;

/// The largest body that is read; the API server sends at most 3 MiB of object.
pub const MAX_BODY: usize = 10 << 20;

/// What an injector process is: its release, configuration, revision, environment, and what it sees of the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Process<'a> {
    /// The release.
    pub release: &'static Release,
    /// The configuration.
    pub config: &'a InjectorConfig,
    /// `REVISION`
    pub revision: &'a str,
    /// What it can look up.
    pub cluster: &'a Cluster,
    /// Its environment variables.
    pub env: &'a BTreeMap<String, String>,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status 200 with an AdmissionReview.
    Review(Value),
    /// Any other status with a text.
    Http {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The real injector crashes here and drops the connection; the text says how.
    Crash(String),
}

/// Answers a POST of `body` to `path`, with the exact texts and statuses of the release.
pub fn answer(process: &Process<'_>, path: &str, content_type: &str, body: &[u8], trace: &mut Trace) -> Answer {
    let refuse = |trace: &mut Trace, status, body: &str| {
        trace.decide(Stage::Read, "http-error", || format!("HTTP {status}: {}", body.trim()));
        Answer::Http { status, body: body.to_owned() }
    };
    let path = &*decoded_path(path);
    if is_redirected(path) {
        // Go writes the page with the link for a GET only.
        return refuse(trace, 307, "");
    }
    if !is_served(process.release, path) {
        return refuse(trace, 404, NOT_FOUND);
    }
    if process.release.switches.limits_body && body.len() > BODY_LIMIT {
        return refuse(trace, 400, &format!("Request entity too large: limit is {BODY_LIMIT}\n"));
    }
    if body.is_empty() {
        return refuse(trace, 400, "no body found\n");
    }
    if content_type != "application/json" {
        return refuse(trace, 415, "invalid Content-Type, want `application/json`\n");
    }
    let review = match process.release.switches.engine {
        Engine::ListPatch(rules) => list_patch::review::parse(body, rules, process.release.switches.kubernetes),
        Engine::Overlay => match review::parse(body, &process.release.switches) {
            Err(Unread::OtherKind(_)) if !process.release.switches.refuses_other_kinds => {
                return crash_without_request(trace);
            }
            Err(Unread::OtherKind(message) | Unread::Text(message)) => Err(Unreadable::from(message)),
            Ok(review) => Ok(review),
        },
    };
    match review {
        Ok(review) => answer_review(process, path, &review, trace),
        Err(Unreadable { message, uid }) => {
            trace.decide(Stage::Read, "bad-review", || message.clone());
            Answer::Review(Value::Object([("response", refusal(&uid, &message))].into_iter().collect()))
        }
    }
}

const NOT_FOUND: &str = "404 page not found\n";

/// True for paths that lead to the handler; early releases serve none below `/inject`.
fn is_served(release: &Release, path: &str) -> bool {
    let only_itself = matches!(release.switches.engine, Engine::ListPatch(rules) if rules.path == PathVariables::None);
    path == "/inject" || path.starts_with("/inject/") && !only_itself
}

/// Answers an AdmissionReview that was read already, sent to `path`.
pub fn answer_review(process: &Process<'_>, path: &str, review: &Value, trace: &mut Trace) -> Answer {
    if !is_served(process.release, path) {
        trace.decide(Stage::Read, "http-error", || format!("HTTP 404: {}", NOT_FOUND.trim()));
        return Answer::Http { status: 404, body: NOT_FOUND.into() };
    }
    let request = &review["request"];
    if request.is_null() {
        return crash_without_request(trace);
    }
    let uid = request["uid"].as_str().unwrap_or_default();
    let engine = process.release.switches.engine;
    let patch = match engine {
        Engine::ListPatch(rules) => list_patch::admit(process, rules, path, request, trace),
        Engine::Overlay => admit(process, path, request, trace),
    };
    let response = match patch {
        Ok(patch) => allowance(uid, patch),
        Err(Failure::Denied(message)) => refusal(uid, &message),
        Err(Failure::Crash(message)) => return Answer::Crash(message),
    };
    let mut answer = Object::with_capacity(3);
    if !matches!(engine, Engine::ListPatch(rules) if rules.reviews != Reviews::Both) {
        for key in ["kind", "apiVersion"] {
            answer.push(key, review[key].clone());
        }
    }
    answer.push("response", response);
    Answer::Review(Value::Object(answer))
}

fn crash_without_request(trace: &mut Trace) -> Answer {
    let message = "runtime error: invalid memory address or nil pointer dereference";
    trace.decide(Stage::Read, "handler-crash", || format!("the review has no request: {message}"));
    Answer::Crash(message.into())
}

/// Why there is no answer to a request that could be read.
pub(super) enum Failure {
    /// The message of the denial.
    Denied(String),
    /// The real handler crashes.
    Crash(String),
}

impl From<InjectError> for Failure {
    fn from(error: InjectError) -> Failure {
        match error.code {
            "handler-crash" => Failure::Crash(error.message),
            _ => Failure::Denied(error.message),
        }
    }
}

/// The JSON Patch for the pod; `None` when it is not injected.
fn admit(process: &Process<'_>, path: &str, request: &Value, trace: &mut Trace) -> Result<Option<Value>, Failure> {
    let bad_pod = |trace: &mut Trace, message: String| {
        trace.decide(Stage::Read, "bad-pod", || message.clone());
        Failure::Denied(message)
    };
    let object = &request["object"];
    if object.is_null() {
        return Err(bad_pod(trace, "unexpected end of JSON input".into()));
    }
    let switches = &process.release.switches;
    let mut pod = match decode::decode_as(object.clone(), &schema::POD, switches.kubernetes) {
        Ok(pod) => pod,
        Err(e) => return Err(bad_pod(trace, e.to_string())),
    };
    let meta = pod.entry("metadata");
    if let Value::Object(meta) = meta
        && switches.drops_managed_fields
    {
        meta.remove("managedFields");
    }
    if switches.fills_namespace
        && meta["namespace"].as_str().unwrap_or_default().is_empty()
        && let Some(namespace) = request["namespace"].as_str().filter(|n| !n.is_empty())
    {
        set_namespace(meta, namespace);
    }
    if !decision::decide(process.release, process.config, &pod, trace).inject {
        return Ok(None);
    }

    let mut workload = Workload::of_pod(&pod, switches);
    if switches.takes_config_label {
        workload.take_config_label(&mut pod);
    }
    let variables = url::variables(path, switches.url);
    let configured = &process.config.values.cluster_name;
    let cluster_id = variables.get("ISTIO_META_CLUSTER_ID").filter(|id| !id.is_empty()).unwrap_or(configured);
    let cluster_id = if cluster_id.is_empty() { DEFAULT_CLUSTER } else { cluster_id };
    let own_id = if process.cluster.id.is_empty() { DEFAULT_CLUSTER } else { &process.cluster.id };
    let known = cluster_id == own_id;

    let mut namespace = &Value::Null;
    if process.cluster.platform == "openshift" && switches.openshift > OpenShift::Ignored {
        if known || switches.openshift == OpenShift::OwnCluster {
            let name = pod["metadata"]["namespace"].as_str().unwrap_or_default();
            namespace = process.cluster.namespaces.get(name).unwrap_or(&Value::Null);
        }
        if switches.openshift >= OpenShift::ResetsUser {
            openshift::reset_sidecar_user(&mut pod, switches.openshift == OpenShift::ResetsUserOfAll);
        }
    }
    let nodes = known.then_some(process.cluster.nodes.as_slice());
    let node_name = pod["spec"]["nodeName"].as_str().unwrap_or_default();
    let mode = process.env.get("ENABLE_NATIVE_SIDECARS").map(String::as_str);
    let native = native::detect(process.release, mode, nodes, node_name);
    trace.add(|| Step {
        stage: Stage::Render,
        code: "native-sidecar",
        weight: Weight::Note,
        subject: String::new(),
        facts: vec![("ENABLE_NATIVE_SIDECARS", mode.unwrap_or("auto").to_owned()), ("native", native.to_string())],
        text: format!("the sidecar is {} init container", if native { "a native" } else { "no" }),
    });

    let annotation = pod::annotation(&pod, pod::PROXY_CONFIG_ANNOTATION);
    let proxy_config = process.config.mesh().pod_proxy_config(annotation, switches.proxy_config);
    let injection = Injection {
        release: process.release,
        config: process.config,
        revision: process.revision,
        env: process.env,
        pod: &pod,
        namespace,
        native,
        mesh: process.config.mesh(),
        workload: &workload,
        by_hand: false,
        proxy_config: &proxy_config,
        variables: &variables,
    };
    match overlay::inject(&injection, trace) {
        Ok(injected) => Ok(Some(json_diff::diff_as(&pod, &injected, switches.json_diff))),
        Err(e) => {
            let failure = Failure::from(e.clone());
            let stage = if matches!(failure, Failure::Crash(_)) { Stage::Merge } else { Stage::Render };
            trace.decide(stage, e.code, || e.message);
            Err(failure)
        }
    }
}

/// Puts the namespace where Go prints it, after the names.
pub(super) fn set_namespace(meta: &mut Value, namespace: &str) {
    let Value::Object(before) = meta.take() else { return };
    let mut after = Object::with_capacity(before.len() + 1);
    let mut members = before.into_iter().peekable();
    while let Some((key, value)) = members.next_if(|(k, _)| k == "name" || k == "generateName") {
        after.push(key, value);
    }
    after.push("namespace", namespace);
    for (key, value) in members.filter(|(k, _)| k != "namespace") {
        after.push(key, value);
    }
    *meta = Value::Object(after);
}

fn allowance(uid: &str, patch: Option<Value>) -> Value {
    let mut response: Object = [("uid", Value::from(uid)), ("allowed", true.into())].into_iter().collect();
    if let Some(patch) = patch {
        response.push("patch", base64::encode(json::to_string(&patch).as_bytes()));
        response.push("patchType", "JSONPatch");
    }
    Value::Object(response)
}

fn refusal(uid: &str, message: &str) -> Value {
    let status: Object = [("metadata", Value::object()), ("message", message.into())].into_iter().collect();
    let members = [("uid", Value::from(uid)), ("allowed", false.into()), ("status", Value::Object(status))];
    Value::Object(members.into_iter().collect())
}

/// The path of a request's target as the handler sees it: without a query, escapes decoded.
fn decoded_path(target: &str) -> Cow<'_, str> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    Url::parse(&format!("http://host{path}")).map_or(Cow::Borrowed(path), |url| Cow::Owned(url.path))
}

/// True where Go's ServeMux redirects: from a path with doubled slashes or dots to one without.
fn is_redirected(path: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/")) != path
}

#[cfg(test)]
mod tests;
