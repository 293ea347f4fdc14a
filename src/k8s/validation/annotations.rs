//! Annotations that were fields once, and how they fit the fields.

use super::error::{Errors, Path, text};
use super::{metadata, scheduling, syntax, visit};
use crate::go::json::{self, Value};
use crate::go::strconv::quote;

pub const MIRROR: &str = "kubernetes.io/config.mirror";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
pub const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
pub const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
pub const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const LOCALHOST: &str = "localhost/";

/// What annotations of a pod mean.
pub fn validate(errors: &Errors, path: &Path<'_>, pod: &Value) {
    let annotations = &pod["metadata"]["annotations"];
    let spec = &pod["spec"];
    if let Some(value) = annotations[MIRROR].as_str()
        && text(spec, "nodeName").is_empty()
    {
        errors.invalid(&path.key(MIRROR), value, "must set spec.nodeName if mirror pod annotation is set");
    }
    let tolerations = text(annotations, TOLERATIONS);
    if !tolerations.is_empty() {
        match json::parse(tolerations) {
            Ok(Value::Array(list)) => scheduling::tolerations(errors, &path.child(TOLERATIONS), &list),
            Ok(Value::Null) => {}
            Ok(other) => {
                let what = format!("json: cannot unmarshal {} into Go value of type []core.Toleration", other.kind());
                errors.invalid(path, TOLERATIONS, what);
            }
            Err(error) => errors.invalid(path, TOLERATIONS, error.to_string()),
        }
    }
    if let Some(cost) = annotations[DELETION_COST].as_str()
        && !is_cost(cost)
    {
        errors.invalid(&path.key(DELETION_COST), cost, "must be a 32bit integer");
    }
    if let Some(profile) = annotations[SECCOMP_POD].as_str() {
        seccomp_profile(errors, &path.child(SECCOMP_POD), profile);
    }
    for (key, profile) in metadata::texts(annotations).filter(|(key, _)| key.starts_with(SECCOMP_CONTAINER)) {
        seccomp_profile(errors, &path.child(key), profile);
    }
    for (key, profile) in metadata::texts(annotations) {
        let Some(container) = key.strip_prefix(APP_ARMOR) else { continue };
        let mut is_there = false;
        visit(spec, path, &mut |own, _| is_there |= text(own, "name") == container);
        if !is_there {
            errors.invalid(&path.key(key), container, "container not found");
        }
        if !matches!(profile, "" | "runtime/default" | "unconfined") && !profile.starts_with(LOCALHOST) {
            let what = format!("invalid AppArmor profile name: {}", quote(profile));
            errors.invalid(&path.key(key), profile, what);
        }
    }
}

/// A number of 32 bits without plus sign or leading zeros.
fn is_cost(text: &str) -> bool {
    let first = text.as_bytes().first();
    text.parse::<i32>().is_ok() && (text == "0" || matches!(first, Some(b'-' | b'1'..=b'9')))
}

fn seccomp_profile(errors: &Errors, path: &Path<'_>, profile: &str) {
    if matches!(profile, "runtime/default" | "docker/default" | "unconfined") {
        return;
    }
    match profile.strip_prefix(LOCALHOST) {
        Some(local) => syntax::descending(errors, path, local),
        None => errors.invalid(path, profile, "must be a valid seccomp profile"),
    }
}

/// Annotations and fields that say different things.
pub fn compare(errors: &Errors, path: &Path<'_>, pod: &Value) {
    let (annotations, spec) = (&pod["metadata"]["annotations"], &pod["spec"]);
    let own = &spec["securityContext"];
    let check = |path: &Path<'_>, kind: &Kind, annotation: &Value, field: &Value| {
        if let Some(annotation) = annotation.as_str() {
            differ(errors, path, kind, annotation, field);
        }
    };
    let at = path.child("securityContext");
    check(&at.child("seccompProfile"), &SECCOMP, &annotations[SECCOMP_POD], &own["seccompProfile"]);
    visit(spec, path, &mut |container, path| {
        let key = format!("{SECCOMP_CONTAINER}{}", text(container, "name"));
        let at = path.child("securityContext");
        let field = &container["securityContext"]["seccompProfile"];
        check(&at.child("seccompProfile"), &SECCOMP, &annotations[key.as_str()], field);
    });
    if spec["os"]["name"].as_str() == Some("windows") {
        return;
    }
    visit(spec, path, &mut |container, path| {
        let key = format!("{APP_ARMOR}{}", text(container, "name"));
        let field = match &container["securityContext"]["appArmorProfile"] {
            Value::Null => &own["appArmorProfile"],
            field => field,
        };
        let at = path.child("securityContext");
        check(&at.child("appArmorProfile"), &APP_ARMOR_KIND, &annotations[key.as_str()], field);
    });
}

/// How one kind of profile is called in annotations.
struct Kind {
    name: &'static str,
    runtime: &'static [&'static str],
}

const SECCOMP: Kind = Kind { name: "seccomp", runtime: &["runtime/default", "docker/default"] };
const APP_ARMOR_KIND: Kind = Kind { name: "apparmor", runtime: &["runtime/default"] };

fn differ(errors: &Errors, path: &Path<'_>, kind: &Kind, annotation: &str, field: &Value) {
    let name = kind.name;
    let other_type =
        || errors.forbidden(&path.child("type"), &format!("{name} type in annotation and field must match"));
    match text(field, "type") {
        "Unconfined" if annotation != "unconfined" => other_type(),
        "RuntimeDefault" if !kind.runtime.contains(&annotation) => other_type(),
        "Localhost" => match annotation.strip_prefix(LOCALHOST) {
            None => other_type(),
            local if local != field["localhostProfile"].as_str() => {
                let what = format!("{name} profile in annotation and field must match");
                errors.forbidden(&path.child("localhostProfile"), &what);
            }
            Some(_) => {}
        },
        _ => {}
    }
}
