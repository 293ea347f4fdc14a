use super::webhook::Webhook;
use super::{Attributes, chain::CallError};
use crate::go::json::{Object, Value};
use crate::k8s::served::{GroupVersion, Served};

/// The versions of AdmissionReview that the API server speaks.
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// The AdmissionReview that the webhook gets, about the equivalent resource where it is called for one. The objects must
/// have its version.
///
/// Errors: the webhook accepts no version that the API server speaks.
pub(super) fn review(
    webhook: &Webhook,
    attributes: &Attributes<'_>,
    equivalent: Option<&Served>,
    old_object: Value,
    uid: &str,
) -> Result<Value, CallError> {
    let request = attributes.request;
    let mut accepted = webhook.field("admissionReviewVersions").items().iter().filter_map(Value::as_str);
    let Some(version) = accepted.find(|v| VERSIONS.contains(v)) else {
        let known = VERSIONS.join(", ");
        let message = format!(
            "could not create admission objects: webhook does not accept known AdmissionReview versions ({known})"
        );
        return Err(CallError::plain(message));
    };
    let kind = named(&request.kind, "kind");
    let resource = named(&request.resource, "resource");
    let mut fields = Object::with_capacity(16);
    fields.push("uid", uid);
    fields.push("kind", equivalent.map_or_else(|| kind.clone(), |served| named(&served.kind, "kind")));
    fields.push("resource", equivalent.map_or_else(|| resource.clone(), |served| named(&served.resource, "resource")));
    if !request.subresource.is_empty() {
        fields.push("subResource", request.subresource.as_str());
    }
    fields.push("requestKind", kind);
    fields.push("requestResource", resource);
    if !request.subresource.is_empty() {
        fields.push("requestSubResource", request.subresource.as_str());
    }
    if !request.name.is_empty() {
        fields.push("name", request.name.as_str());
    }
    if !request.namespace.is_empty() {
        fields.push("namespace", request.namespace.as_str());
    }
    fields.push("operation", request.operation.as_str());
    fields.push("userInfo", request.user_info.clone());
    fields.push("object", attributes.object.clone());
    fields.push("oldObject", old_object);
    fields.push("dryRun", request.dry_run);
    fields.push("options", request.options.clone());

    let mut review = Object::with_capacity(3);
    review.push("kind", "AdmissionReview");
    review.push("apiVersion", format!("admission.k8s.io/{version}"));
    review.push("request", fields);
    Ok(Value::Object(review))
}

fn named(of: &GroupVersion, key: &'static str) -> Value {
    let members = [("group", of.group.as_str()), ("version", of.version.as_str()), (key, of.name.as_str())];
    Value::Object(members.into_iter().collect())
}
