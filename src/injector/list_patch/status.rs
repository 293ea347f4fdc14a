//! The status annotation: what an earlier injection brought, and what this one brings.

use super::spec::Spec;
use crate::go::json::{self, Object, Value};
use crate::injector::pod;
use crate::k8s::decode;
use crate::k8s::schema::{Field, Kind, Type};

const LIST: Kind = Kind::List(&Kind::Str);

const fn names(json: &'static str) -> Field {
    Field { json, kind: LIST, go_type: "[]string", ..Field::DEFAULT }
}

static STATUS: Type = Type::new(
    "inject.SidecarInjectionStatus",
    "*inject.SidecarInjectionStatus",
    &[
        Field { json: "version", kind: Kind::Str, go_type: "string", ..Field::DEFAULT },
        names("initContainers"),
        names("containers"),
        names("volumes"),
        names("imagePullSecrets"),
    ],
);

/// The names of what was injected, by list of the pod's spec.
pub(super) struct Injected(Value);

impl Injected {
    /// Reads the status annotation. Where it cannot be read or names nothing, the names that the first releases used
    /// are taken.
    pub(super) fn of(pod: &Value) -> Injected {
        let read = pod::annotation(pod, pod::STATUS_ANNOTATION).and_then(|text| {
            let status = decode::decode(json::parse(text).ok()?, &STATUS).ok()?;
            let lists = ["initContainers", "containers", "volumes", "imagePullSecrets"];
            lists.iter().any(|list| !status[*list].items().is_empty()).then_some(status)
        });
        Injected(read.unwrap_or_else(|| {
            let lists = [
                ("initContainers", Value::from(vec![pod::INIT, pod::CORE_DUMP])),
                ("containers", Value::from(vec![pod::PROXY])),
                ("volumes", Value::from(vec!["istio-certs", "istio-envoy"])),
            ];
            Value::Object(lists.into_iter().collect())
        }))
    }

    /// True when the list had an item of this name.
    pub(super) fn has(&self, list: &str, name: &str) -> bool {
        self.0[list].items().iter().any(|known| known.as_str() == Some(name))
    }
}

/// The value of the status annotation; a list without items is null.
pub(super) fn write(version: &str, spec: &Spec) -> String {
    let mut status = Object::with_capacity(5);
    status.push("version", version);
    for (list, items) in [
        ("initContainers", &spec.init_containers),
        ("containers", &spec.containers),
        ("volumes", &spec.volumes),
        ("imagePullSecrets", &spec.pull_secrets),
    ] {
        let names: Vec<&str> = items.iter().map(pod::name).collect();
        status.push(list, if names.is_empty() { Value::Null } else { names.into() });
    }
    json::to_string(&Value::Object(status))
}
