//! Reading the body of a request as an AdmissionReview, with the errors of Kubernetes' decoder.

use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::injector::release::Switches;
use crate::k8s::schema::{self, Kind};
use crate::k8s::{decode, scheme};

use super::reader;

/// The group of reviews.
const GROUP: &str = "admission.k8s.io";

/// Where the decoder's table of types was made; part of its error texts.
const SCHEME: &str = "pkg/runtime/scheme.go:111";

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

/// Reads a review from JSON or YAML, as the decoder of a release does.
pub(super) fn parse(body: &[u8], switches: &Switches) -> Result<Value, Unread> {
    let api = switches.kubernetes;
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
            let text = format!("unsupported type :&TypeMeta{{Kind:{kind},APIVersion:{version},}}");
            return Err(Unread::OtherKind(text));
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
    let is_beta = number == "v1beta1";
    if switches.iterates_reviews {
        return match reader::error(&review, &reader::as_json(body, &review), is_beta, false, api) {
            None => Ok(review),
            Some((message, _)) => Err(message.into()),
        };
    }
    check_request(&review["request"], is_beta)?;
    Ok(review)
}

/// The decoder's first complaint about a request; what it keeps as it is, it does not look at.
fn check_request(request: &Value, is_beta: bool) -> Result<(), String> {
    let ty = if is_beta { &schema::ADMISSION_REQUEST_V1BETA1 } else { &schema::ADMISSION_REQUEST };
    let looked_at = match request {
        Value::Null => return Ok(()),
        Value::Object(members) => {
            let typed = |key: &str| ty.field(key).is_some_and(|field| !matches!(field.kind, Kind::Raw));
            Value::Object(members.iter().filter(|(key, _)| typed(key)).map(|(k, v)| (k.clone(), v.clone())).collect())
        }
        other => other.clone(),
    };
    decode::check_exact_in(looked_at, ty, "AdmissionReview", "request").map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::release::Release;

    fn error(body: &str) -> String {
        match parse(body.as_bytes(), &Release::find("1.17").unwrap().switches) {
            Ok(_) => String::new(),
            Err(Unread::Text(text) | Unread::OtherKind(text)) => text,
        }
    }

    #[test]
    fn requests_have_types() {
        for (version, request, want) in [
            ("v1", r#"{"uid":"u","object":1,"options":[],"foo":1,"Kind":1}"#, ""),
            ("v1", r#"{"kind":[],"uid":1}"#, "AdmissionRequest.request.kind of type v1.GroupVersionKind"),
            ("v1", r#"{"kind":{"group":1}}"#, "GroupVersionKind.request.kind.group of type string"),
            ("v1", r#"{"userInfo":{"extra":{"a":1}}}"#, "UserInfo.request.userInfo.extra of type v1.ExtraValue"),
            ("v1", r#"{"userInfo":{"extra":{"a":[1]}}}"#, "UserInfo.request.userInfo.extra of type string"),
            ("v1", r#"{"userInfo":{"groups":[1]}}"#, "UserInfo.request.userInfo.groups of type string"),
            ("v1", r#"{"dryRun":1}"#, "AdmissionRequest.request.dryRun of type bool"),
            ("v1beta1", r#"{"operation":1}"#, "AdmissionRequest.request.operation of type v1beta1.Operation"),
            ("v1beta1", "1", "AdmissionReview.request of type v1beta1.AdmissionRequest"),
        ] {
            let body = format!(
                r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/{version}","request":{request}}}"#
            );
            let text = error(&body);
            match want {
                "" => assert_eq!(text, "", "{request}"),
                want => assert!(text.ends_with(&format!("into Go struct field {want}")), "{request}: {text}"),
            }
        }
    }

    #[test]
    fn other_bodies() {
        assert_eq!(
            error(r#"{"kind":"Pod","apiVersion":"v1"}"#),
            "unsupported type :&TypeMeta{Kind:Pod,APIVersion:v1,}"
        );
        assert_eq!(error("[\"]"), "yaml: found unexpected end of stream");
    }
}
