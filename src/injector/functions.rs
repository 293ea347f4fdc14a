//! The functions of the injector's templates: Go's own, sprig's, and on top of them Istio's, of which some hide
//! sprig's of the same name.
//!
//! Source: istio 1.9–1.30, function maps of the injection templates.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::go::template::{Call, Func, Functions, Key, Map, Members, Value, format, sprig};
use crate::go::{json, yaml};
use crate::injector::pod;
use crate::injector::release::Release;

type Answer<'d> = Result<Value<'d>, String>;

/// Functions of Istio: name, parameters, what it does. Which of them a release has, `release/table.rs` says; a dash ends
/// the name where releases differ in what it does.
type Entry = (&'static str, &'static str, Func);

const ENTRIES: &[Entry] = &[
    ("annotation", "v1.ObjectMeta,string,any", annotation),
    ("appendMultusNetwork", "string,string", |c| Ok(Value::string(append_network(c.str(0), c.str(1), true)))),
    ("applicationPorts", "[]v1.Container", |c| Ok(Value::string(ports(&c.arg(0), |name| name != pod::PROXY)))),
    ("contains", "string,string", |c| Ok(Value::Bool(c.str(1).contains(c.str(0))))),
    ("directory", "string", |c| Ok(Value::string(c.str(0).rfind('/').map_or("", |i| &c.str(0)[..=i])))),
    ("env", "string,string", |c| {
        let value = c.host.env(c.str(0)).filter(|v| !v.is_empty());
        Ok(value.map_or_else(|| c.arg(1), Value::string))
    }),
    ("excludeInboundPort", "any,string", |c| Ok(Value::string(exclude_port(&format::sprint(&[c.arg(0)]), c.str(1))))),
    ("excludeInterfaces", "string", |c| Ok(c.arg(0))),
    ("formatDuration", "*durationpb.Duration", format_duration),
    ("fromJSON", "string", |c| {
        Ok(json::parse(c.str(0)).map_or_else(|_| Value::borrowed("{}"), |v| Value::owned_json(&v)))
    }),
    ("includeInboundPorts", "[]v1.Container", |c| Ok(Value::string(ports(&c.arg(0), |_| true)))),
    ("indent", "int,string", |c| indent(c.int(0), c.str(1)).map(Value::string)),
    ("isset", "map[string]string,string", |c| match c.arg(0) {
        Value::Map(map) => Ok(Value::Bool(map.get(c.str(1)).is_some())),
        _ => Ok(Value::Bool(false)),
    }),
    ("kubevirtInterfaces", "string", |c| Ok(c.arg(0))),
    ("mergeMaps", "map[string]string...", |c| Ok(merged(c))),
    ("omit", "map[string]string,string...", omit),
    ("omitNil", "any", |c| Ok(omit_nil(c.arg(0)))),
    ("otelResourceAttributes", "*v1alpha1.MeshConfig,map[string]string,map[string]string,string,[]v1.Container", otel),
    ("protoToJSON", "proto.Message", proto_to_json),
    ("strdict", "string...", strdict),
    ("structToJSON", "any", |c| Ok(Value::string(object_text(&c.arg(0))))),
    ("toJSON", "map[string]string", to_json),
    ("toJsonMap", "map[string]string...", |c| Ok(Value::string(json::to_string(&merged(c).to_json())))),
    ("toLower", "string", |c| Ok(Value::string(c.str(0).to_lowercase()))),
    ("toYaml", "any", |c| Ok(Value::string(yaml::from_json(&c.arg(0).to_json())))),
    ("valueOrDefault", "any,any", |c| {
        let empty = matches!(&c.args[0], Value::Missing | Value::Nil) || c.args[0].as_str() == Some("");
        Ok(c.arg(usize::from(empty)))
    }),
    ("appendMultusNetwork-unqualified", "string,string", |c| {
        Ok(Value::string(append_network(c.str(0), c.str(1), false)))
    }),
    ("formatDuration-1s", "*types.Duration", |c| match &c.args[0] {
        Value::Object(duration) if duration.is_nil() => Ok(Value::borrowed("1s")),
        _ => format_duration(c),
    }),
    ("render", "string", |c| Ok(Value::string(c.host.ask("render", &c.args[0]).unwrap_or_default()))),
    ("toJson", "map[string]string", to_json),
];

/// The function of a name in a release's list, with its parameters.
pub(super) fn entry(wanted: &str) -> Option<(&'static str, Func)> {
    ENTRIES.iter().find(|(name, ..)| *name == wanted).map(|(_, params, call)| (*params, *call))
}

/// The functions of a release.
pub fn of(release: &Release) -> Functions {
    static COMMON: LazyLock<Functions> = LazyLock::new(|| {
        let mut functions = Functions::builtin();
        sprig::register(&mut functions);
        functions
    });
    let mut functions = COMMON.clone();
    for wanted in release.switches.functions.iter().flat_map(|group| group.iter()) {
        if let Some((name, params, call)) = ENTRIES.iter().find(|(name, ..)| name == wanted) {
            functions.add(name.split('-').next().unwrap_or(name), params, *call);
        }
    }
    functions
}

fn string_map<'d>(members: BTreeMap<Key, Value<'d>>) -> Value<'d> {
    Value::typed_map("string", members)
}

fn annotation<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    if let Value::Object(meta) = &c.args[0]
        && let Some(Value::Map(annotations)) = meta.field("Annotations")
        && let Some(value) = annotations.get(c.str(1))
    {
        return Ok(value);
    }
    Ok(Value::string(format::sprint(&[c.arg(2)])))
}

/// Adds Istio's network to the value of Multus' annotation, in the form that it has: JSON or names with commas.
fn append_network(existing: &str, network: &str, qualified: bool) -> String {
    if existing.is_empty() {
        return network.to_owned();
    }
    if let Some(end) = existing.rfind(']') {
        let objects = |v: &json::Value| matches!(v, json::Value::Object(_) | json::Value::Null);
        let networks = match json::parse(existing) {
            Ok(json::Value::Array(networks)) if networks.iter().all(objects) => networks,
            _ => return existing.to_owned(),
        };
        let mut parts = network.split('/');
        let (namespace, name) = match (parts.next(), parts.next()) {
            (Some(namespace), Some(name)) if qualified => (namespace, name),
            _ => ("", network),
        };
        let known = |n: &json::Value| {
            n["name"].as_str() == Some(name)
                && if !qualified {
                    true
                } else if n["namespace"].is_null() {
                    namespace.is_empty()
                } else {
                    n["namespace"].as_str() == Some(namespace)
                }
        };
        if networks.iter().any(known) {
            return existing.to_owned();
        }
        let added = match namespace {
            "" => format!(", {{\"name\": \"{name}\"}}"),
            _ => format!(", {{\"name\": \"{name}\", \"namespace\": \"{namespace}\"}}"),
        };
        return format!("{}{added}{}", &existing[..end], &existing[end..]);
    }
    if existing.split(',').any(|n| n.trim() == network) {
        return existing.to_owned();
    }
    format!("{existing}, {network}")
}

/// The TCP ports of the containers whose name is wanted, joined by commas.
fn ports(containers: &Value<'_>, wanted: fn(&str) -> bool) -> String {
    let Value::List(containers) = containers else { return String::new() };
    let mut ports = Vec::new();
    for container in containers.iter().map(|c| c.to_json()).filter(|c| wanted(pod::name(c))) {
        for port in container["ports"].items() {
            if !matches!(port["protocol"].as_str(), Some("UDP" | "SCTP")) {
                ports.push(port["containerPort"].as_i64().unwrap_or(0).to_string());
            }
        }
    }
    ports.join(",")
}

fn exclude_port(port: &str, excluded: &str) -> String {
    let port = port.trim();
    if port.is_empty() || port == "0" || excluded.split(',').any(|p| p == port) {
        return excluded.to_owned();
    }
    let others = excluded.split(',').map(str::trim).filter(|p| !p.is_empty());
    others.chain([port]).collect::<Vec<_>>().join(",")
}

fn format_duration<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    let nanos = match &c.args[0] {
        Value::Object(duration) => match duration.call("AsDuration", &[]) {
            Some(Ok(Value::Int(nanos, _))) => nanos,
            _ => 0,
        },
        _ => 0,
    };
    Ok(Value::string(format::duration(nanos)))
}

/// How long a text `indent` may make.
const MAX_TEXT: usize = 16 << 20;

/// Every line but the first gets blanks before it.
fn indent(spaces: i64, text: &str) -> Result<String, String> {
    // Go pads to the left for negative widths too.
    let width = usize::try_from(spaces.unsigned_abs()).unwrap_or(usize::MAX);
    if text.matches('\n').count().saturating_mul(width) > MAX_TEXT {
        return Err(format!("the text would be longer than {MAX_TEXT} bytes"));
    }
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
}

fn merged<'d>(c: &Call<'_, 'd>) -> Value<'d> {
    if c.args.is_empty() {
        return Value::Map(Map { element: "string", key: "string", members: Members::Nil });
    }
    let mut all = BTreeMap::new();
    for map in c.args {
        if let Value::Map(map) = map {
            map.for_each(|key, value| _ = all.insert(key.clone(), value));
        }
    }
    string_map(all)
}

fn omit<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    let mut rest = BTreeMap::new();
    if let Value::Map(map) = &c.args[0] {
        map.for_each(|key, value| {
            let name = key.to_string();
            if !c.args[1..].iter().any(|k| k.as_str() == Some(&name)) {
                rest.insert(key.clone(), value);
            }
        });
    }
    Ok(string_map(rest))
}

fn strdict<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    let pairs = c.args.chunks(2).map(|pair| {
        let key = Key::Str(pair[0].as_str().unwrap_or_default().into());
        (key, pair.get(1).cloned().unwrap_or_else(|| Value::borrowed("")))
    });
    Ok(string_map(pairs.collect()))
}

/// Nils are taken out of lists and maps, at any depth; what is empty then is nil itself. A tree without nils stays.
fn omit_nil(value: Value<'_>) -> Value<'_> {
    fn has_nil(value: &Value<'_>) -> bool {
        match value {
            Value::Missing | Value::Nil => true,
            Value::List(list) if list.element == "interface {}" => list.iter().any(|v| has_nil(&v)),
            Value::Map(map) if map.element == "interface {}" => map.sorted().iter().any(|(_, v)| has_nil(v)),
            _ => false,
        }
    }
    if !has_nil(&value) {
        return value;
    }
    match value {
        Value::List(list) => {
            let rest: Vec<_> = list.iter().map(omit_nil).filter(|v| !matches!(v, Value::Nil)).collect();
            if rest.is_empty() { Value::Nil } else { Value::list(rest) }
        }
        Value::Map(map) => {
            let rest: BTreeMap<_, _> = map
                .sorted()
                .into_iter()
                .map(|(k, v)| (k, omit_nil(v)))
                .filter(|(_, v)| !matches!(v, Value::Nil))
                .collect();
            if rest.is_empty() { Value::Nil } else { Value::map(rest) }
        }
        _ => Value::Nil,
    }
}

fn object_text(value: &Value<'_>) -> String {
    match value {
        Value::Missing | Value::Nil => "{}".into(),
        value => json::to_string(&value.to_json()),
    }
}

fn proto_to_json<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    Ok(Value::string(match &c.args[0] {
        Value::Object(message) if !message.is_nil() => match c.host.ask("protoToJSON", &c.args[0]) {
            Some(text) => text,
            None => json::to_string(&message.proto_json().unwrap_or_else(|| message.to_json())),
        },
        _ => "{}".into(),
    }))
}

fn to_json<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    match c.arg(0) {
        Value::Map(map) if !map.is_nil() => Ok(Value::string(json::to_string(&Value::Map(map).to_json()))),
        _ => Ok(Value::borrowed("{}")),
    }
}

/// `OTEL_RESOURCE_ATTRIBUTES` by OpenTelemetry's conventions, where a provider asks for them.
fn otel<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    let asks = |p: &json::Value| {
        p["opentelemetry"]["serviceAttributeEnrichment"].as_str() == Some("OTEL_SEMANTIC_CONVENTIONS")
    };
    if !c.args[0].to_json()["extensionProviders"].items().iter().any(asks) {
        return Ok(Value::borrowed(""));
    }
    let lookup = |i: usize, key: &str| match &c.args[i] {
        Value::Map(map) => map.get(key).and_then(|v| v.as_str().map(str::to_owned)).filter(|v| !v.is_empty()),
        _ => None,
    };
    let annotated = |name: &str| lookup(1, &format!("resource.opentelemetry.io/{name}"));
    let namespace = c.str(3);
    let containers = c.args[4].to_json();
    let containers = containers.items();

    let service_namespace =
        annotated("service.namespace").or_else(|| (!namespace.is_empty()).then(|| namespace.to_owned()));
    let version =
        annotated("service.version").or_else(|| lookup(2, "app.kubernetes.io/version")).or_else(|| match containers {
            [only] => image_version(only["image"].as_str().unwrap_or_default()),
            _ => None,
        });
    let instance = annotated("service.instance.id")
        .or_else(|| containers.first().map(|first| format!("{namespace}.$(POD_NAME).{}", pod::name(first))));
    let attributes =
        [("service.namespace", service_namespace), ("service.version", version), ("service.instance.id", instance)];
    let attributes: Vec<String> = attributes.into_iter().filter_map(|(k, v)| Some(format!("{k}={}", v?))).collect();
    Ok(Value::string(attributes.join(",")))
}

/// Tag and digest of an image, `TAG@DIGEST` with both.
fn image_version(image: &str) -> Option<String> {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    let tag = match name.rfind(':') {
        Some(colon) if name.rfind('/').is_none_or(|slash| slash < colon) => &name[colon + 1..],
        _ => "",
    };
    match (tag, digest) {
        ("", "") => None,
        (tag, "") => Some(tag.to_owned()),
        ("", digest) => Some(digest.to_owned()),
        (tag, digest) => Some(format!("{tag}@{digest}")),
    }
}
