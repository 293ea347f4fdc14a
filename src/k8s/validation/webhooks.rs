//! What is wrong with a new configuration of webhooks.

use std::collections::BTreeSet;

use super::error::{Error, Errors, Path, text};
use super::{metadata, selectors};
use crate::go::json::Value;
use crate::go::url::Url;
use crate::k8s::names;

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];
const SIDE_EFFECTS: [&str; 2] = ["None", "NoneOnDryRun"];
/// Versions of AdmissionReview that can be asked for.
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];
const MAX_CONDITIONS: usize = 64;

/// What is wrong with a new MutatingWebhookConfiguration or ValidatingWebhookConfiguration, which has its defaults.
/// `compile` gives the error of an expression of CEL.
///
/// Source: kube-apiserver 1.36.
pub fn webhook_configuration(configuration: &Value, compile: &dyn Fn(&str) -> Result<(), String>) -> Vec<Error> {
    let errors = Errors::default();
    metadata::cluster_scoped(&errors, &Path::root("metadata"), &configuration["metadata"]);
    let is_mutating = configuration["kind"].as_str() == Some("MutatingWebhookConfiguration");
    let path = Path::root("webhooks");
    let mut seen = BTreeSet::new();
    for (i, webhook) in configuration["webhooks"].items().iter().enumerate() {
        let path = path.index(i);
        self::webhook(&errors, &path, webhook, is_mutating, compile);
        versions(&errors, &path.child("admissionReviewVersions"), &webhook["admissionReviewVersions"]);
        let name = text(webhook, "name");
        if !name.is_empty() && !seen.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
    }
    errors.into_list()
}

fn webhook(
    errors: &Errors,
    path: &Path<'_>,
    webhook: &Value,
    is_mutating: bool,
    compile: &dyn Fn(&str) -> Result<(), String>,
) {
    let name = text(webhook, "name");
    let at = path.child("name");
    let complaints = names::dns1123_subdomain(name);
    if name.is_empty() {
        errors.required(&at, "");
    } else if !complaints.is_empty() {
        errors.invalid(&at, name, complaints.join(","));
    } else if name.split('.').count() < 3 {
        errors.invalid(&at, name, "should be a domain with at least three segments separated by dots");
    }
    for (i, rule) in webhook["rules"].items().iter().enumerate() {
        self::rule(errors, &path.child("rules").index(i), rule);
    }
    let known = |field: &str, known: &[&str]| {
        if let Some(value) = webhook[field].as_str().filter(|value| !known.contains(value)) {
            errors.not_supported(&path.child(field), value, known);
        }
    };
    known("failurePolicy", &["Fail", "Ignore"]);
    known("matchPolicy", &["Equivalent", "Exact"]);
    if webhook["sideEffects"].is_null() {
        let what = format!("must specify one of {}", SIDE_EFFECTS.join(", "));
        errors.required(&path.child("sideEffects"), &what);
    }
    known("sideEffects", &SIDE_EFFECTS);
    if let Some(seconds) = webhook["timeoutSeconds"].as_i64().filter(|seconds| !(1..=30).contains(seconds)) {
        let what = "the timeout value must be between 1 and 30 seconds";
        errors.invalid(&path.child("timeoutSeconds"), seconds, what);
    }
    for field in ["namespaceSelector", "objectSelector"] {
        selectors::labels(errors, &path.child(field), &webhook[field]);
    }
    if is_mutating {
        known("reinvocationPolicy", &["IfNeeded", "Never"]);
    }
    client(errors, &path.child("clientConfig"), &webhook["clientConfig"]);
    conditions(errors, &path.child("matchConditions"), webhook["matchConditions"].items(), compile);
}

fn texts(list: &Value) -> Vec<&str> {
    list.items().iter().map(|item| item.as_str().unwrap_or_default()).collect()
}

fn rule(errors: &Errors, path: &Path<'_>, rule: &Value) {
    let lone_star = |field: &str, what: &str| {
        let (at, values) = (path.child(field), texts(&rule[field]));
        if values.is_empty() {
            errors.required(&at, "");
        }
        if values.len() > 1 && values.contains(&"*") {
            errors.invalid(&at, &rule[field], format!("if '*' is present, must not specify other {what}"));
        }
        values
    };
    for (i, operation) in lone_star("operations", "operations").iter().enumerate() {
        if !OPERATIONS.contains(operation) {
            errors.not_supported(&path.child("operations").index(i), operation, &OPERATIONS);
        }
    }
    lone_star("apiGroups", "API groups");
    for (i, version) in lone_star("apiVersions", "API versions").iter().enumerate() {
        if version.is_empty() {
            errors.required(&path.child("apiVersions").index(i), "");
        }
    }
    resources(errors, &path.child("resources"), &rule["resources"]);
    if let Some(scope) = rule["scope"].as_str().filter(|scope| !SCOPES.contains(scope)) {
        errors.not_supported(&path.child("scope"), scope, &SCOPES);
    }
}

fn resources(errors: &Errors, path: &Path<'_>, list: &Value) {
    let resources = texts(list);
    if resources.is_empty() {
        errors.required(path, "");
    }
    let (mut all_of, mut of_all) = (BTreeSet::new(), BTreeSet::new());
    // Only the last resource without a subresource is remembered; that is how the server does it.
    let mut has_plain = false;
    for (i, resource) in resources.iter().enumerate() {
        let at = path.index(i);
        if resource.is_empty() {
            errors.required(&at, "");
            continue;
        }
        let Some((own, sub)) = resource.split_once('/') else {
            has_plain = *resource != "*";
            continue;
        };
        if all_of.contains(own) {
            errors.invalid(&at, *resource, format!("if '{own}/*' is present, must not specify {resource}"));
        }
        if of_all.contains(sub) {
            errors.invalid(&at, *resource, format!("if '*/{sub}' is present, must not specify {resource}"));
        }
        if sub == "*" {
            all_of.insert(own);
        }
        if own == "*" {
            of_all.insert(sub);
        }
    }
    if resources.len() > 1 && resources.contains(&"*/*") {
        errors.invalid(path, list, "if '*/*' is present, must not specify other resources");
    }
    if resources.contains(&"*") && has_plain {
        let what = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(path, list, what);
    }
}

fn client(errors: &Errors, path: &Path<'_>, client: &Value) {
    match (client["url"].as_str(), &client["service"]) {
        (Some(url), Value::Null) => self::url(errors, &path.child("url"), url),
        (None, service) if !service.is_null() => self::service(errors, &path.child("service"), service),
        _ => errors.required(path, "exactly one of url or service is required"),
    }
}

fn url(errors: &Errors, path: &Path<'_>, text: &str) {
    const FORM: &str = "; desired format: https://host[/path]";
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return errors.required(path, &format!("url must be a valid URL: {error}{FORM}")),
    };
    if url.scheme != "https" {
        errors.invalid(path, &url.scheme, format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if url.host.is_empty() {
        errors.invalid(path, "", format!("host must be specified{FORM}"));
    }
    if url.user.is_some() {
        errors.invalid(path, &url.userinfo(), "user information is not permitted in the URL");
    }
    for (part, what) in [
        (&url.fragment, "fragments are not permitted in the URL"),
        (&url.raw_query, "query parameters are not permitted in the URL"),
    ] {
        if !part.is_empty() {
            errors.invalid(path, part, what);
        }
    }
}

fn service(errors: &Errors, path: &Path<'_>, service: &Value) {
    // The server takes one for the other here.
    for (missing, named) in [("namespace", "name"), ("name", "namespace")] {
        if text(service, missing).is_empty() {
            errors.required(&path.child(named), "");
        }
    }
    let port = service["port"].as_i64().unwrap_or(0);
    if !(1..=65535).contains(&port) {
        let what = "port is not valid: must be between 1 and 65535, inclusive";
        errors.invalid(&path.child("port"), port, what);
    }
    let (at, value) = (path.child("path"), text(service, "path"));
    if matches!(value, "" | "/") {
        return;
    }
    if value == "//" {
        return errors.invalid(&at, value, "segment[0] may not be empty");
    }
    if !value.starts_with('/') {
        errors.invalid(&at, value, "must start with a '/'");
    }
    let rest = value.get(1..).unwrap_or_default();
    for (i, step) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(&at, value, format!("segment[{i}] may not be empty"));
            continue;
        }
        for complaint in names::dns1123_subdomain(step) {
            errors.invalid(&at, value, format!("segment[{i}]: {complaint}"));
        }
    }
}

fn conditions(errors: &Errors, path: &Path<'_>, conditions: &[Value], compile: &dyn Fn(&str) -> Result<(), String>) {
    if conditions.len() > MAX_CONDITIONS {
        errors.too_many(path, conditions.len(), MAX_CONDITIONS);
    }
    let mut seen = BTreeSet::new();
    for (i, condition) in conditions.iter().enumerate() {
        let path = path.index(i);
        let at = path.child("expression");
        match text(condition, "expression").trim() {
            "" => errors.required(&at, ""),
            expression => {
                if let Err(error) = compile(expression) {
                    errors.invalid(&at, expression, error);
                }
            }
        }
        let at = path.child("name");
        let name = text(condition, "name");
        match name {
            "" => errors.required(&at, ""),
            name => errors.each(&at, name, names::qualified_name(name)),
        }
        if !name.is_empty() && !seen.insert(name) {
            errors.duplicate(&at, name);
        }
    }
}

fn versions(errors: &Errors, path: &Path<'_>, list: &Value) {
    let versions = texts(list);
    let known = VERSIONS.join(", ");
    if versions.is_empty() {
        return errors.required(path, &format!("must specify one of {known}"));
    }
    let mut seen = BTreeSet::new();
    for (i, version) in versions.iter().enumerate() {
        if !seen.insert(*version) {
            errors.invalid(&path.index(i), *version, "duplicate version");
            continue;
        }
        errors.each(&path.index(i), version, names::dns1035_label(version));
    }
    if !versions.iter().any(|version| VERSIONS.contains(version)) {
        errors.invalid(path, list, format!("must include at least one of {known}"));
    }
}

#[cfg(test)]
mod tests {
    use super::webhook_configuration;
    use crate::go::json;

    #[test]
    fn clients_rules_and_versions() {
        let webhook = |change: &str| {
            let mut whole = json::parse(
                r#"{"name":"a.b.c","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://h"}}"#,
            )
            .unwrap();
            let change = json::parse(change).unwrap();
            for (key, value) in change.as_object().unwrap() {
                *whole.entry(key) = value.clone();
            }
            let mut configuration =
                json::parse(r#"{"kind":"MutatingWebhookConfiguration","metadata":{"name":"x"}}"#).unwrap();
            *configuration.entry("webhooks") = json::Value::Array(vec![whole]);
            let errors = webhook_configuration(&configuration, &|_| Ok(()));
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(webhook("{}"), "");
        for (change, expected) in [
            (
                r#"{"name":"a.b"}"#,
                "webhooks[0].name: Invalid value: \"a.b\": should be a domain with at least three segments separated by dots",
            ),
            (
                r#"{"clientConfig":{"url":"http://u:p@h"}}"#,
                "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]\nwebhooks[0].clientConfig.url: Invalid value: \"u:p\": user information is not permitted in the URL",
            ),
            (
                r#"{"clientConfig":{"service":{"name":"a","port":443,"path":"/x//y"}}}"#,
                "webhooks[0].clientConfig.service.name: Required value\nwebhooks[0].clientConfig.service.path: Invalid value: \"/x//y\": segment[1] may not be empty",
            ),
            (
                r#"{"rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods","*"]}]}"#,
                "",
            ),
            (
                r#"{"admissionReviewVersions":["v3"]}"#,
                "webhooks[0].admissionReviewVersions: Invalid value: [\"v3\"]: must include at least one of v1, v1beta1",
            ),
        ] {
            assert_eq!(webhook(change), expected, "{change}");
        }
    }
}
