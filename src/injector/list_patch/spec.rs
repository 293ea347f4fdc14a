//! What a template gives: YAML of lists to add, read into Go's structs.

use crate::go::json::{Number, Value};
use crate::go::{strconv, yaml};
use crate::k8s::decode;
use crate::k8s::schema::{self, Api, Field, Kind, Type};

const CONTAINERS: Kind = Kind::List(&Kind::Struct(&schema::CONTAINER));
const VOLUME_LIST: Kind = Kind::List(&Kind::Struct(&schema::VOLUME));
const SECRETS: Kind = Kind::List(&Kind::Struct(&schema::LOCAL_OBJECT_REFERENCE));

const fn list(json: &'static str, kind: Kind, go_type: &'static str) -> Field {
    Field { json, go: json, kind, go_type, ..Field::DEFAULT }
}

const INIT_CONTAINERS: Field = list("InitContainers", CONTAINERS, "[]v1.Container");
const APP_CONTAINERS: Field = list("Containers", CONTAINERS, "[]v1.Container");
const VOLUMES: Field = list("Volumes", VOLUME_LIST, "[]v1.Volume");
const PULL_SECRETS: Field = list("ImagePullSecrets", SECRETS, "[]v1.LocalObjectReference");
const REWRITE: Field = list("RewriteAppHTTPProbe", Kind::Bool, "bool");
const HOLD: Field = list("HoldApplicationUntilProxyStarts", Kind::Bool, "bool");
const DNS: Field =
    Field { pointer: true, ..list("DNSConfig", Kind::Struct(&schema::POD_DNS_CONFIG), "v1.PodDNSConfig") };
const REDIRECT: Field = list("PodRedirectAnnot", Kind::Map(&Kind::Str), "map[string]string");

const NAME: &str = "inject.SidecarInjectionSpec";
const POINTER: &str = "*inject.SidecarInjectionSpec";

/// The members that 1.0 reads, by their Go names: there are no tags for JSON, so case does not matter.
pub static V1_0: Type = Type::new(NAME, POINTER, &[INIT_CONTAINERS, APP_CONTAINERS, VOLUMES, PULL_SECRETS]);
/// From 1.1.
pub static V1_1: Type =
    Type::new(NAME, POINTER, &[REWRITE, INIT_CONTAINERS, APP_CONTAINERS, VOLUMES, DNS, PULL_SECRETS]);
/// From 1.3.
pub static V1_3: Type =
    Type::new(NAME, POINTER, &[REDIRECT, REWRITE, INIT_CONTAINERS, APP_CONTAINERS, VOLUMES, DNS, PULL_SECRETS]);
/// From 1.7.
pub static V1_7: Type =
    Type::new(NAME, POINTER, &[REDIRECT, REWRITE, HOLD, INIT_CONTAINERS, APP_CONTAINERS, VOLUMES, DNS, PULL_SECRETS]);

/// Kind and version of an object.
pub static TYPE_META: Type =
    Type::new("v1.TypeMeta", "*v1.TypeMeta", &[text("kind", "Kind"), text("apiVersion", "APIVersion")]);

const fn text(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Str, go_type: "string", omit: true, ..Field::DEFAULT }
}

/// What a template gives, in the form of `k8s::decode`.
#[derive(Clone, Debug, Default)]
pub(super) struct Spec {
    pub(super) init_containers: Vec<Value>,
    pub(super) containers: Vec<Value>,
    pub(super) volumes: Vec<Value>,
    pub(super) pull_secrets: Vec<Value>,
    pub(super) rewrite_probes: bool,
    /// Null when there is none.
    pub(super) dns_config: Value,
    /// Annotations that kube-inject sets; null when there are none.
    pub(super) redirect: Value,
}

impl Spec {
    /// Reads a rendered template.
    ///
    /// Errors: Go's text.
    pub(super) fn parse(text: &str, ty: &'static Type, api: Api) -> Result<Spec, String> {
        let tree = yaml::to_json(text).map_err(|e| format!("error converting YAML to JSON: {e}"))?;
        let mut spec = decode_yaml(tree, ty, api).map_err(|e| format!("error unmarshaling JSON: {e}"))?;
        let mut taken = |key: &str| match spec.get_mut(key).map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        Ok(Spec {
            init_containers: taken("InitContainers"),
            containers: taken("Containers"),
            volumes: taken("Volumes"),
            pull_secrets: taken("ImagePullSecrets"),
            rewrite_probes: spec["RewriteAppHTTPProbe"].as_bool() == Some(true),
            dns_config: spec.get_mut("DNSConfig").map(Value::take).unwrap_or_default(),
            redirect: spec.get_mut("PodRedirectAnnot").map(Value::take).unwrap_or_default(),
        })
    }
}

/// Decodes what YAML gave: where a string is wanted, booleans and numbers are taken as texts.
///
/// Source: github.com/ghodss/yaml 1.0.
pub(in crate::injector) fn decode_yaml(mut tree: Value, ty: &'static Type, api: Api) -> Result<Value, String> {
    as_texts(&mut tree, &Kind::Struct(ty), api);
    decode::decode_as(tree, ty, api).map_err(|e| e.to_string())
}

fn as_texts(value: &mut Value, kind: &Kind, api: Api) {
    match (kind, &mut *value) {
        (Kind::Str, Value::Bool(b)) => *value = if *b { "true".into() } else { "false".into() },
        (Kind::Str, Value::Number(n)) => *value = number_text(n).into(),
        (Kind::Struct(ty), Value::Object(members)) => {
            for (key, member) in members.iter_mut() {
                if let Some(field) = decode::field(ty, key).filter(|f| api.knows(f)) {
                    as_texts(member, &field.kind, api);
                }
            }
        }
        (Kind::List(item), Value::Array(items)) => items.iter_mut().for_each(|i| as_texts(i, item, api)),
        (Kind::Map(item), Value::Object(members)) => members.iter_mut().for_each(|(_, m)| as_texts(m, item, api)),
        _ => {}
    }
}

/// Integers as they are, others with the digits of a `float32`.
fn number_text(n: &Number) -> String {
    if n.is_integer() { n.to_string() } else { strconv::format_float(n.as_f64(), 'g', 32) }
}
