//! What the API server does when a webhook configuration is written: defaults, then validation.

use super::Refused;
use super::conditions;
use crate::go::json::{Object, Value};
use crate::k8s::validation;

/// Checks a new configuration that has its defaults.
///
/// Errors: the refusal that the client gets, code 422. matchConditions are compiled only with the feature `cel`.
/// Source: kube-apiserver 1.36.
pub fn validate_configuration(configuration: &Value) -> Result<(), Refused> {
    let errors = validation::webhook_configuration(configuration, &conditions::compiles);
    if errors.is_empty() {
        return Ok(());
    }
    let kind = configuration["kind"].as_str().unwrap_or("MutatingWebhookConfiguration");
    let name = configuration["metadata"]["name"].as_str().unwrap_or_default();
    Err(Refused::invalid(GROUP, kind, name, &errors))
}

/// The API group of webhook configurations.
const GROUP: &str = "admissionregistration.k8s.io";

/// Fills in the defaults of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration, by its apiVersion: those of
/// v1beta1 where it says so, else those of v1.
///
/// Source: kube-apiserver 1.36, defaults of admissionregistration.k8s.io/v1; 1.21 for v1beta1.
pub fn defaults(configuration: &mut Value) {
    let beta = configuration["apiVersion"].as_str() == Some("admissionregistration.k8s.io/v1beta1");
    let mutating = configuration["kind"].as_str() != Some("ValidatingWebhookConfiguration");
    let Some(webhooks) = configuration.get_mut("webhooks").and_then(Value::as_array_mut) else { return };
    for webhook in webhooks.iter_mut().filter_map(Value::as_object_mut) {
        fill(webhook, "failurePolicy", || if beta { "Ignore" } else { "Fail" });
        fill(webhook, "matchPolicy", || if beta { "Exact" } else { "Equivalent" });
        fill(webhook, "namespaceSelector", Object::new);
        fill(webhook, "objectSelector", Object::new);
        if mutating {
            fill(webhook, "reinvocationPolicy", || "Never");
        }
        if beta {
            fill(webhook, "sideEffects", || "Unknown");
            fill(webhook, "admissionReviewVersions", || vec!["v1beta1"]);
        }
        fill(webhook, "timeoutSeconds", || if beta { 30 } else { 10 });
        let rules = webhook.get_mut("rules").and_then(Value::as_array_mut);
        for rule in rules.into_iter().flatten().filter_map(Value::as_object_mut) {
            fill(rule, "scope", || "*");
        }
        let service = webhook.get_mut("clientConfig").and_then(|client| client.get_mut("service"));
        if let Some(service) = service.and_then(Value::as_object_mut) {
            fill(service, "port", || 443);
        }
    }
}

/// Sets a member that is missing or null.
fn fill<T: Into<Value>>(object: &mut Object, key: &'static str, value: impl FnOnce() -> T) {
    if object.get(key).is_none_or(Value::is_null) {
        object.insert(key, value());
    }
}

#[cfg(test)]
mod tests {
    use super::defaults;
    use crate::go::json::{self, Value};

    #[test]
    fn defaults_go_by_version() {
        let defaulted = |text: &str| -> Value {
            let mut value = json::parse(text).unwrap();
            defaults(&mut value);
            value["webhooks"][0].clone()
        };
        let v1 = defaulted(
            r#"{"apiVersion":"admissionregistration.k8s.io/v1",
                "webhooks":[{"rules":[{}],"clientConfig":{"service":{}},"timeoutSeconds":3,"objectSelector":null}]}"#,
        );
        let expected = r#"{"rules":[{"scope":"*"}],"clientConfig":{"service":{"port":443}},"timeoutSeconds":3,
            "objectSelector":{},"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},
            "reinvocationPolicy":"Never"}"#;
        assert_eq!(v1, json::parse(expected).unwrap());
        let beta = defaulted(
            r#"{"apiVersion":"admissionregistration.k8s.io/v1beta1","kind":"ValidatingWebhookConfiguration",
                "webhooks":[{}]}"#,
        );
        let expected = r#"{"timeoutSeconds":30,"objectSelector":{},"failurePolicy":"Ignore","matchPolicy":"Exact",
            "namespaceSelector":{},"sideEffects":"Unknown","admissionReviewVersions":["v1beta1"]}"#;
        assert_eq!(beta, json::parse(expected).unwrap());
        for odd in ["null", "[]", r#"{"webhooks":{}}"#, r#"{"webhooks":[1,{"rules":3,"clientConfig":[]}]}"#] {
            defaults(&mut json::parse(odd).unwrap());
        }
    }
}
