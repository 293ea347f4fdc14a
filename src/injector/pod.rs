//! Reading and changing a pod in the form of `k8s::decode`: names, and the few moves that several steps share.

pub use crate::go::strconv::parse_bool;

use crate::go::json::{Str, Value};

/// The sidecar container.
pub const PROXY: &str = "istio-proxy";
/// The init container that sets up iptables.
pub const INIT: &str = "istio-init";
/// The init container that checks what the CNI plugin set up.
pub const VALIDATION: &str = "istio-validation";
/// The init container that enables core dumps.
pub const CORE_DUMP: &str = "enable-core-dump";

/// The annotation with the status of an injection.
pub const STATUS_ANNOTATION: &str = "sidecar.istio.io/status";
/// The annotation that keeps the user's own settings of injected containers for re-injection.
pub const OVERRIDES_ANNOTATION: &str = "proxy.istio.io/overrides";
/// The annotation with a proxy config of the pod's own.
pub const PROXY_CONFIG_ANNOTATION: &str = "proxy.istio.io/config";

/// The value of an annotation, if the key is there.
pub fn annotation<'a>(pod: &'a Value, key: &str) -> Option<&'a str> {
    pod["metadata"]["annotations"].get(key).and_then(Value::as_str)
}

/// The value of a label, if the key is there.
pub fn label<'a>(pod: &'a Value, key: &str) -> Option<&'a str> {
    pod["metadata"]["labels"].get(key).and_then(Value::as_str)
}

/// Sets an annotation, making the map when there is none.
pub fn set_annotation(pod: &mut Value, key: &str, value: impl Into<Str>) {
    pod.entry("metadata").entry("annotations").entry(key).clone_from(&Value::String(value.into()));
}

/// Sets a label, making the map when there is none.
pub fn set_label(pod: &mut Value, key: &str, value: impl Into<Str>) {
    pod.entry("metadata").entry("labels").entry(key).clone_from(&Value::String(value.into()));
}

/// The two lists of containers, in the order in which the injector searches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `spec.containers`
    Containers,
    /// `spec.initContainers`
    InitContainers,
}

impl List {
    /// Both lists, application containers first.
    pub const BOTH: [List; 2] = [List::Containers, List::InitContainers];

    /// The member of the pod's spec.
    pub fn key(self) -> &'static str {
        match self {
            List::Containers => "containers",
            List::InitContainers => "initContainers",
        }
    }
}

/// The name of a container, volume or other named item.
pub fn name(item: &Value) -> &str {
    item["name"].as_str().unwrap_or_default()
}

/// The containers of a list; none when it is absent or null.
pub fn containers(pod: &Value, list: List) -> &[Value] {
    pod["spec"][list.key()].items()
}

/// The containers of a list, to change them; a missing or null list becomes an empty one first.
pub fn containers_mut(pod: &mut Value, list: List) -> &mut Vec<Value> {
    let items = pod.entry("spec").entry(list.key());
    if !matches!(items, Value::Array(_)) {
        *items = Value::Array(Vec::new());
    }
    match items {
        Value::Array(items) => items,
        _ => unreachable!("made a list just above"),
    }
}

/// The first container called `wanted` in a list.
pub fn find<'a>(items: &'a [Value], wanted: &str) -> Option<&'a Value> {
    items.iter().find(|c| name(c) == wanted)
}

/// The first container called `wanted` in some lists.
pub fn find_in<'a>(pod: &'a Value, lists: &[List], wanted: &str) -> Option<&'a Value> {
    lists.iter().find_map(|list| find(containers(pod, *list), wanted))
}

/// [`find_in`], to change it.
pub fn find_in_mut<'a>(pod: &'a mut Value, lists: &[List], wanted: &str) -> Option<&'a mut Value> {
    let (list, at) =
        lists.iter().find_map(|list| Some((*list, containers(pod, *list).iter().position(|c| name(c) == wanted)?)))?;
    containers_mut(pod, list).get_mut(at)
}

/// Appends `{name, value}` to a container's environment.
pub fn push_env(container: &mut Value, name: &str, value: impl Into<Str>) {
    let variable = [("name", Value::from(name)), ("value", Value::String(value.into()))];
    let env = container.entry("env");
    if !matches!(env, Value::Array(_)) {
        *env = Value::Array(Vec::new());
    }
    if let Value::Array(env) = env {
        env.push(Value::Object(variable.into_iter().collect()));
    }
}

/// [`push_env`] as Go prints it: an empty value is left out.
pub fn push_env_sparse(container: &mut Value, name: &str, value: &str) {
    push_env(container, name, value);
    if value.is_empty()
        && let Some(Value::Object(variable)) = container.entry("env").as_array_mut().and_then(|env| env.last_mut())
    {
        variable.remove("value");
    }
}

/// A member as Go finds it: the last one of the name, in any case.
pub(super) fn member<'a>(object: &'a Value, key: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    let Value::Object(members) = object else { return &NULL };
    let found = members.iter().filter(|(k, _)| k.eq_ignore_ascii_case(key)).last();
    found.map_or(&NULL, |(_, value)| value)
}
