//! The functions of templates, by the names that a release lists: those of the newest releases where they are the
//! same, and the variants that were before.

use crate::go::json::{self, Value as Json};
use crate::go::template::{Call, Func, Functions, Value, format, sprig};
use crate::injector::functions;
use crate::injector::pod;
use crate::injector::release::ListPatch;

type Answer<'d> = Result<Value<'d>, String>;

/// Variants: the name in a release's list, the name in templates, parameters, function.
const VARIANTS: &[(&str, &str, &str, Func)] = &[
    ("formatDuration", "formatDuration", "any", format_duration),
    ("includeInboundPorts (any protocol)", "includeInboundPorts", "[]v1.Container", |c| {
        Ok(Value::string(ports(&c.arg(0), |_| true)))
    }),
    ("applicationPorts (any protocol)", "applicationPorts", "[]v1.Container", |c| {
        Ok(Value::string(ports(&c.arg(0), |name| name != pod::PROXY)))
    }),
    ("valueOrDefault (strings)", "valueOrDefault", "string,string", |c| Ok(c.arg(usize::from(c.str(0).is_empty())))),
    ("appendMultusNetwork (plain)", "appendMultusNetwork", "string,string", |c| {
        Ok(Value::string(append_network(c.str(0), c.str(1))))
    }),
    ("protoToJSON (all fields)", "protoToJSON", "proto.Message", |c| {
        Ok(Value::string(match &c.args[0] {
            Value::Object(message) if !message.is_nil() => {
                json::to_string(&message.proto_json().unwrap_or_else(|| message.to_json()))
            }
            _ => "{}".into(),
        }))
    }),
];

/// The functions of a release.
pub(super) fn of(rules: &ListPatch) -> Functions {
    let mut all = Functions::builtin();
    if rules.sprig {
        sprig::register(&mut all);
    }
    for listed in rules.functions.iter().copied().flatten().copied() {
        if let Some((_, name, params, function)) = VARIANTS.iter().find(|(variant, ..)| *variant == listed) {
            all.add(name, params, *function);
            continue;
        }
        if let Some((params, function)) = functions::entry(listed) {
            all.add(listed, params, function);
        }
    }
    all
}

/// Go prints `1s` where there is no duration.
fn format_duration<'d>(c: &Call<'_, 'd>) -> Answer<'d> {
    let nanos = match &c.args[0] {
        Value::Object(duration) if !duration.is_nil() => match duration.call("AsDuration", &[]) {
            Some(Ok(Value::Int(nanos, _))) => Some(nanos),
            _ => None,
        },
        _ => None,
    };
    Ok(Value::string(nanos.map_or_else(|| "1s".to_owned(), format::duration)))
}

/// The ports of the containers whose name is wanted, joined by commas.
fn ports(containers: &Value<'_>, wanted: fn(&str) -> bool) -> String {
    let Value::List(containers) = containers else { return String::new() };
    let containers: Vec<Json> = containers.iter().map(|c| c.to_json()).filter(|c| wanted(pod::name(c))).collect();
    let ports = containers.iter().flat_map(|container| container["ports"].items());
    let numbers: Vec<String> = ports.map(|port| port["containerPort"].as_i64().unwrap_or(0).to_string()).collect();
    numbers.join(",")
}

/// Appends Istio's network to the value of Multus' annotation, in JSON where a bracket closes it.
fn append_network(existing: &str, network: &str) -> String {
    match existing.rfind(']') {
        _ if existing.is_empty() => network.to_owned(),
        Some(end) => format!("{}, {{\"name\": \"{network}\"}}{}", &existing[..end], &existing[end..]),
        None => format!("{existing}, {network}"),
    }
}
