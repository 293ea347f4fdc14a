//! Judging a webhook's answer. Source: kube-apiserver 1.36, verification of admission responses.

use super::Refused;
use super::chain::CallError;
use super::webhook::Webhook;
use crate::go::base64;
use crate::go::json::{self, Value};
use crate::go::strconv::quote;
use crate::patch::json_patch;

/// A well-formed answer.
pub(super) struct Verdict {
    /// Why the webhook denies the request.
    pub(super) denied: Option<Refused>,
    /// The JSON Patch, null without one.
    pub(super) patch: Value,
    /// Warnings for the client.
    pub(super) warnings: Vec<String>,
}

const WRONG: &str = "received invalid webhook response:";

/// Reads an answer to a review of a certain version and uid.
///
/// Errors: an answer that counts as a failed call.
pub(super) fn read(webhook: &Webhook, review: &Value, answer: &Value) -> Result<Verdict, CallError> {
    let sent = review["apiVersion"].as_str().unwrap_or_default();
    let strict = sent == "admission.k8s.io/v1";
    check_shape(answer, sent)?;
    let response = &answer["response"];
    if response.is_null() {
        return Err(CallError::plain(format!("{WRONG} webhook response was absent")));
    }
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let encoded = text(&response["patch"]);
    let bytes =
        base64::decode(&encoded).map_err(|at| CallError::calling(format!("illegal base64 data at input byte {at}")))?;
    let patch_type = response["patchType"].as_str();
    if strict {
        check_v1(answer, review, &bytes, patch_type)?;
    }
    let warnings = response["warnings"].items().iter().map(text).collect();
    if response["allowed"].as_bool() != Some(true) {
        let denied = denial(webhook.name(), &response["status"]);
        return Ok(Verdict { denied: Some(denied), patch: Value::Null, warnings });
    }
    if bytes.is_empty() {
        return Ok(Verdict { denied: None, patch: Value::Null, warnings });
    }
    let undecodable = |e: String| CallError::plain(format!("received undecodable patch in webhook response: {e}"));
    let patch = json::parse(&bytes).map_err(|e| undecodable(e.to_string()))?;
    let operations = json_patch::operations(&patch).map_err(undecodable)?;
    if !operations.is_empty() && strict && patch_type != Some("JSONPatch") {
        return Err(CallError::plain(format!("unsupported patch type {}", quote(patch_type.unwrap_or_default()))));
    }
    let patch = if patch.is_null() { Value::Array(Vec::new()) } else { patch };
    Ok(Verdict { denied: None, patch, warnings })
}

/// What decoding checks: kind, version, the types of the members.
fn check_shape(answer: &Value, sent: &str) -> Result<(), CallError> {
    let Value::Object(_) = answer else {
        return match answer {
            Value::Null => Err(CallError::plain(format!("{WRONG} webhook response was absent"))),
            other => Err(CallError::calling(format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
                other.kind()
            ))),
        };
    };
    let (version, kind) =
        (answer["apiVersion"].as_str().unwrap_or_default(), answer["kind"].as_str().unwrap_or_default());
    let known = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];
    if !version.is_empty() && !kind.is_empty() && (version != sent || kind != "AdmissionReview") {
        let short = |v: &str| v.rsplit('/').next().unwrap_or(v).to_owned();
        return Err(CallError::calling(if known.contains(&version) && kind == "AdmissionReview" {
            format!(
                "converting ({}.AdmissionReview) to ({}.AdmissionReview): unknown conversion",
                short(version),
                short(sent)
            )
        } else if version.matches('/').count() > 1 {
            format!("unexpected GroupVersion string: {version}")
        } else {
            format!(
                "no kind {} is registered for version {} in scheme \"pkg/runtime/scheme.go:111\"",
                quote(kind),
                quote(version)
            )
        }));
    }
    let response = &answer["response"];
    if !matches!(response, Value::Null | Value::Object(_)) {
        return Err(mismatch(response, "AdmissionReview.response", "v1.AdmissionResponse"));
    }
    for (key, ty) in [("uid", "types.UID"), ("patchType", "v1.PatchType")] {
        if !matches!(response[key], Value::Null | Value::String(_)) {
            return Err(mismatch(&response[key], &format!("AdmissionResponse.response.{key}"), ty));
        }
    }
    if !matches!(response["allowed"], Value::Null | Value::Bool(_)) {
        return Err(mismatch(&response["allowed"], "AdmissionResponse.response.allowed", "bool"));
    }
    if !matches!(response["patch"], Value::Null | Value::String(_)) {
        return Err(match &response["patch"] {
            Value::Array(items) if !items.is_empty() => {
                mismatch(&items[0], "AdmissionResponse.response.patch", "uint8")
            }
            other => mismatch(other, "AdmissionResponse.response.patch", "[]uint8"),
        });
    }
    if !matches!(response["warnings"], Value::Null | Value::Array(_)) {
        return Err(mismatch(&response["warnings"], "AdmissionResponse.response.warnings", "[]string"));
    }
    Ok(())
}

fn mismatch(value: &Value, field: &str, ty: &str) -> CallError {
    CallError::calling(format!("json: cannot unmarshal {} into Go struct field {field} of type {ty}", value.kind()))
}

/// What v1 asks beyond v1beta1.
fn check_v1(answer: &Value, review: &Value, patch: &[u8], patch_type: Option<&str>) -> Result<(), CallError> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let wrong = |message: String| Err(CallError::plain(format!("{WRONG} {message}")));
    let (version, kind) = (text(&answer["apiVersion"]), text(&answer["kind"]));
    if version.is_empty() || kind.is_empty() {
        let group_version = if version.is_empty() { "/" } else { &version };
        return wrong(format!(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {group_version}, Kind={kind}"
        ));
    }
    let (expected, got) = (text(&review["request"]["uid"]), text(&answer["response"]["uid"]));
    if expected != got {
        return wrong(format!("expected response.uid={}, got {}", quote(&expected), quote(&got)));
    }
    match (patch.is_empty(), patch_type) {
        (false, None) => wrong("webhook returned response.patch but not response.patchType".into()),
        (true, Some(_)) => wrong("webhook returned response.patchType but not response.patch".into()),
        (false, Some("")) => wrong("webhook returned invalid response.patchType of \"\"".into()),
        _ => Ok(()),
    }
}

/// The refusal that the client sees.
fn denial(webhook: &str, status: &Value) -> Refused {
    let text = |key: &str| status[key].as_str().unwrap_or_default();
    let code = status["code"].as_i64().and_then(|c| u16::try_from(c).ok()).filter(|c| *c >= 400).unwrap_or(400);
    let said = [text("message"), text("reason")].into_iter().find(|s| !s.is_empty());
    let message = match said {
        Some(said) => format!("admission webhook {} denied the request: {said}", quote(webhook)),
        None => format!("admission webhook {} denied the request without explanation", quote(webhook)),
    };
    Refused::new(code, text("reason"), message, "denied")
}
