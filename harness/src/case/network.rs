//! From `given.pipeline` and `given.faults` to what a scenario's network does.

use std::time::Duration;

use conjector::admission::{Http, Webhook};
use conjector::go::json::{Object, Value};
use conjector::patch::json_patch;
use conjector::scenario::{Fault, FaultKind, Scripted, ScriptedAnswer};

use super::error::{Problem, near_miss};
use super::merge::merge;

const FAULTS: &[&str] = &["given", "faults"];
const PIPELINE: &[&str] = &["given", "pipeline"];

/// The kinds of faults, each with the keys that go with it.
pub(super) const KINDS: &[(&str, &[&str])] = &[
    ("unreachable", &[]),
    ("refused", &[]),
    ("no-endpoints", &[]),
    ("no-port", &[]),
    ("headless", &[]),
    ("no-such-host", &[]),
    ("no-route", &[]),
    ("dial-timeout", &[]),
    ("reset", &[]),
    ("handshake-timeout", &[]),
    ("plain-http", &[]),
    ("client-certificate", &[]),
    ("timeout", &[]),
    ("slow", &["seconds"]),
    ("tls", &[]),
    ("wrong-name", &["names"]),
    ("dropped", &[]),
    ("truncated", &[]),
    ("malformed", &[]),
    ("http", &["status", "headers", "body"]),
    ("http-500", &[]),
];

/// The keys of a fault that hang on its kind.
const DETAILS: &[&str] = &["seconds", "names", "status", "headers", "body"];

/// The webhooks of `pipeline`, and their answers. Configurations that are not there yet are added to `webhooks`.
///
/// Errors: a webhook that does not exist or is named twice, an answer that is none or several.
pub(super) fn pipeline(given: &Value, webhooks: &mut Vec<Value>) -> Result<Vec<Scripted>, Problem> {
    let mut all: Vec<Scripted> = Vec::new();
    for entry in given.items() {
        let configuration = entry["configuration"].as_str().unwrap_or_default();
        if configuration.is_empty() {
            return Err(Problem::at(PIPELINE, "configuration is missing"));
        }
        let known: Vec<String> = (webhooks.iter())
            .filter(|c| c["metadata"]["name"].as_str() == Some(configuration))
            .flat_map(|c| c["webhooks"].items().iter().filter_map(|w| w["name"].as_str().map(str::to_owned)))
            .collect();
        let webhook = match (entry["webhook"].as_str(), known.as_slice()) {
            (Some(name), []) => name.to_owned(),
            (None, []) => format!("{configuration}.pipeline.test"),
            (None, [only]) => only.clone(),
            (Some(name), known) if known.iter().any(|k| k == name) => name.to_owned(),
            (Some(name), known) => {
                let hint = near_miss(name, known.iter().map(String::as_str));
                let message = format!("{configuration} has no webhook {name:?}");
                return Err(Problem::at(PIPELINE, message).hint(hint));
            }
            (None, known) => {
                let message = format!("{configuration} has the webhooks {}: say which", known.join(", "));
                return Err(Problem::at(PIPELINE, message));
            }
        };
        let subject = format!("{configuration}/{webhook}");
        if all.iter().any(|s| s.webhook == subject) {
            return Err(Problem::at(PIPELINE, format_args!("{subject} is given twice")));
        }
        if known.is_empty() {
            webhooks.push(configuration_of(configuration, &webhook, &entry["settings"]));
        } else if !entry["settings"].is_null() {
            let message = format!("{configuration} is given under webhooks: change it there instead of settings");
            return Err(Problem::at(PIPELINE, message));
        }
        let answers = entry["answers"].items();
        if answers.is_empty() {
            return Err(Problem::at(PIPELINE, format_args!("{subject} has no answers")));
        }
        let read = |a| answer(a).map_err(|e| Problem::at(PIPELINE, format_args!("{subject}: {e}")));
        let answers = answers.iter().map(read).collect::<Result<_, _>>()?;
        all.push(Scripted { webhook: subject, answers });
    }
    Ok(all)
}

/// A configuration with one webhook that is called for every pod that is created, unless `settings` say otherwise.
fn configuration_of(name: &str, webhook: &str, settings: &Value) -> Value {
    let list = |items: &[&str]| Value::Array(items.iter().map(|i| Value::from(*i)).collect());
    let rule = [
        ("operations", list(&["CREATE"])),
        ("apiGroups", list(&[""])),
        ("apiVersions", list(&["v1"])),
        ("resources", list(&["pods"])),
    ];
    let rule = Value::Object(rule.into_iter().collect());
    let service = [("name", "pipeline".into()), ("namespace", "default".into()), ("path", Value::from("/mutate"))];
    let mut entry = Object::new();
    entry.insert("name", webhook);
    entry
        .insert("clientConfig", [("service", service.into_iter().collect::<Object>())].into_iter().collect::<Object>());
    entry.insert("admissionReviewVersions", list(&["v1"]));
    entry.insert("sideEffects", "None");
    entry.insert("rules", Value::Array(vec![rule]));
    for selector in ["namespaceSelector", "objectSelector"] {
        entry.insert(selector, Value::object());
    }
    let mut entry = Value::Object(entry);
    merge(&mut entry, if settings.is_null() { Value::object() } else { settings.clone() });
    let mut whole = Object::new();
    whole.insert("apiVersion", "admissionregistration.k8s.io/v1");
    whole.insert("kind", "MutatingWebhookConfiguration");
    whole.insert("metadata", [("name", name)].into_iter().collect::<Object>());
    whole.insert("webhooks", Value::Array(vec![entry]));
    Value::Object(whole)
}

fn answer(given: &Value) -> Result<ScriptedAnswer, String> {
    let members = given.as_object().ok_or("an answer must be a mapping")?;
    let mut kinds = members.iter().filter(|(_, value)| !value.is_null());
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err("an answer has exactly one of patch, merge, response, http".into());
    };
    match kind.as_str() {
        "patch" => match json_patch::operations(value) {
            Ok(_) => Ok(ScriptedAnswer::Patch(value.clone())),
            Err(error) => Err(format!("patch: {error}")),
        },
        "merge" => Ok(ScriptedAnswer::Merge(value.clone())),
        "response" => Ok(ScriptedAnswer::Response(value.clone())),
        _ => http(value).map(ScriptedAnswer::Http),
    }
}

/// An HTTP response as `status`, `headers`, `body`.
fn http(given: &Value) -> Result<Http, String> {
    let status = given["status"].as_i64().unwrap_or(200);
    let status = u16::try_from(status).ok().filter(|s| (100..1000).contains(s));
    let status = status.ok_or_else(|| format!("{} is no HTTP status", given["status"]))?;
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let headers = given["headers"].as_object().into_iter().flat_map(Object::iter);
    let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = if given["body"].is_null() { String::new() } else { text(&given["body"]) };
    Ok(Http { status, headers, body: body.into_bytes(), truncated: false })
}

/// The faults of `faults`.
///
/// Errors: an unknown webhook or kind, keys that do not go with the kind, calls that cannot be.
pub(super) fn faults(given: &Value, webhooks: &[Webhook]) -> Result<Vec<Fault>, Problem> {
    let names: Vec<String> = webhooks.iter().flat_map(|w| [w.name().to_owned(), w.subject()]).collect();
    given.items().iter().map(|entry| fault(entry, &names)).collect()
}

fn fault(given: &Value, webhooks: &[String]) -> Result<Fault, Problem> {
    let problem = |message: String| Problem::at(FAULTS, message);
    if let Some(webhook) = given["webhook"].as_str().filter(|name| !webhooks.iter().any(|w| w == name)) {
        let hint = near_miss(webhook, webhooks.iter().map(String::as_str));
        return Err(problem(format!("no webhook is called {webhook:?}")).hint(hint));
    }
    let name = given["kind"].as_str().unwrap_or_default();
    let Some((_, details)) = KINDS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = KINDS.iter().map(|(n, _)| *n).collect();
        return Err(problem(format!("{name:?} is none of {}", names.join(", "))).hint(near_miss(name, names)));
    };
    if let Some(key) = DETAILS.iter().find(|key| !given[**key].is_null() && !details.contains(key)) {
        let takes = if details.is_empty() { "nothing".into() } else { details.join(", ") };
        return Err(problem(format!("{key} does not go with the kind {name}, which takes {takes}")));
    }
    let needs = |key: &str| match given[key].is_null() {
        true => Err(problem(format!("the kind {name} needs {key}"))),
        false => Ok(&given[key]),
    };
    let kind = match name {
        "unreachable" => FaultKind::Unreachable,
        "refused" => FaultKind::Refused,
        "no-endpoints" => FaultKind::NoEndpoints,
        "no-port" => FaultKind::NoPort,
        "headless" => FaultKind::Headless,
        "no-such-host" => FaultKind::NoSuchHost,
        "no-route" => FaultKind::NoRoute,
        "dial-timeout" => FaultKind::DialTimeout,
        "reset" => FaultKind::Reset,
        "handshake-timeout" => FaultKind::HandshakeTimeout,
        "plain-http" => FaultKind::PlainHttp,
        "client-certificate" => FaultKind::ClientCertificate,
        "timeout" => FaultKind::Timeout,
        "slow" => {
            let seconds = needs("seconds")?;
            FaultKind::Slow(Duration::from_secs(seconds.as_i64().and_then(|s| u64::try_from(s).ok()).unwrap_or(0)))
        }
        "tls" => FaultKind::Tls,
        "wrong-name" => {
            let names = given["names"].items().iter().filter_map(Value::as_str).map(str::to_owned);
            FaultKind::WrongName(names.collect())
        }
        "dropped" => FaultKind::Dropped,
        "truncated" => FaultKind::Truncated,
        "malformed" => FaultKind::Malformed,
        "http-500" => FaultKind::Http(Http::new(500, "text/plain", "")),
        _ => {
            needs("status")?;
            FaultKind::Http(http(given).map_err(problem)?)
        }
    };
    let mut calls = Vec::new();
    for call in given["calls"].items() {
        match call.as_i64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0) {
            Some(call) => calls.push(call),
            None => return Err(problem(format!("calls are counted from 1, so that there is no call {call}"))),
        }
    }
    Ok(Fault { webhook: given["webhook"].as_str().map(str::to_owned), calls, kind })
}
