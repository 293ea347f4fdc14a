//! What mesh and proxy config must hold. Source: istio 1.30, mesh config validation.

use crate::go::json::Value;
use crate::go::{duration, netip, strconv};
use crate::injector::multierror::Errors;

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// Checks the settings of a mesh.
///
/// Errors: Go's text, all problems at once.
pub(super) fn mesh_config(settings: &Value) -> Result<(), String> {
    let mut errors = Errors::default();
    errors.check("invalid proxy listen port:", port(settings["proxyListenPort"].as_i64().unwrap_or(0)));
    let timeout = nanos(&settings["connectTimeout"]);
    errors.check("invalid connect timeout:", positive_duration(timeout).and_then(|()| connect_timeout(timeout)));
    if nanos(&settings["protocolDetectionTimeout"]) % MILLISECOND != 0 {
        errors.push("invalid protocol detection timeout: only durations to ms precision are supported");
    }
    errors.extend(proxy_problems(&settings["defaultConfig"]));
    errors.finish()
}

/// Checks the settings of a proxy.
///
/// Errors: Go's text, all problems at once.
pub(super) fn proxy_config(settings: &Value) -> Result<(), String> {
    proxy_problems(settings).finish()
}

fn proxy_problems(settings: &Value) -> Errors {
    let mut errors = Errors::default();
    let text = |key: &str| settings[key].as_str().unwrap_or_default();
    if text("configPath").is_empty() {
        errors.push("config path must be set");
    }
    if text("binaryPath").is_empty() {
        errors.push("binary path must be set");
    }
    match (settings.get("serviceCluster").and_then(Value::as_str), settings.get("tracingServiceName")) {
        (Some(""), _) => errors.push("service cluster must be specified"),
        (None, None) => errors.push("oneof service cluster or tracing service name must be specified"),
        _ => {}
    }
    let drain = nanos(&settings["drainDuration"]);
    match positive_duration(drain) {
        Err(e) => errors.push(format!("invalid drain duration: {e}")),
        Ok(()) if drain % SECOND != 0 => errors.push("drain time only supports durations to seconds precision"),
        Ok(()) => {}
    }
    match text("discoveryAddress") {
        "" => errors.push("discovery address must be set to the proxy discovery service"),
        address => errors.check("invalid discovery address:", proxy_address(address)),
    }
    tracing(&settings["tracing"], &mut errors);
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
            errors.push(format!("invalid authentication policy: unrecognized control plane auth policy {policy}"));
        }
    }
    errors.check("invalid status port:", port(settings["statusPort"].as_i64().unwrap_or(0)));
    if let Some(provider) = settings.get("privateKeyProvider") {
        key_provider(provider, &mut errors);
    }
    errors
}

fn tracing(tracing: &Value, errors: &mut Errors) {
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
        for problem in tls(settings) {
            errors.push(format!("invalid tracing TLS config: {problem}"));
        }
    }
}

fn tls(settings: &Value) -> Vec<&'static str> {
    let given = |key: &str| settings[key].as_str().is_some_and(|s| !s.is_empty());
    let mode = settings["mode"].as_str().unwrap_or_default();
    let (simple, mutual) = (mode == "SIMPLE", mode == "MUTUAL");
    let names = !settings["subjectAltNames"].items().is_empty();
    let mut problems = Vec::new();
    if settings["insecureSkipVerify"].as_bool() == Some(true) {
        if simple && (given("caCertificates") || given("credentialName") || names) {
            problems.push("cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true");
        }
        if mutual && (given("caCertificates") || names) {
            problems.push("cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true");
        }
    }
    if (simple || mutual) && given("credentialName") {
        if ["clientCertificate", "caCertificates", "privateKey", "caCrl"].iter().any(|key| given(key)) {
            problems.push("cannot specify client certificates or CA certificate or CA CRL If credentialName is set");
        }
        return problems;
    }
    if mutual && !given("clientCertificate") {
        problems.push("client certificate required for mutual tls");
    }
    if mutual && !given("privateKey") {
        problems.push("private key required for mutual tls");
    }
    problems
}

fn key_provider(provider: &Value, errors: &mut Errors) {
    const PLACE: &str = "invalid private key provider configuration:";
    let Some(settings) = provider.get("cryptomb").or_else(|| provider.get("qat")) else {
        errors.push(format!("{PLACE} private key provider configuration is required"));
        errors.push(format!("{PLACE} unknown private key provider"));
        return;
    };
    match settings.get("pollDelay") {
        None => errors.push(format!("{PLACE} pollDelay is required")),
        Some(delay) if nanos(delay) == 0 => errors.push(format!("{PLACE} pollDelay must be non zero")),
        Some(_) => {}
    }
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

fn connect_timeout(nanos: i64) -> Result<(), String> {
    if (MILLISECOND..=3600 * SECOND).contains(&nanos) {
        return Ok(());
    }
    Err(format!("time {} must be >1ms and <1h0m0s", crate::go::template::format::duration(nanos)))
}

fn port(port: i64) -> Result<(), String> {
    if (1..=65535).contains(&port) { Ok(()) } else { Err(format!("port number {port} must be in the range 1..65535")) }
}

fn proxy_address(address: &str) -> Result<(), String> {
    let (host, number) =
        netip::split_host_port(address).map_err(|e| format!("unable to split {}: {e}", strconv::quote(address)))?;
    let parsed: i64 = atoi(number).map_err(|e| format!("port ({number}) is not a number: {e}"))?;
    port(parsed)?;
    if !is_domain(host) && netip::parse_addr(host).is_err() {
        return Err(format!("{} is not a valid hostname or an IP address", strconv::quote(host)));
    }
    Ok(())
}

fn atoi(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(strconv::number_error("Atoi", text, "invalid syntax"));
    }
    text.strip_prefix('+')
        .unwrap_or(text)
        .parse()
        .map_err(|_| strconv::number_error("Atoi", text, "value out of range"))
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
    atoi(labels[last]).is_err() && labels.iter().enumerate().all(|(i, l)| label(l) || i == last && l.is_empty())
}
