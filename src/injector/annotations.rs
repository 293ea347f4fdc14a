//! The values of annotations that are checked before anything is rendered.
//!
//! Source: istio 1.30, annotation validation of the injector.

use crate::go::json::Value;
use crate::go::{netip, strconv};
use crate::injector::mesh;
use crate::injector::multierror::Errors;
use crate::k8s::quantity::Quantity;

type Check = fn(&str) -> Result<(), String>;

/// Every annotation that any release checks, with its check.
const CHECKS: &[(&str, Check)] =
    &[
        ("istio.io/reroute-virtual-interfaces", interfaces),
        ("prometheus.istio.io/merge-metrics", boolean),
        ("proxy.istio.io/config", mesh::validate_proxy_config),
        ("readiness.status.sidecar.istio.io/failureThreshold", unsigned),
        ("readiness.status.sidecar.istio.io/initialDelaySeconds", unsigned),
        ("readiness.status.sidecar.istio.io/periodSeconds", unsigned),
        ("sidecar.istio.io/enableCoreDump", boolean),
        ("sidecar.istio.io/interceptionMode", interception_mode),
        ("sidecar.istio.io/proxyCPU", quantity),
        ("sidecar.istio.io/proxyCPULimit", quantity),
        ("sidecar.istio.io/proxyMemory", quantity),
        ("sidecar.istio.io/proxyMemoryLimit", quantity),
        ("status.sidecar.istio.io/port", status_port),
        ("traffic.sidecar.istio.io/excludeInboundPorts", |v| ports("excludeInboundPorts", v)),
        ("traffic.sidecar.istio.io/excludeInterfaces", interfaces),
        ("traffic.sidecar.istio.io/excludeOutboundIPRanges", |v| ranges("excludeIPRanges", v)),
        ("traffic.sidecar.istio.io/excludeOutboundPorts", |v| ports("excludeOutboundPorts", v)),
        ("traffic.sidecar.istio.io/includeInboundPorts", |v| {
            if v == "*" { Ok(()) } else { ports("includeInboundPorts", v) }
        }),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", |v| {
            if v == "*" { Ok(()) } else { ranges("includeIPRanges", v) }
        }),
        ("traffic.sidecar.istio.io/kubevirtInterfaces", interfaces),
    ];

/// Checks those of a pod's annotations that one of the groups names.
///
/// Errors: all problems in one text, in the order of the annotations' names (the real order is random).
pub fn validate(pod: &Value, groups: &[&[&str]]) -> Result<(), String> {
    let mut errors = Errors::default();
    let annotations = &pod["metadata"]["annotations"];
    for (name, check) in CHECKS.iter().filter(|(name, _)| groups.iter().any(|g| g.contains(name))) {
        if let Some(value) = annotations.get(name).and_then(Value::as_str)
            && let Err(error) = check(value)
        {
            errors.push(format!("invalid value '{value}' for annotation '{name}': {error}"));
        }
    }
    errors.finish()
}

fn interception_mode(value: &str) -> Result<(), String> {
    match value {
        "REDIRECT" | "TPROXY" | "NONE" => Ok(()),
        _ => Err(format!("interceptionMode invalid, use REDIRECT,TPROXY,NONE: {value}")),
    }
}

fn boolean(value: &str) -> Result<(), String> {
    strconv::parse_bool(value).map(|_| ()).ok_or_else(|| strconv::number_error("ParseBool", value, "invalid syntax"))
}

fn unsigned(value: &str) -> Result<(), String> {
    strconv::parse_uint(value, 10, 32).map(|_| ()).map_err(|(_, e)| e)
}

fn quantity(value: &str) -> Result<(), String> {
    if value.chars().any(char::is_control) {
        return Err("value contains control characters".into());
    }
    Quantity::parse(value).map(|_| ()).map_err(|e| e.to_string())
}

fn port(text: &str) -> Result<(), String> {
    strconv::parse_uint(text.trim(), 10, 16).map(|_| ()).map_err(|(_, e)| format!("failed parsing port '{text}': {e}"))
}

/// The text speaks of another annotation, as the real one does.
fn status_port(value: &str) -> Result<(), String> {
    port(value).map_err(|e| format!("excludeInboundPorts invalid: {e}"))
}

fn ports(name: &str, value: &str) -> Result<(), String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    let check = |text: &str| port(text).map_err(|e| format!("{name} invalid: failed parsing port '{text}': {e}"));
    value.split(',').try_for_each(check)
}

fn ranges(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let check = |range: &str| {
        netip::parse_prefix(range)
            .map(|_| ())
            .map_err(|e| format!("{name} invalid: failed parsing cidr '{range}': {e}"))
    };
    value.split(',').try_for_each(check)
}

fn interfaces(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    for name in value.split(',').map(str::trim) {
        if name.is_empty() {
            return Err("empty interface name".into());
        }
        if name.len() > 15 {
            return Err(format!("interface name {} too long (max 15 chars)", strconv::quote(name)));
        }
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        if !valid {
            return Err(format!("interface name {} contains invalid characters", strconv::quote(name)));
        }
    }
    Ok(())
}
