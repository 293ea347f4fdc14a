//! Messages as Go prints them: protobuf's text format on one line.
//!
//! Source: github.com/gogo/protobuf 1.3 (until Istio 1.13), google.golang.org/protobuf 1.28 (1.14 on; it puts one or two
//! blanks between fields, as the hash of the binary has it: here one).

use super::dialect::Dialect;
use super::schema::{Field, Kind, Message, Repeat, WellKnown};
use crate::go::duration;
use crate::go::json::Value;
use crate::go::template::format;
use std::fmt::Write;

/// What the `String` method of a message prints; `None` for any JSON.
pub(super) fn message(dialect: &Dialect, ty: &'static Message, value: &Value) -> Option<String> {
    let mut out = String::new();
    match ty.well_known() {
        Some(WellKnown::Value) => return None,
        Some(WellKnown::Duration) if dialect.old_library => out = format::duration(nanos(value)),
        Some(WellKnown::Wrapper) if dialect.old_library => {
            let name = ty.name.rsplit('.').next().unwrap_or_default();
            _ = write!(out, "&{name}{{Value:{},XXX_unrecognized:[],}}", bare(value));
        }
        _ => members(dialect, ty, value, &mut out),
    }
    Some(out)
}

/// The Go type of a message, which the old library keeps in a package of its own when it is one of Google's.
pub(super) fn type_name(dialect: &Dialect, ty: &'static Message) -> &'static str {
    if !dialect.old_library {
        return ty.pointer;
    }
    match ty.name.strip_prefix("google.protobuf.") {
        Some("Duration") => "*types.Duration",
        Some("BoolValue") => "*types.BoolValue",
        Some("Int32Value") => "*types.Int32Value",
        Some("Int64Value") => "*types.Int64Value",
        Some("Struct") => "*types.Struct",
        Some("Value") => "*types.Value",
        Some("ListValue") => "*types.ListValue",
        _ => ty.pointer,
    }
}

fn nanos(value: &Value) -> i64 {
    value.as_str().and_then(|text| duration::parse(text).ok()).unwrap_or(0)
}

/// A scalar without quotes.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn members(dialect: &Dialect, ty: &'static Message, value: &Value, out: &mut String) {
    match ty.well_known() {
        Some(WellKnown::Value) => {}
        Some(WellKnown::Duration) => {
            const SECOND: i64 = 1_000_000_000;
            for (name, part) in [("seconds", nanos(value) / SECOND), ("nanos", nanos(value) % SECOND)] {
                if part != 0 {
                    one(dialect, name, &Kind::Int64, &part.into(), out);
                }
            }
        }
        Some(WellKnown::Wrapper) => {
            let field = &ty.fields[0];
            if super::decode::is_printed(dialect, field, value) {
                one(dialect, field.proto, &field.kind, value, out);
            }
        }
        None => {
            for field in ty.fields.iter().filter(|f| dialect.knows(f)) {
                if let Some(value) = value.get(field.json) {
                    values(dialect, field, value, out);
                }
            }
        }
    }
}

fn values(dialect: &Dialect, field: &'static Field, value: &Value, out: &mut String) {
    match (field.repeat, value) {
        (Repeat::List, Value::Array(items)) => {
            items.iter().for_each(|item| one(dialect, field.proto, &field.kind, item, out));
        }
        (Repeat::Map, Value::Object(entries)) => {
            for (key, value) in entries.sorted() {
                nested(dialect, field.proto, out, |out| {
                    one(dialect, "key", &Kind::String, &key.as_str().into(), out);
                    one(dialect, "value", &field.kind, value, out);
                });
            }
        }
        _ => one(dialect, field.proto, &field.kind, value, out),
    }
}

fn one(dialect: &Dialect, name: &str, kind: &'static Kind, value: &Value, out: &mut String) {
    if let Kind::Message(ty) = kind {
        return nested(dialect, name, out, |out| members(dialect, ty, value, out));
    }
    start(dialect, name, out);
    match (kind, value) {
        (Kind::String, value) => quoted(dialect, value.as_str().unwrap_or_default(), out),
        (_, value) => out.push_str(&bare(value)),
    }
    end(dialect, out);
}

fn nested(dialect: &Dialect, name: &str, out: &mut String, inside: impl FnOnce(&mut String)) {
    start(dialect, name, out);
    let (open, close) = if dialect.old_library { ('<', '>') } else { ('{', '}') };
    out.push(open);
    inside(out);
    out.push(close);
    end(dialect, out);
}

/// The newer library puts a blank between fields, the old one after each.
fn start(dialect: &Dialect, name: &str, out: &mut String) {
    if !dialect.old_library && !out.is_empty() && !out.ends_with('{') {
        out.push(' ');
    }
    _ = write!(out, "{name}:");
}

fn end(dialect: &Dialect, out: &mut String) {
    if dialect.old_library {
        out.push(' ');
    }
}

fn quoted(dialect: &Dialect, text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        _ = match c {
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '"' | '\\' => write!(out, "\\{c}"),
            c if dialect.old_library && !(' '..='~').contains(&c) => {
                c.to_string().bytes().try_for_each(|byte| write!(out, "\\{byte:03o}"))
            }
            c if c.is_ascii_control() => write!(out, "\\x{:02x}", c as u32),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{MESH_CONFIG, MeshConfig, PROXY_CONFIG, dialect};
    use super::*;

    #[test]
    fn both_libraries() {
        let yaml = r#"{"defaultConfig":{"terminationDrainDuration":"9.5s","proxyMetadata":{"A":"b\"é\n"},"extraStatTags":["x","y"],
"tracing":{"sampling":1.5},"holdApplicationUntilProxyStarts":false}}"#;
        for (dialect, want) in [
            (
                &dialect::V1_12,
                concat!(
                    r#"termination_drain_duration:<seconds:9 nanos:500000000 > "#,
                    r#"proxy_metadata:<key:"A" value:"b\"\303\251\n" > extra_stat_tags:"x" extra_stat_tags:"y" "#,
                    r#"tracing:<sampling:1.5 > hold_application_until_proxy_starts:<> "#,
                ),
            ),
            (
                &dialect::V1_17,
                concat!(
                    r#"termination_drain_duration:{seconds:9 nanos:500000000} "#,
                    r#"proxy_metadata:{key:"A" value:"b\"é\n"} extra_stat_tags:"x" extra_stat_tags:"y" "#,
                    r#"tracing:{sampling:1.5} hold_application_until_proxy_starts:{}"#,
                ),
            ),
        ] {
            let mesh = MeshConfig::parse(yaml, dialect).unwrap();
            let mut config = mesh.default_config().to_json().clone();
            if let Value::Object(members) = &mut config {
                members.retain(|key, _| yaml.contains(key));
            }
            let text = message(dialect, &PROXY_CONFIG, &config).unwrap();
            let mut parts: Vec<_> = want.split(' ').collect();
            parts.sort_unstable();
            let mut got: Vec<_> = text.split(' ').collect();
            got.sort_unstable();
            assert_eq!(got, parts);
            assert!(message(dialect, &MESH_CONFIG, mesh.to_json()).unwrap().contains("default_config:"));
        }
    }
}
