//! Reading and judging a webhook's answer. Source: kube-apiserver 1.36, its webhook client and the verification of
//! admission responses.

use super::chain::CallError;
use super::refused::Refused;
use super::transport::Http;
use super::webhook::Webhook;
use crate::go::json::{self, Value};
use crate::go::strconv::quote;
use crate::go::{base64, mime, yaml};
use crate::k8s::decode;
use crate::k8s::schema::{self, Type};
use crate::patch::json_patch;

/// How much of an error's text is passed on.
const MAX_ERROR_TEXT: usize = 2048;

/// A well-formed answer.
pub(super) struct Verdict {
    /// Why the webhook denies the request.
    pub(super) denied: Option<Refused>,
    /// The JSON Patch, null without one.
    pub(super) patch: Value,
}

/// Reads an HTTP response as the AdmissionReview that answers one of version `sent`.
///
/// Errors: a response that counts as a failed call.
pub(super) fn decode_http(http: &Http, sent: &str) -> Result<Value, CallError> {
    if http.truncated {
        let text = "unexpected error when reading response body. Please retry. Original error: unexpected EOF";
        return Err(CallError::calling(text));
    }
    let header = http.header("Content-Type");
    let content_type = if header.is_empty() { "application/json" } else { header };
    mime::media_type(content_type).map_err(|e| CallError::calling(format!("Internal error occurred: {e}")))?;
    if !(200..=206).contains(&http.status) {
        return Err(CallError::calling(status_message(&http.body).unwrap_or_else(|| error_text(http))));
    }
    if http.body.is_empty() {
        let text = format!("0-length response with status code: {} and content type: {content_type}", http.status);
        return Err(CallError::calling(text));
    }
    decode(parse(&http.body).map_err(CallError::calling)?, sent)
}

/// JSON where it begins like an object, else YAML.
fn parse(body: &[u8]) -> Result<Value, String> {
    if body.trim_ascii_start().starts_with(b"{") {
        return json::parse(body).map_err(|e| format!("couldn't get version/kind; json parse error: {e}"));
    }
    yaml::to_json(&String::from_utf8_lossy(body)).map_err(|e| e.to_string())
}

/// The message of a Status that tells of a failure.
fn status_message(body: &[u8]) -> Option<String> {
    let status = parse(body).ok()?;
    let named =
        |key: &str, name: &str| matches!(status[key].as_str(), None | Some("")) || status[key].as_str() == Some(name);
    if body.is_empty() || !named("kind", "Status") || !named("apiVersion", "v1") {
        return None;
    }
    let status = decode::decode_exact(status, &schema::STATUS).ok()?;
    (status["status"].as_str() == Some("Failure")).then(|| status["message"].as_str().unwrap_or_default().to_owned())
}

/// What is said of an HTTP error.
fn error_text(http: &Http) -> String {
    let header = http.header("Content-Type");
    let is_text = header.is_empty() || mime::media_type(header).is_ok_and(|t| t.starts_with("text/"));
    let said = match is_text {
        true => String::from_utf8_lossy(&http.body[..http.body.len().min(MAX_ERROR_TEXT)]).trim().to_owned(),
        false => "unknown".to_owned(),
    };
    let text = match http.status {
        400 => "the server rejected our request for an unknown reason",
        401 => "the server has asked for the client to provide credentials",
        403 | 415 => return said,
        404 => "the server could not find the requested resource",
        405 => "the server does not allow this method on the requested resource",
        406 if said.is_empty() || said == "unknown" => {
            "the server was unable to respond with a content type that the client supports"
        }
        406 => return said,
        409 => "the server reported a conflict",
        422 => "the server rejected our request due to an error in our request",
        429 => "the server has received too many requests and has asked us to try again later",
        503 => "the server is currently unable to handle the request",
        504 => {
            "the server was unable to return a response in the time allotted, but may still be processing the request"
        }
        500.. => return format!("an error on the server ({}) has prevented the request from succeeding", quote(&said)),
        status => {
            return format!("the server responded with the status code {status} but did not return more information");
        }
    };
    text.to_owned()
}

/// Kinds that the API server's reader of answers knows besides AdmissionReview, by group version.
const OTHER_KINDS: &[(&str, &[&str])] = &[
    ("v1", &["APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status"]),
    ("admission.k8s.io/v1", OPTION_KINDS),
    ("admission.k8s.io/v1beta1", OPTION_KINDS),
];

const OPTION_KINDS: &[&str] =
    &["CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent"];

/// Reads a JSON value as the AdmissionReview that answers one of version `sent`.
///
/// Errors: a value that counts as a failed call.
pub(super) fn decode(answer: Value, sent: &str) -> Result<Value, CallError> {
    if is_plain(&answer, sent) {
        return Ok(answer);
    }
    let no_kind = |e: String| CallError::calling(format!("couldn't get version/kind; json parse error: {e}"));
    let (version, kind) = match &answer {
        Value::Null => ("", ""),
        Value::Object(_) => {
            let text = |key: &str| match &answer[key] {
                Value::Null => Ok(""),
                Value::String(text) => Ok(text.as_str()),
                other => Err(no_kind(format!(
                    "json: cannot unmarshal {} into Go struct field .{key} of type string",
                    other.kind()
                ))),
            };
            (text("apiVersion")?, text("kind")?)
        }
        other => {
            let fields = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
            return Err(no_kind(format!("json: cannot unmarshal {} into Go value of type {fields}", other.kind())));
        }
    };
    if version.matches('/').count() > 1 {
        return Err(CallError::calling(format!("unexpected GroupVersion string: {version}")));
    }
    let kind = if kind.is_empty() { "AdmissionReview" } else { kind };
    let version = if version.is_empty() { sent } else { version };
    let short = |v: &str| v.rsplit('/').next().unwrap_or(v).to_owned();
    if version != sent || kind != "AdmissionReview" {
        let is_review = kind == "AdmissionReview" && version.starts_with("admission.k8s.io/v1");
        let known = |(v, kinds): &(&str, &[&str])| *v == version && (kinds.contains(&kind) || is_review);
        let text = match OTHER_KINDS.iter().any(known) {
            true => format!(
                "converting ({}.{kind}) to ({}.AdmissionReview): unknown conversion",
                short(version),
                short(sent)
            ),
            false => format!(
                "no kind {} is registered for version {} in scheme {}",
                quote(kind),
                quote(version),
                quote(super::SCHEME)
            ),
        };
        return Err(CallError::calling(text));
    }
    let ty: &'static Type = match sent {
        "admission.k8s.io/v1" => &schema::ADMISSION_REVIEW,
        _ => &schema::ADMISSION_REVIEW_V1BETA1,
    };
    let answer = decode::decode_exact(answer, ty).map_err(|e| CallError::calling(e.to_string()))?;
    check_patch(&answer["response"]["patch"])?;
    Ok(answer)
}

/// True for the usual answers, which decoding would leave as they are.
fn is_plain(answer: &Value, sent: &str) -> bool {
    let text = |v: &Value| matches!(v, Value::String(_));
    let plain = |(key, value): (&json::Str, &Value)| match key.as_str() {
        "uid" | "patchType" => text(value),
        "allowed" => value.as_bool().is_some(),
        "patch" => value.as_str().is_some_and(|p| !p.is_empty()),
        _ => false,
    };
    answer["apiVersion"].as_str() == Some(sent)
        && answer["kind"].as_str() == Some("AdmissionReview")
        && answer["response"].as_object().is_some_and(|response| response.iter().all(plain))
}

/// Go's `[]byte`: base64, or a list of numbers.
fn check_patch(patch: &Value) -> Result<(), CallError> {
    let wrong = |value: &Value, ty: &str| {
        let text = format!(
            "json: cannot unmarshal {} into Go struct field AdmissionResponse.response.patch of type {ty}",
            value.kind()
        );
        Err(CallError::calling(text))
    };
    match patch {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(items) => match items.iter().find(|i| !matches!(i, Value::Number(_))) {
            Some(item) => wrong(item, "uint8"),
            None => Ok(()),
        },
        other => wrong(other, "[]uint8"),
    }
}

/// The bytes of a patch.
fn patch_bytes(patch: &Value) -> Result<Vec<u8>, CallError> {
    match patch {
        Value::String(text) => {
            base64::decode(text).map_err(|at| CallError::calling(format!("illegal base64 data at input byte {at}")))
        }
        list => Ok(list.items().iter().filter_map(|n| u8::try_from(n.as_i64()?).ok()).collect()),
    }
}

/// Judges an answer that was read, to a review of a certain version and uid. `on_verified` gets the response when it is
/// well-formed, whatever it says.
///
/// Returns the refusal where the request is refused whatever the failurePolicy. Errors: an answer that counts as a
/// failed call.
pub(super) fn judge(
    webhook: &Webhook,
    review: &Value,
    answer: &Value,
    on_verified: impl FnOnce(&Value),
    mutates: bool,
    has_object: bool,
) -> Result<Result<Verdict, Refused>, CallError> {
    let response = &answer["response"];
    let bytes = patch_bytes(&response["patch"])?;
    let wrong = |message: String| Err(CallError::plain(format!("received invalid webhook response: {message}")));
    if response.is_null() {
        return wrong("webhook response was absent".into());
    }
    let strict = review["apiVersion"].as_str() == Some("admission.k8s.io/v1");
    let patch_type = response["patchType"].as_str();
    if strict && let Err(message) = verify(answer, review, &bytes, patch_type, mutates) {
        return wrong(message);
    }
    on_verified(response);
    let patch_type = if strict { patch_type.unwrap_or_default() } else { "JSONPatch" };
    let mut verdict = Verdict { denied: None, patch: Value::Null };
    if response["allowed"].as_bool() != Some(true) {
        verdict.denied = Some(denial(webhook.name(), &response["status"]));
        return Ok(Ok(verdict));
    }
    if bytes.is_empty() || !mutates {
        return Ok(Ok(verdict));
    }
    let undecodable = |e: String| CallError::plain(format!("received undecodable patch in webhook response: {e}"));
    let patch = json::parse(&bytes).map_err(|e| undecodable(e.to_string()))?;
    let operations = json_patch::operations(&patch).map_err(undecodable)?;
    if operations.is_empty() {
        verdict.patch = Value::Array(Vec::new());
        return Ok(Ok(verdict));
    }
    if !has_object {
        let message = format!(
            "admission webhook {} attempted to modify the object, which is not supported for this operation",
            quote(webhook.name())
        );
        return Ok(Err(Refused::internal(&message, "patch-failed")));
    }
    if patch_type != "JSONPatch" {
        return Err(CallError::plain(format!("unsupported patch type {}", quote(patch_type))));
    }
    verdict.patch = patch;
    Ok(Ok(verdict))
}

/// What v1 asks beyond v1beta1.
fn verify(answer: &Value, review: &Value, patch: &[u8], patch_type: Option<&str>, mutates: bool) -> Result<(), String> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let (expected, got) = (text(&review["request"]["uid"]), text(&answer["response"]["uid"]));
    if expected != got {
        return Err(format!("expected response.uid={}, got {}", quote(&expected), quote(&got)));
    }
    let (version, kind) = (text(&answer["apiVersion"]), text(&answer["kind"]));
    if version.is_empty() || kind.is_empty() {
        let version = if version.is_empty() { "/" } else { &version };
        return Err(format!(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {version}, Kind={kind}"
        ));
    }
    match (patch.is_empty(), patch_type) {
        (false, _) if !mutates => Err("validating webhook may not return response.patch".into()),
        (true, Some(_)) if !mutates => Err("validating webhook may not return response.patchType".into()),
        (false, None) => Err("webhook returned response.patch but not response.patchType".into()),
        (true, Some(_)) => Err("webhook returned response.patchType but not response.patch".into()),
        (false, Some("")) => Err("webhook returned invalid response.patchType of \"\"".into()),
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
    let status_word = match text("status") {
        "" | "Success" => "Failure",
        other => other,
    };
    Refused {
        status: status_word.into(),
        details: status["details"].clone(),
        ..Refused::new(code, text("reason"), message, "denied")
    }
}
