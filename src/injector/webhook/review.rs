//! Reading the body of a request as an AdmissionReview, with the errors of Kubernetes' decoder.

use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::schema::Api;
use crate::k8s::scheme;

/// The group of reviews.
const GROUP: &str = "admission.k8s.io";

/// Where the decoder's table of types was made; part of its error texts.
const SCHEME: &str = "pkg/runtime/scheme.go:111";

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

/// Reads a review from JSON or YAML, with the types of a release of Kubernetes.
pub(super) fn parse(body: &[u8], api: Api) -> Result<Value, Unread> {
    let text = String::from_utf8_lossy(body);
    let review = scheme::read(body)?;
    let (version, kind) = scheme::type_meta(&review)?;
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
        (_, _, kind) if scheme::is_unversioned(kind) || version == "v1" && scheme::knows_core(kind, api) => {
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
