//! Forms of names and paths beyond those of [`crate::k8s::names`], with the messages of apimachinery 0.36.

use super::error::{Errors, Path};
use crate::go::netip::parse_addr;
use crate::k8s::names;

/// `MESSAGE (e.g. 'A',  or 'B', regex used for validation is 'REGEX')`
fn pattern(message: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{regex}')", examples.join(" or "))
}

/// What stands before the random end of a generated name: its last character does not count.
fn masked(prefix: &str) -> String {
    match prefix.len() > 1 && prefix.ends_with('-') {
        true => {
            let mut end = prefix.len() - 2;
            while !prefix.is_char_boundary(end) {
                end -= 1;
            }
            format!("{}a", &prefix[..end])
        }
        false => prefix.to_owned(),
    }
}

/// A DNS subdomain that something is appended to.
pub fn subdomain_prefix(prefix: &str) -> Vec<String> {
    names::dns1123_subdomain(&masked(prefix))
}

/// A DNS subdomain with underscores.
pub fn subdomain_with_underscores(name: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if name.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    let is_plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.strip_prefix('_').unwrap_or(label).as_bytes();
        bytes.first().is_some_and(is_plain)
            && bytes.last().is_some_and(is_plain)
            && bytes.iter().all(|b| is_plain(b) || matches!(b, b'-' | b'_'))
    };
    if !name.split('.').all(is_label) {
        const LABEL: &str = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        errors.push(pattern(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            &format!("{LABEL}(\\.{LABEL})*"),
            &["example.com"],
        ));
    }
    errors
}

/// The name of a port.
pub fn port_name(name: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let mut complain = |wrong: bool, text: &str| {
        if wrong {
            errors.push(text.to_owned());
        }
    };
    let bytes = name.as_bytes();
    let is_plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    complain(name.len() > 15, "must be no more than 15 characters");
    complain(
        bytes.is_empty() || !bytes.iter().all(is_plain),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    complain(!bytes.iter().any(u8::is_ascii_lowercase), "must contain at least one letter (a-z)");
    complain(name.contains("--"), "must not contain consecutive hyphens");
    complain(name.starts_with('-') || name.ends_with('-'), "must not begin or end with a hyphen");
    errors
}

/// The name of an environment variable.
pub fn env_name(name: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if name.is_empty() {
        errors.push("environment variable name must be non-empty".to_owned());
    }
    if !name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
        let message =
            "a valid environment variable name must consist only of printable ASCII characters other than '='";
        errors.push(message.to_owned());
    }
    errors
}

/// A key of a ConfigMap or Secret.
pub fn config_key(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if key.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        errors.push(pattern(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    }
    match key {
        "." | ".." => errors.push(format!("must not be '{key}'")),
        key if key.starts_with("..") => errors.push("must not start with '..'".to_owned()),
        _ => {}
    }
    errors
}

/// The name of an HTTP header.
pub fn header_name(name: &str) -> Vec<String> {
    match !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        true => Vec::new(),
        false => vec![pattern(
            "a valid HTTP header must consist of alphanumeric characters or '-'",
            "[-A-Za-z0-9]+",
            &["X-Header-Name"],
        )],
    }
}

/// A path without steps upwards.
pub fn no_steps_up(errors: &Errors, path: &Path<'_>, value: &str) {
    if value.split('/').any(|part| part == "..") {
        errors.invalid(path, value, "must not contain '..'");
    }
}

/// A relative path that leads downwards.
pub fn descending(errors: &Errors, path: &Path<'_>, value: &str) {
    if value.starts_with('/') {
        errors.invalid(path, value, "must be a relative path");
    }
    no_steps_up(errors, path, value);
}

/// A relative path for a file that a volume makes.
pub fn not_reserved(errors: &Errors, path: &Path<'_>, value: &str) {
    descending(errors, path, value);
    if value.starts_with("..") && !value.starts_with("../") {
        errors.invalid(path, value, "must not start with '..'");
    }
}

/// An IP address.
pub fn ip(errors: &Errors, path: &Path<'_>, value: &str) {
    match Ip::of(value) {
        Ip::None => errors.invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        Ip::LeadingZeros => errors.invalid(path, value, "must not have leading 0s"),
        Ip::Mapped => errors.invalid(path, value, "must not be an IPv4-mapped IPv6 address"),
        Ip::Good => {}
    }
}

enum Ip {
    Good,
    /// Zeros before the digits of an IPv4 address, which some take for octal.
    LeadingZeros,
    /// An IPv4 address in the clothes of an IPv6 one.
    Mapped,
    None,
}

impl Ip {
    fn of(text: &str) -> Ip {
        if text.contains('%') {
            return Ip::None;
        }
        if parse_addr(text).is_ok() {
            let mapped =
                text.contains(':') && text.parse().is_ok_and(|ip: std::net::Ipv6Addr| ip.to_ipv4_mapped().is_some());
            return if mapped { Ip::Mapped } else { Ip::Good };
        }
        let (head, tail) = text.rsplit_once(':').map_or(("", text), |(head, tail)| (&text[..=head.len()], tail));
        let stripped: Vec<&str> = tail
            .split('.')
            .map(|part| match part.trim_start_matches('0') {
                "" if !part.is_empty() => "0",
                rest => rest,
            })
            .collect();
        match stripped.len() == 4 && parse_addr(&format!("{head}{}", stripped.join("."))).is_ok() {
            true => Ip::LeadingZeros,
            false => Ip::None,
        }
    }
}
