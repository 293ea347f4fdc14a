//! Reading the object that a client sends.

use super::{Handling, bad_request, kinds};
use crate::admission::{self, Refused};
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::schema::{self, Kind, Type};
use crate::k8s::{decode, defaults};

impl Handling<'_, '_> {
    /// The body as an object of the resource's kind, with defaults, in the form in which it is kept.
    pub(super) fn read(&mut self, body: Value) -> Result<Value, Refused> {
        let kind = self.resource.kind();
        let text = |key: &str| body[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
        let (version, name) = (text("apiVersion"), text("kind"));
        let version = version.unwrap_or_else(|| kind.api_version());
        let name = name.unwrap_or_else(|| kind.name.clone());
        let cannot = |why: &str| {
            bad_request(format!(
                "{name} in version {} cannot be handled as a {}: {why}",
                quote(version.rsplit('/').next().unwrap_or(&version)),
                kind.name
            ))
        };
        let unknown = match (kind.api_version().as_str(), kind.name.as_str()) {
            ("v1", "Pod") => unknown_fields(&body, &schema::POD, ""),
            _ => Vec::new(),
        };
        let mut object = admission::read(body, &kind).map_err(|e| cannot(&e))?;
        admission::settle(&mut object, &kind).map_err(|e| cannot(&e))?;
        if !unknown.is_empty() {
            match self.asked.query.get("fieldValidation").map(String::as_str) {
                Some("Ignore") => {}
                Some("Strict") => return Err(cannot(&format!("strict decoding error: {}", unknown.join(", ")))),
                _ => unknown.iter().for_each(|text| self.warnings.add(text)),
            }
        }
        defaults::object(&mut object);
        if kind.name == "Pod" {
            defaults::stored(&mut object);
        }
        Ok(object)
    }

    /// Checks that an object stands in the namespace of the URL, which it gets where it has none.
    pub(super) fn settle_namespace(&self, object: &mut Value) -> Result<(), Refused> {
        let (own, asked) = (kinds::metadata(object, "namespace"), self.asked.namespace.as_str());
        if asked.is_empty() {
            return Ok(());
        }
        if !own.is_empty() && own != asked {
            let text = "the namespace of the provided object does not match the namespace sent on the request";
            return Err(bad_request(text));
        }
        kinds::set_metadata(object, "namespace", asked.into());
        Ok(())
    }
}

/// The members that the type does not know, as strict reading complains about them.
fn unknown_fields(value: &Value, ty: &'static Type, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in value.as_object().into_iter().flat_map(crate::go::json::Object::iter) {
        let path = if place.is_empty() { key.to_string() } else { format!("{place}.{key}") };
        match ty.field(key) {
            None => found.push(format!("unknown field {}", quote(&path))),
            Some(field) => inside(value, &field.kind, &path, &mut found),
        }
    }
    found
}

fn inside(value: &Value, kind: &'static Kind, path: &str, found: &mut Vec<String>) {
    match kind {
        Kind::Struct(ty) => found.extend(unknown_fields(value, ty, path)),
        Kind::List(item) => {
            for (i, value) in value.items().iter().enumerate() {
                inside(value, item, &format!("{path}[{i}]"), found);
            }
        }
        Kind::Map(item) => {
            for (key, value) in value.as_object().into_iter().flat_map(crate::go::json::Object::iter) {
                inside(value, item, &format!("{path}.{key}"), found);
            }
        }
        _ => {}
    }
}

/// Reads a pod again after the server changed it by a patch of its client.
///
/// Errors: Go's text.
pub(super) fn pod(object: Value) -> Result<Value, String> {
    let mut pod = decode::decode_exact(object, &schema::POD).map_err(|e| e.to_string())?;
    defaults::pod(&mut pod);
    defaults::stored(&mut pod);
    Ok(pod)
}
