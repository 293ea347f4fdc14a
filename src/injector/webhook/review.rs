//! Reading the body of a request as an AdmissionReview, with the errors of Kubernetes' decoder.

use crate::go::json::{self, Value};
use crate::go::strconv::quote;
use crate::go::yaml;

/// The group of reviews.
const GROUP: &str = "admission.k8s.io";

/// Where the decoder's table of types was made; part of its error texts.
const SCHEME: &str = "pkg/runtime/scheme.go:111";

/// Kinds that the decoder knows besides reviews, all of group core/v1: they decode, but are refused.
const OTHER_KINDS: &[&str] =
    &["Pod", "PodList", "Namespace", "ConfigMap", "Secret", "Service", "Node", "List", "Event", "Status"];

/// Members of a review's request and the type that Go gives them.
const REQUEST_TEXTS: &[(&str, &str)] = &[
    ("uid", "types.UID"),
    ("subResource", "string"),
    ("name", "string"),
    ("namespace", "string"),
    ("operation", "v1.Operation"),
];

/// Why a body is no review.
pub(super) enum Unread {
    /// The decoder's text.
    Text(String),
    /// It is something else that the decoder knows; with the text.
    OtherKind(String),
}

impl From<String> for Unread {
    fn from(text: String) -> Unread {
        Unread::Text(text)
    }
}

/// Reads a review from JSON or YAML.
pub(super) fn parse(body: &[u8]) -> Result<Value, Unread> {
    let unreadable = |e: String| format!("couldn't get version/kind; json parse error: {e}");
    let text = String::from_utf8_lossy(body);
    let review = if text.trim_start().starts_with('{') {
        json::parse(body).map_err(|e| unreadable(e.to_string()))?
    } else {
        yaml::to_json(&text).map_err(|e| unreadable(e.to_string()))?
    };
    if !matches!(review, Value::Object(_)) {
        return Err(unreadable(format!(
            "json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            review.kind()
        ))
        .into());
    }
    let (kind, version) = (member(&review, "kind", unreadable)?, member(&review, "apiVersion", unreadable)?);
    if version.matches('/').count() > 1 {
        return Err(format!("unexpected GroupVersion string: {version}").into());
    }
    if kind.is_empty() {
        return Err(format!("Object 'Kind' is missing in '{text}'").into());
    }
    if version.is_empty() {
        return Err(format!("Object 'apiVersion' is missing in '{text}'").into());
    }
    let (group, number) = version.split_once('/').unwrap_or(("", version));
    match (group, number, kind) {
        (GROUP, "v1" | "v1beta1", "AdmissionReview") => {}
        ("", "v1", kind) if OTHER_KINDS.contains(&kind) => {
            return Err(Unread::OtherKind(format!("unsupported type :{kind}")));
        }
        _ => {
            return Err(format!(
                "no kind {} is registered for version {} in scheme {}",
                quote(kind),
                quote(version),
                quote(SCHEME)
            )
            .into());
        }
    }
    check_request(&review["request"])?;
    Ok(review)
}

fn member<'a>(review: &'a Value, key: &str, unreadable: impl Fn(String) -> String) -> Result<&'a str, String> {
    match &review[key] {
        Value::Null => Ok(""),
        Value::String(text) => Ok(text),
        other => Err(unreadable(format!(
            "json: cannot unmarshal {} into Go struct field .{key} of type string",
            other.kind()
        ))),
    }
}

fn check_request(request: &Value) -> Result<(), String> {
    if !matches!(request, Value::Null | Value::Object(_)) {
        let kind = request.kind();
        return Err(format!(
            "json: cannot unmarshal {kind} into Go struct field AdmissionReview.request of type v1.AdmissionRequest"
        ));
    }
    for (key, ty) in REQUEST_TEXTS {
        let value = &request[*key];
        if !matches!(value, Value::Null | Value::String(_)) {
            let kind = value.kind();
            return Err(format!(
                "json: cannot unmarshal {kind} into Go struct field AdmissionRequest.request.{key} of type {ty}"
            ));
        }
    }
    Ok(())
}
