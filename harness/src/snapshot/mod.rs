//! A cluster as `kubectl get mutatingwebhookconfigurations,configmaps,namespaces,nodes -A -o yaml` prints it.

mod conclude;
mod detect;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use conjector::admission::{self, Webhook};
use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::k8s::{Cluster, Node, workload};
use conjector::scenario::{Injected, Request, Scenario};

use crate::case::context_of;

/// The ConfigMap with policy, templates and values, and the one with the mesh config; a revision follows after a dash.
const INJECTOR_MAP: &str = "istio-sidecar-injector";
const MESH_MAP: &str = "istio";

/// A cluster with its injectors.
#[derive(Clone, Debug)]
pub struct Snapshot {
    release: &'static Release,
    webhooks: Arc<Vec<Webhook>>,
    /// The MutatingWebhookConfigurations, with their defaults.
    pub configurations: Vec<Value>,
    injectors: BTreeMap<String, Injected>,
    cluster: Arc<Cluster>,
    env: Arc<BTreeMap<String, String>>,
    /// The pods and workloads in it that no other workload made.
    pub workloads: Vec<Value>,
    /// What a user should know about how the dump was read.
    pub notes: Vec<String>,
}

/// Reads a dump: a file, a folder of files, or `-` for standard input. The release is the given one, else the one that the
/// traits of each revision in the dump tell.
///
/// Errors: files and documents that cannot be read, configurations that the injector would refuse.
pub fn read(path: &Path, release: Option<&'static Release>) -> Result<Snapshot, String> {
    let mut objects = Vec::new();
    for (name, text) in texts(path)? {
        let documents = yaml::documents(&text).map_err(|e| match e.place() {
            Some((line, column)) => format!("{name}:{line}:{column}: {e}"),
            None => format!("{name}: {e}"),
        })?;
        for document in documents {
            collect(document.to_json(false).map_err(|e| format!("{name}: {e}"))?, &mut objects);
        }
    }
    Snapshot::of(&objects, release)
}

/// The texts of a file, of all files of a folder, or of standard input.
pub fn texts(path: &Path) -> Result<Vec<(String, String)>, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    if path == Path::new("-") {
        return std::io::read_to_string(std::io::stdin()).map(|text| vec![("-".to_owned(), text)]).map_err(failed);
    }
    if !path.is_dir() {
        return std::fs::read_to_string(path).map(|text| vec![(path.display().to_string(), text)]).map_err(failed);
    }
    let mut files: Vec<_> = std::fs::read_dir(path).map_err(failed)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.sort();
    let yaml = files.into_iter().filter(|f| f.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json"));
    yaml.map(|file| {
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        Ok((file.display().to_string(), text))
    })
    .collect()
}

/// The objects of a document; lists are taken apart.
pub fn collect(value: Value, objects: &mut Vec<Value>) {
    match value {
        Value::Object(mut members)
            if members.get("kind").and_then(Value::as_str).is_some_and(|k| k.ends_with("List")) =>
        {
            // The items of a typed list carry no kind of their own.
            let kind = members
                .get("kind")
                .and_then(Value::as_str)
                .map(|k| k.trim_end_matches("List").to_owned())
                .unwrap_or_default();
            for mut item in members.remove("items").map(|i| i.items().to_vec()).unwrap_or_default() {
                if item["kind"].is_null() && !kind.is_empty() {
                    *item.entry("kind") = kind.as_str().into();
                }
                collect(item, objects);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, objects)),
        Value::Null => {}
        other => objects.push(other),
    }
}

impl Snapshot {
    /// The built-in cluster: a default install on built-in configuration.
    pub fn builtin(release: Option<&'static Release>) -> Result<Snapshot, String> {
        let release = release.unwrap_or_else(Release::latest);
        let install = Install::default();
        let config = InjectorConfig::parse(preset::config(&install, release), release).map_err(|e| e.to_string())?;
        let configurations = preset::webhooks(&install, release).map_err(|e| e.to_string())?;
        Ok(Snapshot {
            release,
            webhooks: Arc::new(admission::webhooks(&configurations)),
            configurations,
            injectors: BTreeMap::from([("default".to_owned(), Injected { release, config: Arc::new(config) })]),
            cluster: Arc::default(),
            env: Arc::default(),
            workloads: Vec::new(),
            notes: vec!["no snapshot is given: this is a default install with conjector's own configuration".into()],
        })
    }

    fn of(objects: &[Value], release: Option<&'static Release>) -> Result<Snapshot, String> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let mut notes = Vec::new();
        let mut configurations = Vec::new();
        let mut workloads = Vec::new();
        let mut cluster = Cluster::default();
        let mut maps: Vec<(&str, &Value)> = Vec::new();
        for object in objects {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            match object["kind"].as_str().unwrap_or_default() {
                "MutatingWebhookConfiguration" => {
                    let mut configuration = object.clone();
                    admission::defaults(&mut configuration);
                    configurations.push(configuration);
                }
                "Namespace" => _ = cluster.namespaces.insert(name.to_owned(), object.clone()),
                "Node" => cluster.nodes.push(Node {
                    name: name.to_owned(),
                    kubelet_version: text(&object["status"]["nodeInfo"]["kubeletVersion"]),
                }),
                "ConfigMap" => maps.push((name, &object["data"])),
                "Pod" if is_free(object) => workloads.push(object.clone()),
                _ if workload::template_path(object).is_some() && is_free(object) => workloads.push(object.clone()),
                _ => {}
            }
        }
        let mesh_of = |revision: &str| {
            let name = if revision == "default" { MESH_MAP.to_owned() } else { format!("{MESH_MAP}-{revision}") };
            maps.iter().find(|(n, data)| *n == name && !data["mesh"].is_null()).map(|(_, data)| text(&data["mesh"]))
        };
        let mut texts = BTreeMap::new();
        for (name, data) in &maps {
            let Some(revision) = revision_of(name, INJECTOR_MAP).filter(|_| !data["config"].is_null()) else {
                continue;
            };
            let mesh = mesh_of(&revision).or_else(|| mesh_of("default")).unwrap_or_default();
            texts.insert(revision, ConfigTexts { config: text(&data["config"]), values: text(&data["values"]), mesh });
        }
        if texts.is_empty() {
            notes.push(format!("the snapshot has no ConfigMap {INJECTOR_MAP}: no injector answers"));
        }
        let releases = conclude::releases(objects, texts.keys(), release, &mut notes);
        let mut injectors = BTreeMap::new();
        for (revision, texts) in texts {
            let release = releases.of(&revision);
            let config = InjectorConfig::parse(texts, release).map_err(|e| format!("revision {revision}: {e}"))?;
            injectors.insert(revision, Injected { release, config: Arc::new(config) });
        }
        Ok(Snapshot {
            release: releases.main,
            webhooks: Arc::new(admission::webhooks(&configurations)),
            configurations,
            injectors,
            cluster: Arc::new(cluster),
            env: Arc::default(),
            workloads,
            notes,
        })
    }

    /// The release of the default revision, else of the first one.
    pub fn release(&self) -> &'static Release {
        self.release
    }

    /// The injectors by revision.
    pub fn injectors(&self) -> &BTreeMap<String, Injected> {
        &self.injectors
    }

    /// The nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.cluster.nodes
    }

    /// Adds the namespaces among some manifests, as if they had been applied.
    pub fn add_namespaces(&mut self, objects: &[Value]) {
        for object in objects.iter().filter(|o| o["kind"].as_str() == Some("Namespace")) {
            if let Some(name) = object["metadata"]["name"].as_str() {
                let mut namespace = object.clone();
                // The API server sets this label.
                *namespace.entry("metadata").entry("labels").entry("kubernetes.io/metadata.name") = name.into();
                Arc::make_mut(&mut self.cluster).namespaces.insert(name.to_owned(), namespace);
            }
        }
    }

    /// The namespace as the snapshot has it.
    pub fn namespace(&self, name: &str) -> Option<&Value> {
        self.cluster.namespaces.get(name)
    }

    /// The situation in which a request arrives. A namespace that the snapshot lacks is taken to have no labels.
    pub fn scenario(&self, id: &str, request: Request) -> Scenario {
        let mut cluster = self.cluster.clone();
        if !request.namespace.is_empty() && !cluster.namespaces.contains_key(&request.namespace) {
            let name = request.namespace.clone();
            let labels: Object = [("kubernetes.io/metadata.name", name.as_str())].into_iter().collect();
            let meta: Object = [("name", Value::from(name.as_str())), ("labels", labels.into())].into_iter().collect();
            let namespace: Object = [("metadata", meta)].into_iter().collect();
            Arc::make_mut(&mut cluster).namespaces.insert(name, namespace.into());
        }
        Scenario {
            id: id.to_owned(),
            release: self.release,
            webhooks: self.webhooks.clone(),
            injectors: self.injectors.clone(),
            cluster,
            env: self.env.clone(),
            pipeline: Vec::new(),
            faults: Vec::new(),
            api_server: false,
            request,
        }
    }

    /// The fingerprints of what its injectors run on, as `case::context_of` makes them: one for all together, and one
    /// for each alone.
    pub fn contexts(&self) -> Vec<String> {
        let whole = self.scenario("", Request::create_pod("", Value::Null));
        let alone = self.injectors.iter().map(|(revision, injected)| {
            let injectors = BTreeMap::from([(revision.clone(), injected.clone())]);
            context_of(&Scenario { injectors, ..whole.clone() })
        });
        let mut contexts: Vec<String> = alone.collect();
        contexts.push(context_of(&whole));
        contexts.sort();
        contexts.dedup();
        contexts
    }
}

/// True for objects that no controller made.
fn is_free(object: &Value) -> bool {
    object["metadata"]["ownerReferences"].items().is_empty()
}

/// The revision in the name of a ConfigMap.
fn revision_of(name: &str, base: &str) -> Option<String> {
    match name.strip_prefix(base)? {
        "" => Some("default".to_owned()),
        rest => rest.strip_prefix('-').map(str::to_owned),
    }
}
