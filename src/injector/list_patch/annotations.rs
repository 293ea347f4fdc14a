//! The values of annotations that are checked before anything is rendered.

use crate::go::json::Value;
use crate::go::{netip, strconv};
use crate::injector::annotations::{boolean, unsigned};
use crate::injector::mesh::legacy::LegacyMesh;
use crate::injector::multierror::Errors;
use crate::injector::release::ListPatch;

/// Checks those of a pod's annotations that the release checks.
///
/// Errors: all problems in one text.
pub(super) fn validate(pod: &Value, rules: &ListPatch, mesh: &LegacyMesh) -> Result<(), String> {
    let mut errors = Errors::default();
    for (name, value) in pod["metadata"]["annotations"].as_object().into_iter().flatten() {
        let name = name.as_str();
        let Some(value) = value.as_str().filter(|_| rules.checked.iter().any(|group| group.contains(&name))) else {
            continue;
        };
        if let Err(error) = check(name, value, rules, mesh) {
            errors.push(if rules.wordy_annotation_errors {
                format!("injection failed. Invalid value for annotation {name}: {value}. Error: {error}")
            } else {
                format!("invalid value '{value}' for annotation '{name}': {error}")
            });
        }
    }
    if rules.wordy_annotation_errors { errors.finish_plain() } else { errors.finish() }
}

fn check(name: &str, value: &str, rules: &ListPatch, mesh: &LegacyMesh) -> Result<(), String> {
    let unless_all = |check: fn(&str, &str) -> Result<(), String>, name: &str| match value {
        "*" => Ok(()),
        value => check(name, value),
    };
    match name.rsplit_once('/').map_or(name, |(_, key)| key) {
        "interceptionMode" => interception_mode(value, rules.two_interception_modes),
        // The text speaks of another annotation.
        "port" => port(value).map_err(|e| format!("excludeInboundPorts invalid: {e}")),
        "initialDelaySeconds" | "periodSeconds" | "failureThreshold" => unsigned(value),
        "applicationPorts" => unless_all(ports, "readinessApplicationPorts"),
        "includeInboundPorts" => unless_all(ports, "includeInboundPorts"),
        "excludeInboundPorts" => ports("excludeInboundPorts", value),
        "excludeOutboundPorts" => ports("excludeOutboundPorts", value),
        "includeOutboundIPRanges" => unless_all(ranges, "includeIPRanges"),
        "excludeOutboundIPRanges" => ranges("excludeIPRanges", value),
        "enableCoreDump" | "merge-metrics" => boolean(value),
        "config" | "proxyConfig" => mesh.validate_proxy_config(value),
        _ => Ok(()),
    }
}

fn interception_mode(value: &str, only_two: bool) -> Result<(), String> {
    match value {
        "REDIRECT" | "TPROXY" => Ok(()),
        "NONE" if !only_two => Ok(()),
        _ if only_two => Err(format!("interceptionMode invalid: {value}")),
        _ => Err(format!("interceptionMode invalid, use REDIRECT,TPROXY,NONE: {value}")),
    }
}

/// The text names the number that Go's reader gives along with its error.
fn port(text: &str) -> Result<(), String> {
    let read = strconv::parse_uint(text.trim(), 10, 16);
    read.map(|_| ()).map_err(|(number, e)| format!("failed parsing port '{number}': {e}"))
}

fn ports(name: &str, value: &str) -> Result<(), String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    let check = |text: &str| port(text).map_err(|e| format!("{name} invalid: failed parsing port '0': {e}"));
    value.split(',').try_for_each(check)
}

fn ranges(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let check = |range: &str| {
        netip::parse_cidr(range).map_err(|e| format!("{name} invalid: failed parsing cidr '{range}': {e}"))
    };
    value.split(',').try_for_each(check)
}
