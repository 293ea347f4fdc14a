//! The proxy config that a pod gets from the webhook: the defaults, that of the mesh and that of the pod's annotation, one
//! on top of the other.

use super::dialect::Dialect;
use super::schema::{Field, Kind, Message, Repeat, WellKnown};
use super::{MeshConfig, PROXY_CONFIG, ProxyConfig, decode};
use crate::go::duration;
use crate::go::json::Value;

/// How the layers of a pod's proxy config come together. Ordering the containers is not concerned: for that the annotation
/// is always read onto the mesh config.
///
/// Source: istio 1.12–1.30, `pilot/pkg/model/proxy_config.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layers {
    /// The annotation is read onto the mesh config: what it sets, zero values too, replaces what was there (until 1.12).
    Read,
    /// Messages are merged, so that zero values are nothing, lists grow and members of messages stay (1.13–1.17.1).
    Merged(Whole),
    /// Each layer is printed and read onto those below: zero values are nothing, what is set replaces (1.16.4, 1.17.2 on).
    Printed,
}

/// Which messages replace the ones below as a whole when layers are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whole {
    /// None: of durations, seconds and nanoseconds are merged one by one.
    None,
    /// The proxy image (1.14.2 on).
    Image,
    /// Durations too (1.14.5, 1.15.1 on).
    Durations,
}

impl MeshConfig {
    /// The proxy config of a pod, which may have an annotation; one that cannot be read counts as none.
    pub fn pod_proxy_config(&self, annotation: Option<&str>, layers: Layers) -> ProxyConfig {
        let mesh = &self.default_config;
        let dialect = mesh.dialect;
        let defaults = ProxyConfig::defaults(dialect);
        let own = || {
            let empty = ProxyConfig { settings: Value::object(), dialect };
            annotation.and_then(|yaml| empty.overlaid(yaml).ok()).map(|own| own.settings)
        };
        match layers {
            Layers::Read => annotation.and_then(|yaml| self.apply_proxy_config(yaml).ok()).unwrap_or(mesh.clone()),
            Layers::Printed => {
                let below = defaults.merged(mesh.settings.clone()).unwrap_or(defaults);
                own().and_then(|own| below.merged(own).ok()).unwrap_or(below)
            }
            Layers::Merged(whole) => {
                let on = |below: Value, above: &Value| {
                    let mut merged = message(dialect, &PROXY_CONFIG, below, above, whole);
                    let replaced: &[&str] =
                        if whole == Whole::None { &["concurrency"] } else { &["concurrency", "image"] };
                    for key in replaced {
                        if let Some(value) = above.get(key) {
                            decode::set(dialect, &PROXY_CONFIG, &mut merged, key, value.clone());
                        }
                    }
                    merged
                };
                let mut settings = on(defaults.settings, &mesh.settings);
                if let Some(own) = own() {
                    settings = on(settings, &own);
                }
                ProxyConfig { settings, dialect }
            }
        }
    }
}

/// Merges one message onto another of its type, as `proto.Merge` does.
fn message(dialect: &Dialect, ty: &'static Message, below: Value, above: &Value, whole: Whole) -> Value {
    let mut slots = decode::slots(ty, below);
    for (i, field) in ty.fields.iter().enumerate() {
        let empty_map = |value: &&Value| field.repeat == Repeat::Map && value.as_object().is_some_and(|m| m.is_empty());
        let Some(value) = above.get(field.json).filter(|value| !empty_map(value)) else { continue };
        if dialect.is_oneof(field) {
            for (j, other) in ty.fields.iter().enumerate() {
                if j != i && other.oneof == field.oneof {
                    slots[j] = None;
                }
            }
        }
        let merged = match slots[i].take() {
            None => value.clone(),
            Some(below) => one(dialect, field, below, value, whole),
        };
        slots[i] = Some(merged);
    }
    decode::assemble(dialect, ty, slots)
}

/// Merges one field that both have.
fn one(dialect: &Dialect, field: &'static Field, below: Value, above: &Value, whole: Whole) -> Value {
    match (field.repeat, &field.kind, below, above) {
        (Repeat::List, _, Value::Array(mut items), Value::Array(more)) => {
            items.extend(more.iter().cloned());
            Value::Array(items)
        }
        (Repeat::Map, _, Value::Object(mut members), Value::Object(more)) => {
            for (key, value) in more {
                members.insert(key.clone(), value.clone());
            }
            members.sort();
            Value::Object(members)
        }
        (Repeat::One, Kind::Message(ty), below, above) => match ty.well_known() {
            None => message(dialect, ty, below, above, whole),
            Some(WellKnown::Duration) if whole < Whole::Durations => duration_parts(&below, above),
            Some(WellKnown::Wrapper) if !decode::is_printed(dialect, &ty.fields[0], above) => below,
            Some(_) => above.clone(),
        },
        _ => above.clone(),
    }
}

/// Seconds and nanoseconds, each from above unless it is zero there.
fn duration_parts(below: &Value, above: &Value) -> Value {
    const SECOND: i64 = 1_000_000_000;
    let nanos = |value: &Value| value.as_str().and_then(|text| duration::parse(text).ok()).unwrap_or(0);
    let (below, above) = (nanos(below), nanos(above));
    let part = |above: i64, below: i64| if above == 0 { below } else { above };
    let merged = part(above / SECOND, below / SECOND) * SECOND + part(above % SECOND, below % SECOND);
    decode::print_duration(merged).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::mesh::dialect;

    #[test]
    fn layers() {
        let mesh = r#"{"defaultConfig":{"concurrency":4,"statusPort":15099,"terminationDrainDuration":"9s",
"holdApplicationUntilProxyStarts":true,"image":{"imageType":"debug"},"proxyMetadata":{"A":"a","B":"b"},
"extraStatTags":["m"],"tracing":{"zipkin":{"address":"z:1"},"sampling":3}}}"#;
        let mesh = MeshConfig::parse(mesh, &dialect::V1_16).unwrap();
        let whole = |whole| Layers::Merged(whole);
        for (own, layers, key, want) in [
            // Zero values count only where the annotation is read at once.
            ("statusPort: 0", Layers::Read, "statusPort", "null"),
            ("statusPort: 0", Layers::Printed, "statusPort", "15099"),
            ("statusPort: 0", whole(Whole::None), "statusPort", "15099"),
            ("holdApplicationUntilProxyStarts: false", Layers::Printed, "holdApplicationUntilProxyStarts", "false"),
            ("holdApplicationUntilProxyStarts: false", whole(Whole::None), "holdApplicationUntilProxyStarts", "true"),
            ("concurrency: 0", whole(Whole::None), "concurrency", "0"),
            ("image: {}", whole(Whole::None), "image", r#"{"imageType":"debug"}"#),
            ("image: {}", whole(Whole::Image), "image", "{}"),
            ("terminationDrainDuration: 0.5s", whole(Whole::Image), "terminationDrainDuration", "\"9.500s\""),
            ("terminationDrainDuration: 0.5s", whole(Whole::Durations), "terminationDrainDuration", "\"0.500s\""),
            ("extraStatTags: [x]", Layers::Printed, "extraStatTags", r#"["x"]"#),
            ("extraStatTags: [x]", whole(Whole::None), "extraStatTags", r#"["m","x"]"#),
            ("tracing: {sampling: 5}", Layers::Printed, "tracing", r#"{"sampling":5}"#),
            ("tracing: {sampling: 5}", whole(Whole::None), "tracing", r#"{"zipkin":{"address":"z:1"},"sampling":5}"#),
            ("tracing: {lightstep: {}}", whole(Whole::None), "tracing", r#"{"lightstep":{},"sampling":3}"#),
            ("proxyMetadata: {B: c}", Layers::Printed, "proxyMetadata", r#"{"A":"a","B":"c"}"#),
            ("proxyMetadata: {B: c}", whole(Whole::None), "proxyMetadata", r#"{"A":"a","B":"c"}"#),
            ("- no config", whole(Whole::None), "concurrency", "4"),
        ] {
            let config = mesh.pod_proxy_config(Some(own), layers);
            assert_eq!(config.to_json()[key].to_string(), want, "{own} {layers:?}");
        }
    }

    #[test]
    fn zero_values_of_the_mesh() {
        let mesh = MeshConfig::parse("defaultConfig: {statNameLength: 0}", &dialect::V1_18).unwrap();
        for (layers, want) in
            [(Layers::Read, None), (Layers::Merged(Whole::None), Some(189)), (Layers::Printed, Some(189))]
        {
            assert_eq!(mesh.pod_proxy_config(None, layers).to_json()["statNameLength"].as_i64(), want, "{layers:?}");
        }
    }
}
