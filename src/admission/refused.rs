use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::k8s::validation;

/// A refused request, as the client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The HTTP status code.
    pub code: u16,
    /// The reason of the Status, empty where there is none.
    pub reason: String,
    /// The message.
    pub message: String,
    /// The details of the Status, or null.
    pub details: Value,
    /// `Failure`, or what a webhook puts in its place.
    pub status: Box<str>,
    /// The code of the step that refused, one of [`crate::trace::CODES`].
    pub phase: &'static str,
}

impl Refused {
    /// A refusal without details.
    pub fn new(code: u16, reason: &str, message: impl Into<String>, phase: &'static str) -> Refused {
        let (reason, message, status) = (reason.to_owned(), message.into(), "Failure".into());
        Refused { code, reason, message, details: Value::Null, status, phase }
    }

    /// A 500 of the API server itself.
    pub fn internal(message: &str, phase: &'static str) -> Refused {
        let cause: Object = [("message", message)].into_iter().collect();
        let causes = Value::Array(vec![Value::Object(cause)]);
        let details = Value::Object([("causes", causes)].into_iter().collect());
        let text = format!("Internal error occurred: {message}");
        Refused { details, ..Refused::new(500, "InternalError", text, phase) }
    }

    /// A 403 about an object: `pods "x" is forbidden: …`; without a name, the kind of objects only.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str, phase: &'static str) -> Refused {
        let whole = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
        let message = match name {
            "" => format!("{whole} is forbidden: {why}"),
            name => format!("{whole} {} is forbidden: {why}", quote(name)),
        };
        let details = details(name, group, resource);
        Refused { details, ..Refused::new(403, "Forbidden", message, phase) }
    }

    /// A refusal about an object.
    pub fn about(
        code: u16,
        reason: &str,
        message: impl Into<String>,
        name: &str,
        group: &str,
        kind: &str,
        phase: &'static str,
    ) -> Refused {
        Refused { details: details(name, group, kind), ..Refused::new(code, reason, message, phase) }
    }

    /// A 422 about an object with these errors.
    pub fn invalid(group: &str, kind: &str, name: &str, errors: &[validation::Error]) -> Refused {
        let whole = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
        let message = validation::message(&whole, name, errors);
        let mut details = validation::details(kind, name, errors);
        if !group.is_empty() {
            *details.entry("group") = group.into();
        }
        Refused { details, ..Refused::new(422, "Invalid", message, "invalid-object") }
    }

    /// A 404 for a namespace.
    pub fn namespace_not_found(name: &str) -> Refused {
        let message = format!("namespaces {} not found", quote(name));
        Refused { details: details(name, "", "namespaces"), ..Refused::new(404, "NotFound", message, "match-error") }
    }

    /// A 504: no time is left for the request.
    pub fn timeout() -> Refused {
        let message = "Timeout: request did not complete within requested timeout";
        Refused { details: Value::object(), ..Refused::new(504, "Timeout", message, "call-failed") }
    }

    /// The Status without kind, version and metadata.
    pub fn to_status(&self) -> Object {
        let mut status = Object::with_capacity(5);
        status.push("status", &*self.status);
        status.push("message", self.message.as_str());
        status.push("reason", self.reason.as_str());
        if !self.details.is_null() {
            status.push("details", self.details.clone());
        }
        status.push("code", i64::from(self.code));
        status
    }
}

/// Name, group and kind (which is the resource) of an object in a Status.
fn details(name: &str, group: &str, resource: &str) -> Value {
    let members = [("name", name), ("group", group), ("kind", resource)];
    Value::Object(members.into_iter().filter(|(_, v)| !v.is_empty()).collect())
}
