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
    match reader::error(&review, &reader::as_json(body, &review), version == GROUP_VERSIONS[0], api) {
        None => Ok(review),
        // The later decoders give nothing back with an error.
        Some((message, _)) if reviews == Reviews::Both => Err(message.into()),
        Some((message, uid)) => Err(Unreadable { message, uid }),
    }
}
