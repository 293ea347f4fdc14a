//! Objects only in namespaces that exist and are not about to end.

use super::Context;
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

pub(super) fn admit(context: &Context<'_>, object: &mut Value) -> Result<(), Refused> {
    let request = context.request;
    let is_namespace = request.kind.group.is_empty() && request.kind.name == "Namespace";
    let operation = request.operation.as_str();
    if is_namespace && operation == "DELETE" && IMMORTAL.contains(&request.name.as_str()) {
        return Err(context.forbidden(object, "this namespace may not be deleted"));
    }
    let asks_about_access =
        request.resource.group == "authorization.k8s.io" && request.resource.name == "localsubjectaccessreviews";
    if request.namespace.is_empty() || is_namespace || asks_about_access || !matches!(operation, "CREATE" | "UPDATE") {
        return Ok(());
    }
    let name = &request.namespace;
    let Some(namespace) = context.cluster.namespaces.get(name) else {
        return Err(Refused::namespace_not_found(name));
    };
    if operation == "CREATE" && namespace["status"]["phase"].as_str() == Some("Terminating") {
        let why = format!("unable to create new content in namespace {name} because it is being terminated");
        let mut refused = context.forbidden(object, &why);
        let cause: Object = [
            ("reason", "NamespaceTerminating".to_owned()),
            ("message", format!("namespace {name} is being terminated")),
            ("field", "metadata.namespace".to_owned()),
        ]
        .into_iter()
        .collect();
        *refused.details.entry("causes") = Value::Array(vec![Value::Object(cause)]);
        return Err(refused);
    }
    Ok(())
}
