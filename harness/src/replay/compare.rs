use std::borrow::Cow;

use conjector::go::base64;
use conjector::go::json::{self, Object, Value};
use conjector::injector::webhook::Answer;
use conjector::patch::json_patch;

use super::Record;

/// What of an answer differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Status, allowed, patch or none, crash.
    Decision,
    /// The operations of the patch in their order, for the releases that write them by plan.
    Operations,
    /// The patched object.
    Patched,
    /// The text of a refusal.
    Text,
    /// uid, apiVersion, kind, patchType.
    Envelope,
}

impl Aspect {
    /// The aspect as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Aspect::Decision => "decision",
            Aspect::Operations => "operations",
            Aspect::Patched => "patched",
            Aspect::Text => "text",
            Aspect::Envelope => "envelope",
        }
    }
}

/// One difference between a recorded answer and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub aspect: Aspect,
    /// The JSON pointer of the place; empty for the whole.
    pub place: String,
    /// What was recorded.
    pub recorded: String,
    /// What was answered.
    pub answered: String,
}

/// Compares an answer with the recorded one, under the normalisations that recordings of real injectors need: the order
/// of patch operations, of template names and of annotation errors is random.
pub fn compare(record: &Record, answer: &Answer) -> Vec<Difference> {
    let mut found = Vec::new();
    let recorded = &record.response;
    let recorded_decision = decision_of_record(recorded);
    let response = match answer {
        Answer::Review(review) => &review["response"],
        _ => &Value::Null,
    };
    let patch = match decoded_patch(response) {
        Ok(patch) => patch,
        Err(message) => {
            found.push(difference(Aspect::Decision, "/response/patch", &recorded_decision, &message));
            return found;
        }
    };
    let answered_decision = match answer {
        Answer::Review(_) => decision(response["allowed"].as_bool() == Some(true), patch.is_some()).to_owned(),
        Answer::Http { status, body } => format!("HTTP {status} {body:?}"),
        Answer::Crash(_) => "crash".into(),
    };
    if recorded_decision != answered_decision {
        let message = response["status"]["message"].as_str().map(|m| format!(": {m}")).unwrap_or_default();
        found.push(difference(Aspect::Decision, "", &recorded_decision, &format!("{answered_decision}{message}")));
        return found;
    }
    if let Answer::Review(review) = answer {
        for (key, value) in
            [("uid", &response["uid"]), ("apiVersion", &review["apiVersion"]), ("kind", &review["kind"])]
        {
            let (recorded, answered) = (text(&recorded[key]), text(value));
            if recorded != answered {
                found.push(difference(Aspect::Envelope, &format!("/{key}"), recorded, answered));
            }
        }
        let (recorded_text, answered_text) =
            (text(&recorded["status"]["message"]), text(&response["status"]["message"]));
        let same = if record.ordered {
            without_scheme(&sorted_points(recorded_text)) == without_scheme(&sorted_points(answered_text))
        } else {
            normalised(recorded_text) == normalised(answered_text)
        };
        if !same {
            found.push(difference(Aspect::Text, "/status/message", recorded_text, answered_text));
        }
    }
    if let Some(mut patch) = patch {
        if record.ordered {
            let mut planned = recorded["patch"].clone();
            if record.random_env {
                sort_env(&mut planned);
                sort_env(&mut patch);
            }
            if let Some((place, recorded, answered)) = first_difference(&planned, &patch, &mut String::new()) {
                found.push(difference(Aspect::Operations, &place, &recorded, &answered));
            }
        }
        let applied = applied(record, &patch);
        match (applied, record.patch_fails) {
            (Err(_), true) => {}
            (Err(error), false) => found.push(difference(Aspect::Patched, "", "a patch that applies", &error)),
            (Ok(_), true) => {
                found.push(difference(Aspect::Patched, "", "a patch that does not apply", "one that applies"))
            }
            (Ok(mut object), false) => {
                let mut patched = Cow::Borrowed(&record.patched);
                if record.random_env {
                    sort_env(&mut object);
                    sort_env(patched.to_mut());
                }
                if let Some((place, recorded, answered)) = first_difference(&patched, &object, &mut String::new()) {
                    found.push(difference(Aspect::Patched, &place, &recorded, &answered));
                }
            }
        }
    }
    found
}

/// An answer in the form of a recording: the response, and the object with the patch applied (null without a patch, or
/// where it does not apply).
pub fn describe(record: &Record, answer: &Answer) -> (Value, Value) {
    let mut out = Object::new();
    let review = match answer {
        Answer::Review(review) => review,
        Answer::Http { status, body } => {
            out.insert("httpStatus", i64::from(*status));
            out.insert("body", body.as_str());
            return (Value::Object(out), Value::Null);
        }
        Answer::Crash(message) => {
            out.insert("panic", message.as_str());
            return (Value::Object(out), Value::Null);
        }
    };
    out.insert("httpStatus", 200);
    for key in ["apiVersion", "kind"] {
        out.insert(key, text(&review[key]));
    }
    let mut patched = Value::Null;
    for (key, value) in review["response"].as_object().into_iter().flat_map(Object::iter) {
        out.insert(key.clone(), value.clone());
    }
    if let Ok(Some(patch)) = decoded_patch(&review["response"]) {
        patched = applied(record, &patch).unwrap_or_default();
        out.insert("patch", patch);
    }
    (Value::Object(out), patched)
}

/// The object with the patch, as the library of the release applies it.
fn applied(record: &Record, patch: &Value) -> Result<Value, String> {
    match record.release.switches.replaces_missing {
        true => json_patch::apply(record.object.clone(), patch),
        false => json_patch::apply_strict(record.object.clone(), patch),
    }
}

fn difference(aspect: Aspect, place: &str, recorded: &str, answered: &str) -> Difference {
    Difference { aspect, place: place.into(), recorded: recorded.into(), answered: answered.into() }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn decision(allowed: bool, patched: bool) -> &'static str {
    match (allowed, patched) {
        (true, true) => "allowed with a patch",
        (true, false) => "allowed without a patch",
        (false, _) => "refused",
    }
}

fn decision_of_record(recorded: &Value) -> String {
    if !recorded["panic"].is_null() {
        return "crash".into();
    }
    match recorded["httpStatus"].as_i64() {
        None | Some(200) => {
            // Large patches are left out of recordings; their number of operations is not.
            let patched = !recorded["patch"].is_null() || !recorded["patchOps"].is_null();
            decision(recorded["allowed"].as_bool() == Some(true), patched).to_owned()
        }
        Some(status) => format!("HTTP {status} {:?}", text(&recorded["body"])),
    }
}

fn decoded_patch(response: &Value) -> Result<Option<Value>, String> {
    let Some(patch) = response["patch"].as_str() else { return Ok(None) };
    let bytes = base64::decode(patch).map_err(|at| format!("the patch is no base64 (byte {at})"))?;
    json::parse(bytes).map(Some).map_err(|e| format!("the patch is no JSON: {e}"))
}

/// Sorts every list of environment variables by name.
pub(super) fn sort_env(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort_env),
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if let (true, Value::Array(variables)) = (key == "env", &mut *member) {
                    variables.sort_by(|a, b| text(&a["name"]).cmp(text(&b["name"])));
                }
                sort_env(member);
            }
        }
        _ => {}
    }
}

/// A message with its points (`* …`) in the order of their bytes; all other lines stay in place.
fn sorted_points(message: &str) -> String {
    let is_point = |line: &&str| line.trim_start().starts_with("* ");
    let mut points: Vec<&str> = message.split('\n').filter(is_point).collect();
    points.sort_unstable();
    let mut points = points.into_iter();
    let lines = message.split('\n').map(|line| if is_point(&line) { points.next().unwrap_or(line) } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// A text up to the place where the decoder's table of types was made, which depends on the build.
fn without_scheme(message: &str) -> &str {
    message.split_once("in scheme \"").map_or(message, |(before, _)| before)
}

/// A refusal's text without what is random or depends on the build.
pub(super) fn normalised(message: &str) -> Cow<'_, str> {
    if let Some((before, names)) = message.split_once("not found; have ") {
        let mut names: Vec<&str> = names.split(", ").collect();
        names.sort_unstable();
        return format!("{before}not found; have {}", names.join(", ")).into();
    }
    if message.contains("errors occurred:") {
        let mut lines: Vec<&str> = message.split('\n').collect();
        lines.sort_unstable();
        return lines.join("\n").into();
    }
    without_scheme(message).into()
}

/// The first place in which two trees differ, with what stands there.
fn first_difference(recorded: &Value, answered: &Value, path: &mut String) -> Option<(String, String, String)> {
    if recorded == answered {
        return None;
    }
    let length = path.len();
    match (recorded, answered) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a.iter() {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                match b.get(key) {
                    Some(other) => {
                        if let Some(found) = first_difference(value, other, path) {
                            return Some(found);
                        }
                    }
                    None => return Some((path.clone(), value.to_string(), "nothing".into())),
                }
                path.truncate(length);
            }
            let (key, value) = b.iter().find(|(key, _)| !a.contains_key(key))?;
            Some((format!("{path}/{key}"), "nothing".into(), value.to_string()))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (x, y))| {
                path.push_str(&format!("/{i}"));
                let found = first_difference(x, y, path);
                path.truncate(length);
                found
            })
        }
        _ => Some((path.clone(), recorded.to_string(), answered.to_string())),
    }
}
