//! The body of a request, as the API server's JSON decoder reads it: first its kind, then the object.
//!
//! Source: k8s.io/apimachinery 0.36, `runtime/serializer/json`, with core v1 registered.

use std::fmt;

use super::{DecodeError, Strict, strict};
use crate::go::json::{self, ParseOptions};
use crate::go::strconv::quote;
use crate::k8s::schema::{self, Api};
use crate::k8s::scheme;

/// Why a body is no pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The body is an object of another registered kind, such as `PodList`.
    OtherKind(String),
    /// The API server cannot read it; Go's text.
    Unreadable(String),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::OtherKind(kind) => write!(f, "the object is a {kind}, not a Pod"),
            BodyError::Unreadable(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for BodyError {}

impl From<DecodeError> for BodyError {
    fn from(error: DecodeError) -> BodyError {
        BodyError::Unreadable(error.to_string())
    }
}

/// Reads a text as a pod. A body without kind or version is taken for one.
///
/// Errors: broken JSON, a kind or version of a wrong type, kinds that are not registered, values that do not fit.
pub fn body(text: impl AsRef<[u8]>) -> Result<Strict, BodyError> {
    let value = json::parse_with(text.as_ref(), ParseOptions { keep_duplicates: true })
        .map_err(|e| BodyError::Unreadable(format!("{}: {e}", scheme::NO_KIND)))?;
    let (api_version, kind) = scheme::type_meta(&value).map_err(BodyError::Unreadable)?;
    let (group, version) = match api_version.split_once('/') {
        None => ("", api_version),
        Some((group, version)) if !version.contains('/') => (group, version),
        Some(_) => return Err(BodyError::Unreadable(format!("unexpected GroupVersion string: {api_version}"))),
    };
    let kind = if kind.is_empty() { "Pod" } else { kind };
    let version = if group.is_empty() && version.is_empty() { "v1" } else { version };
    if version.is_empty() {
        let text = String::from_utf8_lossy(text.as_ref());
        return Err(BodyError::Unreadable(format!("Object 'apiVersion' is missing in '{text}'")));
    }
    let core = group.is_empty() && version == "v1";
    if core && kind == "Pod" {
        return Ok(strict(value, &schema::POD)?);
    }
    if scheme::is_unversioned(kind) || (core && scheme::knows_core(kind, Api::LATEST)) {
        return Err(BodyError::OtherKind(kind.to_owned()));
    }
    let slash = if group.is_empty() { "" } else { "/" };
    Err(BodyError::Unreadable(match version {
        "__internal" => format!(
            "no kind {} is registered for the internal version of group {} in scheme {SCHEME}",
            quote(kind),
            quote(group)
        ),
        _ => format!(
            "no kind {} is registered for version {} in scheme {SCHEME}",
            quote(kind),
            quote(&format!("{group}{slash}{version}"))
        ),
    }))
}

/// Where apimachinery says that the scheme was made.
const SCHEME: &str = r#""pkg/runtime/scheme.go:111""#;
