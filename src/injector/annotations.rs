//! The values of annotations that are checked before anything is rendered.
//!
//! Source: istio 1.9–1.30, annotation validation of the injector.

use crate::go::json::Value;
use crate::go::{netip, strconv};
use crate::injector::mesh;
use crate::injector::multierror::Errors;
use crate::injector::release::Switches;
use crate::k8s::quantity::Quantity;

type Check = fn(&str, &Switches) -> Result<(), String>;

/// Every annotation that any release checks, with its check.
const CHECKS: &[(&str, Check)] = &[
    ("istio.io/reroute-virtual-interfaces", |v, _| interfaces(v)),
    ("prometheus.istio.io/merge-metrics", |v, _| boolean(v)),
    ("proxy.istio.io/config", |v, s| mesh::validate_proxy_config(v, s.mesh)),
    ("readiness.status.sidecar.istio.io/failureThreshold", |v, _| unsigned(v)),
    ("readiness.status.sidecar.istio.io/initialDelaySeconds", |v, _| unsigned(v)),
    ("readiness.status.sidecar.istio.io/periodSeconds", |v, _| unsigned(v)),
    ("sidecar.istio.io/enableCoreDump", |v, _| boolean(v)),
    ("sidecar.istio.io/interceptionMode", |v, _| interception_mode(v)),
    ("sidecar.istio.io/proxyCPU", |v, _| quantity(v)),
    ("sidecar.istio.io/proxyCPULimit", |v, _| quantity(v)),
    ("sidecar.istio.io/proxyMemory", |v, _| quantity(v)),
    ("sidecar.istio.io/proxyMemoryLimit", |v, _| quantity(v)),
    ("status.sidecar.istio.io/port", status_port),
    ("traffic.sidecar.istio.io/excludeInboundPorts", |v, s| ports("excludeInboundPorts", v, s)),
    ("traffic.sidecar.istio.io/excludeInterfaces", |v, _| interfaces(v)),
    ("traffic.sidecar.istio.io/excludeOutboundIPRanges", |v, s| ranges("excludeIPRanges", v, s)),
    ("traffic.sidecar.istio.io/excludeOutboundPorts", |v, s| ports("excludeOutboundPorts", v, s)),
    ("traffic.sidecar.istio.io/includeInboundPorts", |v, s| {
        if v == "*" { Ok(()) } else { ports("includeInboundPorts", v, s) }
    }),
    ("traffic.sidecar.istio.io/includeOutboundIPRanges", |v, s| {
        if v == "*" { Ok(()) } else { ranges("includeIPRanges", v, s) }
    }),
    ("traffic.sidecar.istio.io/kubevirtInterfaces", |v, _| interfaces(v)),
];

/// Checks those of a pod's annotations that the release checks.
///
/// Errors: all problems in one text, in the order of the annotations' names (the real order is random).
pub fn validate(pod: &Value, switches: &Switches) -> Result<(), String> {
    let mut errors = Errors::default();
    let annotations = &pod["metadata"]["annotations"];
    for (name, check) in
        CHECKS.iter().filter(|(name, _)| switches.validated_annotations.iter().any(|g| g.contains(name)))
    {
        if let Some(value) = annotations.get(name).and_then(Value::as_str)
            && let Err(error) = check(value, switches)
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

pub(super) fn boolean(value: &str) -> Result<(), String> {
    strconv::parse_bool(value).map(|_| ()).ok_or_else(|| strconv::number_error("ParseBool", value, "invalid syntax"))
}

pub(super) fn unsigned(value: &str) -> Result<(), String> {
    strconv::parse_uint(value, 10, 32).map(|_| ()).map_err(|(_, e)| e)
}

fn quantity(value: &str) -> Result<(), String> {
    if value.chars().any(char::is_control) {
        return Err("value contains control characters".into());
    }
    Quantity::parse(value).map(|_| ()).map_err(|e| e.to_string())
}

/// Until 1.9 the error shows the number that Go's parser gave along with its error.
fn port(text: &str, switches: &Switches) -> Result<(), String> {
    strconv::parse_uint(text.trim(), 10, 16).map(|_| ()).map_err(|(number, e)| match switches.port_errors_show_number {
        true => format!("failed parsing port '{number}': {e}"),
        false => format!("failed parsing port '{text}': {e}"),
    })
}

/// The text speaks of another annotation, as the real one does.
fn status_port(value: &str, switches: &Switches) -> Result<(), String> {
    port(value, switches).map_err(|e| format!("excludeInboundPorts invalid: {e}"))
}

fn ports(name: &str, value: &str, switches: &Switches) -> Result<(), String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    let check = |text: &str| {
        port(text, switches).map_err(|e| match switches.port_errors_show_number {
            true => format!("{name} invalid: failed parsing port '0': {e}"),
            false => format!("{name} invalid: failed parsing port '{text}': {e}"),
        })
    };
    value.split(',').try_for_each(check)
}

fn ranges(name: &str, value: &str, switches: &Switches) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let check = |range: &str| {
        let parsed = match switches.old_cidr_parser {
            true => netip::parse_cidr(range),
            false => netip::parse_prefix(range).map(|_| ()),
        };
        parsed.map_err(|e| format!("{name} invalid: failed parsing cidr '{range}': {e}"))
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
