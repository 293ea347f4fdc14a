//! Ports of containers.

use std::collections::BTreeSet;

use super::error::{Errors, Path, number, text};
use super::syntax;
use crate::go::json::Value;

const MAX_PORT: i64 = 65535;

/// The ports of a container.
pub fn validate(errors: &Errors, path: &Path<'_>, ports: &[Value]) {
    let mut seen = BTreeSet::new();
    for (i, port) in ports.iter().enumerate() {
        let path = path.index(i);
        let name = text(port, "name");
        if !name.is_empty() {
            let complaints = syntax::port_name(name);
            if !complaints.is_empty() {
                errors.each(&path.child("name"), name, complaints);
            } else if !seen.insert(name) {
                errors.duplicate(&path.child("name"), name);
            }
        }
        match number(port, "containerPort") {
            0 => errors.required(&path.child("containerPort"), ""),
            port => self::number_of(errors, &path.child("containerPort"), port),
        }
        match number(port, "hostPort") {
            0 => {}
            port => self::number_of(errors, &path.child("hostPort"), port),
        }
        errors.one_of(&path.child("protocol"), text(port, "protocol"), &["SCTP", "TCP", "UDP"]);
    }
}

/// The number of a port.
pub fn number_of(errors: &Errors, path: &Path<'_>, port: i64) {
    errors.in_range(path, port, 1, MAX_PORT);
}

/// A port by number or name.
pub fn number_or_name(errors: &Errors, path: &Path<'_>, port: &Value) {
    match port.as_str() {
        Some(name) => errors.each(path, name, syntax::port_name(name)),
        None => number_of(errors, path, port.as_i64().unwrap_or(0)),
    }
}

/// Ports of the host that more than one container wants.
pub fn conflicts<'a>(errors: &Errors, path: &Path<'_>, containers: impl Iterator<Item = (usize, &'a Value)>) {
    let mut seen = BTreeSet::new();
    for (i, container) in containers {
        for (j, port) in container["ports"].items().iter().enumerate() {
            let number = number(port, "hostPort");
            if number == 0 {
                continue;
            }
            let place = format!("{}/{}/{number}", text(port, "protocol"), text(port, "hostIP"));
            if seen.contains(&place) {
                let at = path.index(i);
                let at = at.child("ports");
                errors.duplicate(&at.index(j).child("hostPort"), &place);
            } else {
                seen.insert(place);
            }
        }
    }
}
