//! Reading the body of a request as an AdmissionReview, with what the decoders of these releases take and say.

use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::injector::release::{ListPatch, Reviews};
use crate::injector::webhook::reader;
use crate::k8s::schema::Api;
use crate::k8s::scheme;

const GROUP_VERSIONS: [&str; 2] = ["admission.k8s.io/v1beta1", "admission.k8s.io/v1"];

/// Where the decoder's table of types was made; part of its error texts (1.3 on).
const SCHEME: &str = "pkg/runtime/scheme.go:101";

/// Why there is no review.
pub(in crate::injector) struct Unreadable {
    /// The decoder's text.
    pub(in crate::injector) message: String,
    /// The uid that was read before the error.
    pub(in crate::injector) uid: String,
}

impl From<String> for Unreadable {
    fn from(message: String) -> Unreadable {
        Unreadable { message, uid: String::new() }
    }
}

/// Reads a review from JSON or YAML. Another kind that the decoder knows gives a review without a request.
///
/// Errors: the decoder's text.
pub(in crate::injector) fn parse(body: &[u8], rules: &ListPatch, api: Api) -> Result<Value, Unreadable> {
    let reviews = rules.reviews;
    let text = String::from_utf8_lossy(body);
    let review = scheme::read(body)?;
    let (version, kind) = scheme::type_meta(&review)?;
    if version.matches('/').count() > 1 {
        return Err(format!("unexpected GroupVersion string: {version}").into());
    }
    let (version, kind) = match reviews {
        Reviews::Anything => (GROUP_VERSIONS[0], "AdmissionReview"),
        Reviews::Beta => {
            let version = if version.is_empty() { GROUP_VERSIONS[0] } else { version };
            (version, if kind.is_empty() { "AdmissionReview" } else { kind })
        }
        Reviews::Both if kind.is_empty() => return Err(format!("Object 'Kind' is missing in '{text}'").into()),
        Reviews::Both if version.is_empty() => {
            return Err(format!("Object 'apiVersion' is missing in '{text}'").into());
        }
        Reviews::Both => (version, kind),
    };
    let known = match reviews {
        Reviews::Both => &GROUP_VERSIONS[..],
        _ => &GROUP_VERSIONS[..1],
    };
    // They decode, and then the handler finds no review.
    if scheme::is_unversioned(kind) || version == "v1" && scheme::knows_core(kind, api) {
        return Ok(Value::object());
    }
    if kind != "AdmissionReview" || !known.contains(&version) {
        let scheme = if rules.errors_name_scheme { format!(" in scheme {}", quote(SCHEME)) } else { String::new() };
        let message = format!("no kind {} is registered for version {}{scheme}", quote(kind), quote(version));
        return Err(message.into());
    }
    let any_case = reviews == Reviews::Anything;
    let is_beta = version == GROUP_VERSIONS[0];
    let review = if any_case { reader::spelled(review) } else { review };
    match reader::error(&review, &reader::as_json(body, &review), is_beta, any_case, api) {
        None => Ok(review),
        // The later decoders give nothing back with an error.
        Some((message, _)) if reviews == Reviews::Both => Err(message.into()),
        Some((message, uid)) => Err(Unreadable { message, uid }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::release::{Engine, Release};

    fn read(body: &str, release: &str) -> Result<Value, String> {
        let switches = &Release::find(release).unwrap().switches;
        let Engine::ListPatch(rules) = switches.engine else { panic!("{release} has another engine") };
        parse(body.as_bytes(), rules, switches.kubernetes).map_err(|e| e.message)
    }

    #[test]
    fn members_count_in_any_case_in_1_0_only() {
        let body = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","REQUEST":{"Uid":"u"}}"#;
        assert_eq!(read(body, "1.0.9").unwrap()["request"]["uid"].as_str(), Some("u"));
        assert!(read(body, "1.1.17").unwrap()["request"].is_null());
        let wrong = r#"{"Request":{"OPERATION":1}}"#;
        assert!(read(wrong, "1.0.9").unwrap_err().contains("AdmissionRequest.Operation: ReadString"));
        assert!(read(wrong, "1.1.17").is_ok());
    }

    #[test]
    fn errors_name_embedded_structs() {
        let body =
            r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":-1,"kind":{}}}"#;
        let error = read(body, "1.3.8").unwrap_err();
        assert!(
            error.starts_with("v1beta1.AdmissionReview.TypeMeta: Kind: Request: v1beta1.AdmissionRequest.UID"),
            "{error}"
        );
    }
}
