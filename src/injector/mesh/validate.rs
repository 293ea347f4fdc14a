//! What mesh and proxy config must hold. Source: istio 1.9–1.30, mesh config validation.

use super::dialect::{Checks, Drain};
use crate::go::json::Value;
use crate::go::{duration, netip, strconv};
use crate::injector::multierror::Errors;

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;

/// Checks the settings of a mesh.
///
/// Errors: Go's text, all problems at once.
pub(super) fn mesh_config(settings: &Value, checks: &Checks) -> Result<(), String> {
    let mut errors = Errors::default();
    errors.check("invalid proxy listen port:", port(settings["proxyListenPort"].as_i64().unwrap_or(0)));
    let timeout = nanos(&settings["connectTimeout"]);
    errors.check(
        "invalid connect timeout:",
        positive_duration(timeout).and_then(|()| connect_timeout(timeout, checks.connect_timeout * SECOND)),
    );
    if nanos(&settings["protocolDetectionTimeout"]) % MILLISECOND != 0 {
        errors.push("invalid protocol detection timeout: only durations to ms precision are supported");
    }
    errors.extend(proxy_problems(&settings["defaultConfig"], checks));
    errors.finish()
}

/// Checks the settings of a proxy.
///
/// Errors: Go's text, all problems at once.
pub(super) fn proxy_config(settings: &Value, checks: &Checks) -> Result<(), String> {
    proxy_problems(settings, checks).finish()
}

fn proxy_problems(settings: &Value, checks: &Checks) -> Errors {
    let mut errors = Errors::default();
    let text = |key: &str| settings[key].as_str().unwrap_or_default();
    if text("configPath").is_empty() {
        errors.push("config path must be set");
    }
    if text("binaryPath").is_empty() {
        errors.push("binary path must be set");
    }
    match (settings.get("serviceCluster").and_then(Value::as_str), settings.get("tracingServiceName")) {
        (None | Some(""), _) if !checks.names_oneof => errors.push("service cluster must be set"),
        (Some(""), _) => errors.push("service cluster must be specified"),
        (None, None) => errors.push("oneof service cluster or tracing service name must be specified"),
        _ => {}
    }
    for problem in drain(settings, checks.drain) {
        errors.push(problem);
    }
    match text("discoveryAddress") {
        "" => errors.push("discovery address must be set to the proxy discovery service"),
        address => errors.check("invalid discovery address:", proxy_address(address)),
    }
    tracing(&settings["tracing"], checks, &mut errors);
    for (place, name) in [
        (&settings["statsdUdpAddress"], "statsd udp"),
        (&settings["envoyMetricsServiceAddress"], "envoy metrics service"),
        (&settings["envoyMetricsService"]["address"], "envoy metrics service"),
        (&settings["envoyAccessLogService"]["address"], "envoy access log service"),
    ] {
        if let Some(address) = place.as_str().filter(|a| !a.is_empty()) {
            errors.check(&format!("invalid {name} address {}:", strconv::quote(address)), proxy_address(address));
        }
    }
    errors.check("invalid proxy admin port:", port(settings["proxyAdminPort"].as_i64().unwrap_or(0)));
    match settings.get("controlPlaneAuthPolicy") {
        None => {}
        Some(Value::String(policy)) if policy == "NONE" || policy == "MUTUAL_TLS" => {}
        Some(policy) => {
            let policy = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
            let policy = strconv::quote(&policy);
            let place = if checks.status_port { "invalid authentication policy: " } else { "" };
            errors.push(format!("{place}unrecognized control plane auth policy {policy}"));
        }
    }
    if checks.status_port {
        errors.check("invalid status port:", port(settings["statusPort"].as_i64().unwrap_or(0)));
    }
    if let Some(provider) = settings.get("privateKeyProvider") {
        key_provider(provider, checks.configuration, &mut errors);
    }
    errors
}

/// The problems of the durations with which a proxy is drained.
fn drain(settings: &Value, rule: Drain) -> Vec<String> {
    let mut problems = Vec::new();
    let with_parent = rule == Drain::WithParent;
    let (drain, parent) = (nanos(&settings["drainDuration"]), nanos(&settings["parentShutdownDuration"]));
    for (name, nanos, applies) in [("drain", drain, true), ("parent shutdown", parent, with_parent)] {
        if let Err(e) = positive_duration(nanos).map_err(|e| format!("invalid {name} duration: {e}"))
            && applies
        {
            problems.push(e);
        }
    }
    if problems.is_empty() {
        if drain % SECOND != 0 {
            problems.push("drain time only supports durations to seconds precision".into());
        }
        if with_parent && parent % SECOND != 0 {
            problems.push("parent shutdown time only supports durations to seconds precision".into());
        }
        if with_parent && parent <= drain {
            let (parent, drain) = (print(parent), print(drain));
            problems.push(format!("parent shutdown time {parent} must be greater than drain time {drain}"));
        }
        for (name, nanos, applies) in [("drain", drain, rule != Drain::Free), ("parent shutdown", parent, with_parent)]
        {
            if applies && nanos > HOUR {
                problems.push(format!("{name} time {} must be <{}", print(nanos), print(HOUR)));
            }
        }
    }
    if with_parent {
        for problem in &mut problems {
            problem.insert_str(0, "invalid parent and drain time combination ");
        }
    }
    problems
}

fn tracing(tracing: &Value, checks: &Checks, errors: &mut Errors) {
    if let Some(lightstep) = tracing.get("lightstep") {
        let address = lightstep["address"].as_str().unwrap_or_default();
        if address.is_empty() {
            errors.push("invalid lightstep config: address is required");
        }
        errors.check("invalid lightstep config: invalid lightstep address:", proxy_address(address));
        if lightstep["accessToken"].as_str().unwrap_or_default().is_empty() {
            errors.push("invalid lightstep config: access token is required");
        }
    }
    for name in ["zipkin", "datadog"] {
        if let Some(tracer) = tracing.get(name) {
            let address = tracer["address"].as_str().unwrap_or_default().replacen("$(HOST_IP)", "127.0.0.1", 1);
            errors.check(&format!("invalid {name} config:"), proxy_address(&address));
        }
    }
    if let Some(settings) = tracing.get("tlsSettings") {
        for problem in tls(settings, checks) {
            errors.push(format!("invalid tracing TLS config: {problem}"));
        }
    }
}

fn tls(settings: &Value, checks: &Checks) -> Vec<String> {
    let given = |key: &str| settings[key].as_str().is_some_and(|s| !s.is_empty());
    let mode = settings["mode"].as_str().unwrap_or_default();
    let (simple, mutual) = (mode == "SIMPLE", mode == "MUTUAL");
    let names = !settings["subjectAltNames"].items().is_empty();
    let mut problems = Vec::new();
    if checks.insecure_tls && settings["insecureSkipVerify"].as_bool() == Some(true) {
        if simple && (given("caCertificates") || given("credentialName") || names) {
            problems.push("cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true".into());
        }
        if mutual && (given("caCertificates") || names) {
            problems
                .push("cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true".into());
        }
    }
    if (simple || mutual) && given("credentialName") {
        if ["clientCertificate", "caCertificates", "privateKey", "caCrl"].iter().any(|key| given(key)) {
            problems.push(format!("cannot specify {} If credentialName is set", checks.certificates));
        }
        return problems;
    }
    if mutual && !given("clientCertificate") {
        problems.push("client certificate required for mutual tls".into());
    }
    if mutual && !given("privateKey") {
        problems.push("private key required for mutual tls".into());
    }
    problems
}

fn key_provider(provider: &Value, word: &str, errors: &mut Errors) {
    let place = format!("invalid private key provider {word}:");
    let Some(settings) = provider.get("cryptomb").or_else(|| provider.get("qat")) else {
        errors.push(format!("{place} private key provider {word} is required"));
        errors.push(format!("{place} unknown private key provider"));
        return;
    };
    match settings.get("pollDelay") {
        None => errors.push(format!("{place} pollDelay is required")),
        Some(delay) if nanos(delay) == 0 => errors.push(format!("{place} pollDelay must be non zero")),
        Some(_) => {}
    }
}

fn print(nanos: i64) -> String {
    crate::go::template::format::duration(nanos)
}

fn nanos(value: &Value) -> i64 {
    value.as_str().and_then(|text| duration::parse(text).ok()).unwrap_or(0)
}

fn positive_duration(nanos: i64) -> Result<(), String> {
    if nanos < MILLISECOND {
        Err("duration must be greater than 1ms".into())
    } else if nanos % MILLISECOND != 0 {
        Err("only durations to ms precision are supported".into())
    } else {
        Ok(())
    }
}

fn connect_timeout(nanos: i64, longest: i64) -> Result<(), String> {
    if (MILLISECOND..=longest).contains(&nanos) {
        return Ok(());
    }
    Err(format!("time {} must be >1ms and <{}", print(nanos), print(longest)))
}

fn port(port: i64) -> Result<(), String> {
    if (1..=65535).contains(&port) { Ok(()) } else { Err(format!("port number {port} must be in the range 1..65535")) }
}

fn proxy_address(address: &str) -> Result<(), String> {
    let (host, number) =
        netip::split_host_port(address).map_err(|e| format!("unable to split {}: {e}", strconv::quote(address)))?;
    let parsed: i64 = strconv::atoi(number).map_err(|e| format!("port ({number}) is not a number: {e}"))?;
    port(parsed)?;
    if !is_domain(host) && netip::parse_addr(host).is_err() {
        return Err(format!("{} is not a valid hostname or an IP address", strconv::quote(host)));
    }
    Ok(())
}

/// Labels of a DNS name; the last may be empty, and may not be a number.
fn is_domain(name: &str) -> bool {
    if name.is_empty() || name.len() > 255 {
        return false;
    }
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.len() - 1;
    let label = |text: &str| {
        text.len() <= 63
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.is_empty()
    };
    strconv::atoi(labels[last]).is_err()
        && labels.iter().enumerate().all(|(i, l)| label(l) || i == last && l.is_empty())
}
