//! Injection by list patch (1.0–1.8): a template gives lists of what to add, and a fixed sequence of additions and
//! removals is the JSON Patch. The sequence itself is the behaviour.
//!
//! The way: the pod's annotations are checked, the template is rendered and read as a [`spec`], the sidecar gets its
//! last settings, and `patch` writes the operations. Source: istio 1.0–1.8, injection webhook.

mod annotations;
mod concurrency;
pub mod config;
mod data;
mod functions;
pub(super) mod manual;
mod metadata;
mod operations;
mod owner;
mod patch;
mod probes;
pub(super) mod review;
pub mod spec;
mod status;
mod variables;
mod version;

use crate::go::json::{Object, Value};
use crate::injector::decision;
use crate::injector::pod;
use crate::injector::release::{FsGroup, ListPatch, ReadsValues};
use crate::injector::webhook::{Failure, Process, set_namespace};
use crate::k8s::schema::{self, Api};
use crate::k8s::{decode, defaults};
use crate::trace::{Stage, Trace};
use config::Config;
use data::TemplateData;
use owner::Workload;
use spec::Spec;

/// The group that may read the sidecar's token.
const SIDECAR_GROUP: i64 = 1337;

/// What Go says where a pointer is nil.
pub(super) const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// One injection: what it depends on.
struct Injection<'a> {
    process: &'a Process<'a>,
    rules: &'static ListPatch,
    config: &'a Config,
    api: Api,
    /// The pod in the form of `k8s::decode`.
    pod: &'a Value,
    workload: &'a Workload,
    /// The URL path of the request; `None` for kube-inject, which heeds no configured annotations either.
    path: Option<&'a str>,
}

/// The JSON Patch for the pod of a request; `None` when it is not injected.
///
/// Errors: a denial with the exact text, or a crash of the real handler.
pub(super) fn admit(
    process: &Process<'_>,
    rules: &'static ListPatch,
    path: &str,
    request: &Value,
    trace: &mut Trace,
) -> Result<Option<Value>, Failure> {
    let api = process.release.switches.kubernetes;
    let object = &request["object"];
    let read = match object {
        Value::Null => Err("unexpected end of JSON input".to_owned()),
        object => decode::decode_as(object.clone(), &schema::POD, api).map_err(|e| e.to_string()),
    };
    let mut pod = match read {
        Ok(pod) => pod,
        Err(message) => {
            trace.decide(Stage::Read, "bad-pod", || message.clone());
            return Err(Failure::Denied(message));
        }
    };
    let namespace = request["namespace"].as_str().unwrap_or_default();
    let meta = pod.entry("metadata");
    if process.release.switches.fills_namespace
        && meta["namespace"].as_str().unwrap_or_default().is_empty()
        && !namespace.is_empty()
    {
        set_namespace(meta, namespace);
    }
    if !decision::decide(process.release, process.config, &pod, trace).inject {
        return Ok(None);
    }
    let Some(config) = process.config.list_patch() else {
        return Err(Failure::Denied("the configuration was not read for a release of this kind".into()));
    };
    set_fs_group(&mut pod, process, rules, config);
    let workload = match owner::workload(&pod, namespace, rules.owner) {
        Ok(workload) => workload,
        Err(message) => {
            trace.decide(Stage::Render, "handler-crash", || message.to_owned());
            return Err(Failure::Crash(message.to_owned()));
        }
    };
    let injection = Injection { process, rules, config, api, pod: &pod, workload: &workload, path: Some(path) };
    let mut rendered = match render(&injection) {
        Ok(rendered) => rendered,
        Err(error) => {
            trace.decide(Stage::Render, error.code, || error.message.clone());
            return Err(error.into());
        }
    };
    if rules.defaults_parts {
        fill_in(&mut rendered.spec);
    }
    let patch = patch::write(&injection, rendered, &metadata::Given::of(object));
    trace.note(Stage::Finish, "patch-created", || "the operations of the patch are written".into());
    Ok(Some(patch))
}

/// The sidecar's group as the pod's file system group, where the release sets it.
fn set_fs_group(pod: &mut Value, process: &Process<'_>, rules: &ListPatch, config: &Config) {
    let sds = config.mesh.setting("sdsUdsPath").as_str().is_some_and(|path| !path.is_empty());
    let token = config.mesh.setting("enableSdsTokenMount").as_bool() == Some(true);
    let variable = |name: &str| process.env.get(name).map_or("", String::as_str);
    let (set, replaces) = match rules.fs_group {
        FsGroup::Never => (false, false),
        FsGroup::ReplacesWithSdsToken => (sds && token, true),
        FsGroup::ReplacesWithSds => (sds, true),
        FsGroup::SetWithSds => (sds, false),
        FsGroup::SetByVariable => {
            let by_policy = variable("JWT_POLICY") != "first-party-jwt";
            (pod::parse_bool(variable("ENABLE_LEGACY_FSGROUP_INJECTION")).unwrap_or(by_policy), false)
        }
    };
    if !set {
        return;
    }
    if let Value::Object(spec) = pod.entry("spec") {
        let context = schema::POD_SPEC.entry(spec, "securityContext");
        if replaces || context.is_null() {
            *context = Value::object();
        }
        if let Value::Object(context) = context {
            schema::POD_SECURITY_CONTEXT.set(context, "fsGroup", SIDECAR_GROUP);
        }
    }
}

/// What a template gave, made ready for the patch.
struct Rendered {
    spec: Spec,
    /// The status annotation's value.
    status: String,
    /// The sidecar goes before the pod's containers.
    hold: bool,
}

/// Why rendering failed.
struct RenderError {
    /// One of [`crate::trace::CODES`].
    code: &'static str,
    message: String,
    crashes: bool,
}

impl RenderError {
    fn new(code: &'static str, message: String) -> RenderError {
        RenderError { code, message, crashes: false }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Failure {
        if error.crashes { Failure::Crash(error.message) } else { Failure::Denied(error.message) }
    }
}

fn render(injection: &Injection<'_>) -> Result<Rendered, RenderError> {
    let Injection { rules, config, pod, .. } = *injection;
    annotations::validate(pod, rules, &config.mesh).map_err(|e| RenderError::new("invalid-annotation", e))?;

    let values = || config.values.as_ref().map_err(|e| RenderError::new("no-values", e.clone()));
    if rules.values != ReadsValues::Message {
        values()?;
    }
    let own = rules.proxy_config_annotation.and_then(|key| pod::annotation(pod, key));
    let merged = own.map(|yaml| config.mesh.with_proxy_config(yaml)).transpose();
    let merged = merged.map_err(|e| RenderError::new("invalid-annotation", e))?;
    let mesh = merged.as_ref().unwrap_or(&config.mesh);
    let values = values()?;

    let template = config.template.as_ref().map_err(|message| RenderError {
        code: "template-error",
        message: message.clone(),
        crashes: rules.bad_template_crashes,
    })?;
    let data = TemplateData { injection, mesh, values };
    let text = data.render(template).map_err(|e| RenderError::new("template-error", e))?;
    let exponents = injection.process.release.switches.yaml_exponents;
    let mut spec = Spec::parse(&text, rules.spec, injection.api, exponents).map_err(|e| {
        let words = "failed parsing generated injected YAML (check Istio sidecar injector configuration):";
        let message = if rules.words_before_yaml_errors { format!("{words} {e}") } else { e };
        RenderError::new("overlay-error", message)
    })?;

    if rules.adds_concurrency {
        concurrency::add(&mut spec.containers);
    }
    variables::overwrite(&mut spec.containers, injection);
    let status = status::write(&config.version, &spec);
    let hold = config.hold(rules, mesh);
    Ok(Rendered { spec, status, hold })
}

/// The API server's defaults on what is injected, which early API servers did not set themselves.
fn fill_in(spec: &mut Spec) {
    let lists = [
        ("volumes", &mut spec.volumes),
        ("initContainers", &mut spec.init_containers),
        ("containers", &mut spec.containers),
    ];
    let mut members = Object::new();
    for (key, list) in &lists {
        members.push(*key, Value::Array((*list).clone()));
    }
    let mut pod = Value::Object([("spec", Value::Object(members))].into_iter().collect());
    defaults::pod(&mut pod);
    for (key, list) in lists {
        if let Value::Array(items) = pod.entry("spec").entry(key).take() {
            *list = items;
        }
    }
}
