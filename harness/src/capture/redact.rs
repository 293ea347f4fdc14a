//! Secrets, and what the API server adds to objects, are taken out of a tree.

use std::sync::LazyLock;

use conjector::go::json::{Object, Value};
use regex::Regex;

/// What stands in the place of a secret.
pub const REDACTED: &str = "redacted";

/// Members that the API server, kubectl and controllers add: they say nothing, or too much.
const ADDED: &[&str] = &[
    "caBundle",
    "creationTimestamp",
    "deployment.kubernetes.io/revision",
    "generation",
    "kubectl.kubernetes.io/last-applied-configuration",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Names of settings whose values are secrets.
static SECRET_NAMES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(.*[_./-])?(pass(word|wd|phrase)?|secret|token|api_?key|access_?key(_id)?|private_?key|secret_?key|client_?secret|credentials?|authorization|auth)$",
    )
});

/// Texts that look like a secret wherever they stand: JWTs, PEM blocks, keys of clouds and forges, long base64.
static SECRET_TEXTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.|-----BEGIN |\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abp]-|^[A-Za-z0-9+/]{60,}={0,2}$",
    )
});

/// A user with a password in a URL.
static USER_INFO: LazyLock<Regex> = LazyLock::new(|| regex(r"://[^/\s:@]+:[^/\s@]+@"));

fn regex(pattern: &str) -> Regex {
    // The patterns are constants that a test compiles.
    Regex::new(pattern).expect("a pattern of ours")
}

/// Takes secrets out, and what the API server adds. Gives the JSON pointers of the texts that were replaced.
pub fn redact(tree: &mut Value) -> Vec<String> {
    let mut replaced = Vec::new();
    walk(tree, "", &mut replaced);
    replaced
}

fn walk(value: &mut Value, place: &str, replaced: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !ADDED.contains(&key));
            hide_named(members, place, replaced);
            for (key, value) in members.iter_mut() {
                walk(value, &format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), replaced);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{place}/{i}"), replaced);
            }
        }
        Value::String(text) => {
            if SECRET_TEXTS.is_match(text) && !text.contains('\n') || text.contains("-----BEGIN ") {
                hide(value, place, replaced);
            } else if USER_INFO.is_match(text) {
                *value = USER_INFO.replace_all(text, "://redacted@").into_owned().into();
                replaced.push(place.to_owned());
            }
        }
        _ => {}
    }
}

/// Members with the name of a secret, and values of environment variables with one.
fn hide_named(members: &mut Object, place: &str, replaced: &mut Vec<String>) {
    let variable = members.get("name").and_then(Value::as_str).is_some_and(|name| SECRET_NAMES.is_match(name));
    for (key, value) in members.iter_mut() {
        let named = SECRET_NAMES.is_match(key) || variable && key == "value";
        if named && value.as_str().is_some_and(|text| !text.is_empty()) {
            hide(value, &format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), replaced);
        }
    }
}

fn hide(value: &mut Value, place: &str, replaced: &mut Vec<String>) {
    if value.as_str() != Some(REDACTED) {
        *value = REDACTED.into();
        replaced.push(place.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conjector::go::yaml;

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let mut tree = yaml::to_json(
            r#"
metadata: {uid: u, name: web, labels: {app: web, token: abc}, annotations: {a.example/auth: "x", kubectl.kubernetes.io/last-applied-configuration: "{}"}}
spec:
  imagePullSecrets: [{name: regcred}]
  volumes: [{name: v, secret: {secretName: s}}]
  containers:
  - name: app
    args: [--jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln, --db=postgres://me:pw@db/x, --level=debug]
    env: [{name: DB_PASSWORD, value: hunter2}, {name: TOKENIZER, value: fast}, {name: SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}]
"#,
        )
        .unwrap();
        let replaced = redact(&mut tree);
        let container = &tree["spec"]["containers"].items()[0];
        assert_eq!(container["args"].to_string(), r#"["redacted","--db=postgres://redacted@db/x","--level=debug"]"#);
        assert_eq!(container["env"].items()[0]["value"].as_str(), Some(REDACTED));
        assert_eq!(container["env"].items()[1]["value"].as_str(), Some("fast"));
        assert_eq!(container["env"].items()[2]["valueFrom"]["secretKeyRef"]["name"].as_str(), Some("s"));
        let meta = &tree["metadata"];
        assert_eq!(meta["labels"].to_string(), r#"{"app":"web","token":"redacted"}"#);
        assert_eq!(meta["annotations"].to_string(), r#"{"a.example/auth":"redacted"}"#);
        assert!(meta["uid"].is_null());
        assert_eq!(tree["spec"]["imagePullSecrets"].to_string(), r#"[{"name":"regcred"}]"#);
        assert_eq!(replaced.len(), 5);
    }
}
