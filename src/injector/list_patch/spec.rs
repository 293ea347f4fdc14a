//! What a template gives: YAML of lists to add, read into Go's structs.

use crate::go::json::Value;
use crate::go::yaml::Exponents;
use crate::injector::release::YamlLibrary;
use crate::injector::typed;
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
    pub(super) fn parse(text: &str, ty: &'static Type, api: Api, exponents: Exponents) -> Result<Spec, String> {
        let mut spec = typed::read(text, ty, api, exponents).map_err(|e| e.text(YamlLibrary::Ghodss))?;
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
