//! Probes and what happens at the start and end of containers.

use super::containers::Pod;
use super::error::{Errors, Path, number, text};
use super::{ports, syntax};
use crate::go::json::Value;

/// A probe.
pub fn probe(errors: &Errors, path: &Path<'_>, probe: &Value, pod: &Pod<'_>) {
    handler(errors, path, probe, &["exec", "httpGet", "tcpSocket", "grpc"], pod);
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        errors.not_negative(&path.child(field), number(probe, field));
    }
    if let Some(seconds) = probe["terminationGracePeriodSeconds"].as_i64().filter(|seconds| *seconds <= 0) {
        errors.invalid(&path.child("terminationGracePeriodSeconds"), seconds, "must be greater than 0");
    }
}

/// What happens at the start and end.
pub fn lifecycle(errors: &Errors, path: &Path<'_>, lifecycle: &Value, pod: &Pod<'_>) {
    for field in ["postStart", "preStop"] {
        if !lifecycle[field].is_null() {
            handler(errors, &path.child(field), &lifecycle[field], &["exec", "httpGet", "tcpSocket", "sleep"], pod);
        }
    }
}

/// One handler of these kinds. The first is looked at, others are one too many.
fn handler(errors: &Errors, path: &Path<'_>, handler: &Value, kinds: &[&str], pod: &Pod<'_>) {
    let mut kinds = kinds.iter().filter(|kind| !handler[**kind].is_null());
    let Some(kind) = kinds.next() else { return errors.required(path, "must specify a handler type") };
    let (action, at) = (&handler[*kind], path.child(kind));
    match *kind {
        "exec" if action["command"].items().is_empty() => errors.required(&at.child("command"), ""),
        "httpGet" => http_get(errors, &at, action),
        "tcpSocket" => ports::number_or_name(errors, &at.child("port"), &action["port"]),
        "grpc" => ports::number_of(errors, &at.child("port"), number(action, "port")),
        "sleep" => {
            let seconds = number(action, "seconds");
            if let Some(grace) = pod.grace.filter(|grace| !(0..=*grace).contains(&seconds)) {
                let what = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                errors.invalid(&at, seconds, what);
            }
        }
        _ => {}
    }
    for other in kinds {
        errors.forbidden(&path.child(other), "may not specify more than 1 handler type");
    }
}

fn http_get(errors: &Errors, path: &Path<'_>, action: &Value) {
    errors.require(path, action, &["path"]);
    ports::number_or_name(errors, &path.child("port"), &action["port"]);
    let scheme = text(action, "scheme");
    if !matches!(scheme, "HTTP" | "HTTPS") {
        errors.not_supported(&path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in action["httpHeaders"].items() {
        let name = text(header, "name");
        errors.each(&path.child("httpHeaders"), name, syntax::header_name(name));
    }
}
