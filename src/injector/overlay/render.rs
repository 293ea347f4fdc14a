use crate::go::json::{Number, Value};
use crate::go::yaml;
use crate::injector::annotations;
use crate::injector::overlay::{InjectError, Injection, select, strip};
use crate::injector::pod::{self, List};
use crate::injector::release::Switches;
use crate::injector::template_data::TemplateData;
use crate::k8s::decode;
use crate::k8s::schema::{self, Api};
use crate::patch::strategic_merge;
use crate::trace::{Stage, Trace};

const NATIVE_ANNOTATION: &str = "sidecar.istio.io/nativeSidecar";

/// What the templates made.
pub(super) struct Rendered {
    /// The incoming pod with all templates merged onto it.
    pub(super) merged: Value,
    /// All templates merged onto an empty pod.
    pub(super) template: Value,
}

/// Validates the annotations, renders the pod's templates one after the other and merges each.
pub(super) fn render(injection: &Injection<'_>, trace: &mut Trace) -> Result<Rendered, InjectError> {
    let Injection { config, pod, release, .. } = *injection;
    let switches = &release.switches;
    annotations::validate(pod, switches).map_err(|e| InjectError::new("invalid-annotation", e))?;
    if let Some(error) = &config.values_error {
        return Err(InjectError::new("no-values", error.as_str()));
    }
    let stripped =
        strip::strip(pod, injection.mesh.status_port(), switches).map_err(|e| InjectError::new("reapply-error", e))?;
    if config.values_tree.is_null() && switches.refuses_null_values {
        return Err(InjectError::new("no-values", "failed to parse values.yaml; check Istiod logs for errors"));
    }
    let api = switches.kubernetes;
    let data = TemplateData::new(injection, &stripped);
    let mut merged: Option<Value> = None;
    let mut template = decode::zero(&schema::POD, api);
    for name in select::templates(injection) {
        let Some(parsed) = config.templates.get(name) else {
            let known: Vec<&str> = config.templates.keys().map(String::as_str).collect();
            let message = format!("requested template {name:?} not found; have {}", known.join(", "));
            return Err(InjectError::new("unknown-template", message));
        };
        trace.note(Stage::Render, "template-selected", || format!("template {name} is rendered"));
        let parsed = parsed.as_ref().map_err(|e| InjectError::new("template-error", e.as_str()))?;
        let text = data.render(parsed).map_err(|e| InjectError::new("template-error", e))?;
        let overlay = read_overlay(&text, switches).map_err(|e| InjectError::new("overlay-error", e))?;

        let onto_template = |template: Value, overlay: Overlay| {
            merge(template, overlay, api)
                .map_err(|e| InjectError::new("overlay-error", format!("failed applying injection overlay: {e}")))
        };
        let onto_pod = |pod: Value, overlay: Overlay| {
            merge(pod, overlay, api).map_err(|e| {
                let text = "failed parsing generated injected YAML (check Istio sidecar injector configuration)";
                InjectError::new("overlay-error", format!("{text}: {e}"))
            })
        };
        let base = match merged.take() {
            Some(pod) => pod,
            None => pod.clone(),
        };
        if switches.merges_pod_first {
            merged = Some(onto_pod(base, overlay.clone())?);
            template = onto_template(template, overlay)?;
        } else {
            template = onto_template(template, overlay.clone())?;
            let base = with_sidecar_where_template_has_it(base, &template, injection);
            merged = Some(onto_pod(base, overlay)?);
        }
    }
    Ok(Rendered { merged: merged.unwrap_or_else(|| pod.clone()), template })
}

/// A rendered template as a tree, or what is wrong with it.
type Overlay = Result<Value, &'static str>;

/// Reads a rendered template. A text that is no YAML mapping loses its details, as in the real injector; once they were
/// kept where it was no YAML at all.
///
/// Errors: YAML that cannot be read, with the details.
fn read_overlay(text: &str, switches: &Switches) -> Result<Overlay, String> {
    Ok(match yaml::to_json(text) {
        Ok(overlay @ Value::Object(_)) => Ok(overlay),
        Ok(Value::Null) => Ok(Value::object()),
        Err(e) if switches.overlays_as_json => return Err(format!("yaml to json: {e}")),
        _ => Err("invalid JSON document"),
    })
}

/// Merges an overlay onto a pod and reads the result as a pod again.
fn merge(pod: Value, overlay: Overlay, api: Api) -> Result<Value, String> {
    let overlay = overlay.map_err(|e| format!("strategic merge: {e}"))?;
    let mut merged =
        strategic_merge::merge_as(pod, overlay, &schema::POD, api).map_err(|e| format!("strategic merge: {e}"))?;
    if round_large_integers(&mut merged) {
        // One of them may be an error now; Go finds the first of its sorted JSON.
        sort(&mut merged);
    }
    decode::decode_as(merged, &schema::POD, api).map_err(|e| format!("unmarshal patched pod: {e}"))
}

/// The merge goes through Go's `float64`: integers beyond 2^53 lose their last digits. True when there are any.
fn round_large_integers(value: &mut Value) -> bool {
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Number(n) => {
            let large = n.as_i64().is_some_and(|i| i.unsigned_abs() > EXACT);
            if large {
                *n = Number::parse(&crate::go::json::format_float(n.as_f64())).unwrap_or_else(|| n.clone());
            }
            large
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| round_large_integers(item) | any),
        Value::Object(members) => members.iter_mut().fold(false, |any, (_, v)| round_large_integers(v) | any),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Orders the members of all objects by their keys.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Object(members) => {
            members.sort();
            members.iter_mut().for_each(|(_, v)| sort(v));
        }
        _ => {}
    }
}

/// A user's own istio-proxy container is moved to the init containers where the template's sidecar is one of them, so
/// that the two are merged.
fn with_sidecar_where_template_has_it(mut pod: Value, template: &Value, injection: &Injection<'_>) -> Value {
    let reads_annotation = injection.release.switches.reads_native_annotation;
    let native = match pod::annotation(&pod, NATIVE_ANNOTATION).filter(|_| reads_annotation) {
        Some("true") => true,
        Some("false") => false,
        _ => injection.native,
    };
    if native && pod::find(pod::containers(template, List::InitContainers), pod::PROXY).is_some() {
        let own = pod::containers(&pod, List::Containers).iter().position(|c| pod::name(c) == pod::PROXY);
        if let Some(own) = own {
            let container = pod::containers_mut(&mut pod, List::Containers).remove(own);
            pod::containers_mut(&mut pod, List::InitContainers).push(container);
        }
    }
    pod
}
