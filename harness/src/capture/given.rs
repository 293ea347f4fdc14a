use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::injector::config::ConfigTexts;
use conjector::injector::release::Release;
use conjector::scenario::Injected;

use crate::case::config_keys;
use crate::snapshot::Snapshot;

/// The revision that `given.config` is for where nothing else is said.
const DEFAULT: &str = "default";

/// What is to become a case.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The cluster.
    pub snapshot: &'a Snapshot,
    /// The manifest, or the object of a recorded request.
    pub object: &'a Value,
    /// Its namespace.
    pub namespace: &'a str,
    /// What else the request says, as `given.request` writes it; null for a plain creation.
    pub request: Value,
}

/// An install that stands for the injector of a revision.
fn install((revision, injected): (&String, &Injected)) -> Value {
    Value::Object([("revision", revision.as_str()), ("release", injected.release.name)].into_iter().collect())
}

/// The whole situation as the `given` of a case: webhooks, configurations, namespace, nodes, object.
pub fn given(situation: &Situation<'_>) -> Value {
    let Situation { snapshot, object, namespace, request } = situation;
    let mut given = Object::new();
    given.insert("release", snapshot.release().name);
    given.insert("webhooks", Value::Array(snapshot.configurations.clone()));
    let mut configs = Object::new();
    for (revision, injected) in snapshot.injectors() {
        configs.insert(revision.as_str(), config(injected.config.texts(), injected.release));
    }
    let main = snapshot.release();
    // `config` is that of the install, which is `default` unless it says another revision.
    let first = configs.keys().find(|k| k.as_str() == DEFAULT).or_else(|| configs.keys().next()).cloned();
    if snapshot.injectors().values().any(|injected| injected.release != main) {
        given.insert("installs", Value::Array(snapshot.injectors().iter().map(install).collect()));
    } else if let Some(first) = first {
        if first.as_str() != DEFAULT {
            given.insert("revision", first.as_str());
        }
        let config = configs.remove(&first).unwrap_or_default();
        given.insert("config", config);
    }
    if !configs.is_empty() {
        given.insert("configs", configs);
    }
    let nodes = snapshot.nodes().iter().map(|node| {
        let members = [("name", node.name.as_str()), ("kubeletVersion", node.kubelet_version.as_str())];
        Value::Object(members.into_iter().collect())
    });
    let nodes: Vec<Value> = nodes.collect();
    if !nodes.is_empty() {
        given.insert("cluster", [("nodes", Value::Array(nodes))].into_iter().collect::<Object>());
    }
    let known = snapshot.namespace(namespace).cloned().unwrap_or_else(Value::object);
    let mut meta: Object = [("name", Value::from(*namespace))].into_iter().collect();
    if let Some(labels) = known["metadata"].get("labels") {
        meta.insert("labels", labels.clone());
    }
    given.insert("namespace", [("metadata", meta)].into_iter().collect::<Object>());
    let mut object = (*object).clone();
    if let Value::Object(members) = &mut object {
        members.remove("status");
    }
    *object.entry("metadata").entry("namespace") = (*namespace).into();
    given.insert("object", object);
    if !request.is_null() {
        given.insert("request", request.clone());
    }
    Value::Object(given)
}

/// The texts of an injector's ConfigMaps as `given.config` writes them, without the templates that the release ignores.
fn config(texts: &ConfigTexts, release: &Release) -> Value {
    let ignored: &[&str] =
        if release.names_templates() { &["template"] } else { &["templates", "defaultTemplates", "aliases"] };
    let tree = |text: &str| yaml::to_json(text).unwrap_or_default();
    let mut config = Object::new();
    config.insert("builtin", false);
    for (key, value) in tree(&texts.config).as_object().into_iter().flat_map(Object::iter) {
        let known = config_keys().any(|known| known == key.as_str());
        if known && !ignored.contains(&key.as_str()) && !value.is_null() {
            config.insert(key.clone(), value.clone());
        }
    }
    for (key, text) in [("values", &texts.values), ("mesh", &texts.mesh)] {
        let value = tree(text);
        if !value.is_null() {
            config.insert(key, value);
        }
    }
    Value::Object(config)
}
