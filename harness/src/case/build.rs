//! From the merged `given` of a case to the scenario that runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use conjector::admission;
use conjector::go::base64;
use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::k8s::{Cluster, Node, decode, schema, workload};
use conjector::scenario::{GroupVersion, Injected, Request, Scenario};

use super::error::{Problem, near_miss};
use super::merge::merge;
use super::{Files, network, sweep};

/// A scenario with the fingerprint of what its injectors run on.
pub(super) struct Built {
    pub(super) scenario: Scenario,
    pub(super) context: String,
}

/// Builds scenarios; configurations and webhook sets that are the same are read once.
pub(super) struct Builder<'a> {
    files: &'a Files,
    configs: Mutex<HashMap<(&'static str, ConfigTexts), Arc<InjectorConfig>>>,
}

/// Builds a single scenario from a `given` tree, without files beside it.
///
/// Errors: what cannot be used, in words.
pub fn given_to_scenario(id: &str, given: &Value) -> Result<Scenario, String> {
    let files = Files::default();
    Builder::new(&files).build(id, given).map(|built| built.scenario).map_err(|problem| problem.to_string())
}

impl<'a> Builder<'a> {
    pub(super) fn new(files: &'a Files) -> Builder<'a> {
        Builder { files, configs: Mutex::default() }
    }

    pub(super) fn build(&self, id: &str, given: &Value) -> Result<Built, Problem> {
        let release = sweep::one(&given["release"], Release::latest(), &["given", "release"])?;
        let text = |v: &Value| {
            v.as_str().map_or_else(|| if v.is_null() { String::new() } else { v.to_string() }, str::to_owned)
        };
        // One install may be written without the list.
        let mut installs: Vec<(Install, &'static Release)> = Vec::new();
        match &given["installs"] {
            Value::Array(all) => {
                for (i, own) in all.iter().enumerate() {
                    let place = i.to_string();
                    let place = ["given", "installs", &place, "release"];
                    installs.push((install(own), sweep::one(&own["release"], release, &place)?));
                }
            }
            _ => installs.push((install(given), release)),
        }
        let mut webhooks = match &given["webhooks"] {
            Value::Array(webhooks) => webhooks.clone(),
            _ => {
                let sets = installs.iter().map(|(install, release)| preset::webhooks(install, release));
                let sets: Result<Vec<_>, _> = sets.collect();
                sets.map_err(|e| Problem::at(&["given", "installs"], e))?.into_iter().flatten().collect()
            }
        };
        let mut injectors = BTreeMap::new();
        let own = |revision: &str| given["configs"].get(revision).filter(|config| !config.is_null());
        for (install, release) in installs.iter().filter(|(install, _)| own(&install.revision).is_none()) {
            let config = self.config(&given["config"], &["given", "config"], install, release)?;
            injectors.insert(install.revision.clone(), Injected { release, config });
        }
        for (name, config) in given["configs"].as_object().into_iter().flat_map(Object::iter) {
            let other = (Install { revision: name.to_string(), ..Install::default() }, release);
            let installed = installs.iter().find(|(install, _)| install.revision == name.as_str());
            let (install, release) = installed.unwrap_or(&other);
            let config = self.config(config, &["given", "configs", name.as_str()], install, release)?;
            injectors.insert(name.to_string(), Injected { release, config });
        }
        let env: BTreeMap<String, String> = given["env"]
            .as_object()
            .into_iter()
            .flat_map(Object::iter)
            .map(|(k, v)| (k.to_string(), text(v)))
            .collect();

        let namespace = namespace(&given["namespace"]);
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let cluster = cluster(&given["cluster"], namespace);
        let request = self.request(given, &name)?;
        let api_server = api_server(given, &request)?;
        let pipeline = network::pipeline(&given["pipeline"], &mut webhooks)?;
        webhooks.iter_mut().for_each(admission::defaults);
        let webhooks = admission::webhooks(&webhooks);
        let faults = network::faults(&given["faults"], &webhooks)?;
        let context = fingerprint(&injectors, &env, &cluster);
        let scenario = Scenario {
            id: id.to_owned(),
            release,
            webhooks: Arc::new(webhooks),
            injectors,
            cluster: Arc::new(cluster),
            env: Arc::new(env),
            pipeline,
            faults,
            api_server,
            request,
        };
        Ok(Built { scenario, context })
    }

    /// A text, or the text of a file of the suite.
    fn text_or_file(&self, value: &Value, place: &[&str]) -> Result<String, Problem> {
        match value {
            Value::String(text) => Ok(text.to_string()),
            Value::Object(members) => match members.get("file") {
                Some(Value::String(path)) => self.file(path, place).map(str::to_owned),
                Some(other) => Err(Problem::at(place, format_args!("file: {other} is no text; put it in quotes"))),
                None => Err(Problem::at(place, "it must be a text or name a file")),
            },
            other => Ok(other.to_string()),
        }
    }

    fn file(&self, path: &str, place: &[&str]) -> Result<&'a str, Problem> {
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(Problem::at(place, format_args!("the file {path:?} is outside the suite")));
        }
        match self.files.get(&format!("cases/{path}")) {
            Some(text) => text.map_err(|e| Problem::at(place, format_args!("cases/{path}: {e}"))),
            None => {
                let hint = near_miss(path, self.files.below("cases/").map(|p| &p["cases/".len()..]));
                Err(Problem::at(place, format_args!("there is no file cases/{path}")).hint(hint))
            }
        }
    }

    fn config(
        &self,
        given: &Value,
        place: &[&str],
        install: &Install,
        release: &'static Release,
    ) -> Result<Arc<InjectorConfig>, Problem> {
        let builtin = given["builtin"].as_bool() != Some(false);
        let own = |text: &str| if builtin { yaml::to_json(text).unwrap_or_default() } else { Value::Null };
        let mut over = Object::new();
        for (key, value) in given.as_object().into_iter().flat_map(Object::iter) {
            if builtin {
                fits(key, release, place)?;
            }
            match key.as_str() {
                "builtin" | "mesh" | "values" => {}
                "template" => _ = over.insert("template", self.text_or_file(value, &[place, &["template"]].concat())?),
                "templates" => {
                    let mut templates = Object::new();
                    for (name, template) in value.as_object().into_iter().flat_map(Object::iter) {
                        let text = self.text_or_file(template, &[place, &["templates", name.as_str()]].concat())?;
                        templates.insert(name.clone(), text);
                    }
                    over.insert("templates", templates);
                }
                _ => _ = over.insert(key.clone(), value.clone()),
            }
        }
        // A text replaces the built-in one, a mapping lies over it.
        let laid_over = |own: Value, over: &Value| match over {
            Value::String(text) => text.to_string(),
            over => {
                let mut all = if own.is_null() { Value::object() } else { own };
                merge(&mut all, if over.is_null() { Value::object() } else { over.clone() });
                all.to_string()
            }
        };
        let mut values = laid_over(own(&preset::values(install, release)), &given["values"]);
        let mut config = Value::object();
        if builtin {
            config =
                preset::config_tree(release, &values).map_err(|e| Problem::at(&[place, &["values"]].concat(), e))?;
            if !preset::keeps_values(release) {
                values.clear();
            }
        }
        merge(&mut config, Value::Object(over));
        let mesh = match &given["mesh"] {
            Value::Null if builtin => preset::mesh(install, release),
            over => laid_over(own(&preset::mesh(install, release)), over),
        };
        let key = (release.name, ConfigTexts { config: config.to_string(), values, mesh });
        let mut configs = self.configs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(config) = configs.get(&key) {
            return Ok(config.clone());
        }
        let parsed = InjectorConfig::parse(key.1.clone(), release).map_err(|e| Problem::at(place, e))?;
        let parsed = Arc::new(parsed);
        configs.insert(key, parsed.clone());
        Ok(parsed)
    }

    fn request(&self, given: &Value, namespace: &str) -> Result<Request, Problem> {
        const PLACE: &[&str] = &["given", "object"];
        let object = match given["object"].get("file").and_then(Value::as_str) {
            Some(path) => {
                let text = self.file(path, PLACE)?;
                yaml::to_json(text).map_err(|e| Problem::at(PLACE, format_args!("cases/{path}: {e}")))?
            }
            None => given["object"].clone(),
        };
        if object.is_null() {
            return Err(Problem::at(&["given"], "object is missing"));
        }
        if object.as_object().is_none() {
            return Err(Problem::at(PLACE, format_args!("it must be a mapping, not {}", object.kind())));
        }
        let mut object = object;
        if object["kind"].is_null() {
            *object.entry("kind") = "Pod".into();
        }
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let mut request = match workload::pod(&object) {
            Some(pod) => Request::create_pod(namespace, sent_pod(pod, namespace).map_err(|e| Problem::at(PLACE, e))?),
            None => other_request(&object, &kind, namespace),
        };
        let asked = &given["request"];
        let text = |key: &str| asked[key].as_str().map(str::to_owned);
        if let Some(operation) = text("operation") {
            request.operation = operation;
        }
        if let Some(subresource) = text("subresource") {
            request.subresource = subresource;
        }
        if let Some(name) = text("name") {
            request.name = name;
        }
        if let Some(namespace) = text("namespace") {
            request.namespace = namespace;
        }
        request.dry_run = asked["dryRun"].as_bool() == Some(true);
        if !asked["userInfo"].is_null() {
            request.user_info = asked["userInfo"].clone();
        }
        if !asked["oldObject"].is_null() {
            request.old_object = asked["oldObject"].clone();
        }
        if request.operation == "DELETE" {
            if request.old_object.is_null() {
                request.old_object = request.object.take();
            }
            request.object = Value::Null;
        }
        Ok(request)
    }
}

/// One template or several with names: what lies over a built-in configuration has to be of its form. A whole
/// configuration may have both, as ConfigMaps do; the injector reads one of them.
fn fits(key: &str, release: &Release, place: &[&str]) -> Result<(), Problem> {
    let (has, hint) = match (key, release.names_templates()) {
        ("templates" | "defaultTemplates" | "aliases", false) => ("one template without a name", "template: …"),
        ("template", true) => ("templates with names", "templates: {sidecar: …}"),
        _ => return Ok(()),
    };
    let problem = Problem::at(&[place, &[key]].concat(), format_args!("the injector of {release} has {has}"));
    Err(problem.hint(Some(format!("write `{hint}`"))))
}

fn install(given: &Value) -> Install {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let optional = |key: &str| Some(&given[key]).filter(|v| !v.is_null()).map(text);
    let usual = Install::default();
    Install {
        revision: optional("revision").unwrap_or(usual.revision),
        named: given["named"].as_bool() == Some(true),
        tags: given["tags"].items().iter().map(text).collect(),
        enable_namespaces_by_default: given["enableNamespacesByDefault"].as_bool() == Some(true),
        deactivated: given["deactivated"].as_bool() == Some(true),
        namespace: optional("istioNamespace").unwrap_or(usual.namespace),
        istiod: given["istiod"].as_bool(),
        use_legacy_selectors: given["useLegacySelectors"].as_bool(),
        object_selector: given["objectSelector"]["enabled"].as_bool(),
        auto_inject: given["objectSelector"]["autoInject"].as_bool(),
        inject_label: optional("injectLabel"),
        reinvocation_policy: optional("reinvocationPolicy"),
        injection_path: optional("injectionPath"),
        injection_url: optional("injectionURL"),
    }
}

/// A pod as the API server sends it: read into its Go type, with its namespace.
fn sent_pod(mut pod: Value, namespace: &str) -> Result<Value, String> {
    if pod["apiVersion"].is_null() {
        *pod.entry("apiVersion") = "v1".into();
    }
    let given = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    if !given.is_empty() && given != namespace {
        return Err(format!("the object is in namespace {given}, but the case's namespace is {namespace}"));
    }
    *pod.entry("metadata").entry("namespace") = namespace.into();
    decode::decode(pod, &schema::POD).map_err(|e| format!("the API server would not read it: {e}"))
}

fn other_request(object: &Value, kind: &str, namespace: &str) -> Request {
    let version = object["apiVersion"].as_str().unwrap_or("v1");
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let named = |name: String| GroupVersion { group: group.to_owned(), version: version.to_owned(), name };
    let mut request = Request::create_pod(namespace, object.clone());
    request.kind = named(kind.to_owned());
    request.resource = named(format!("{}s", kind.to_lowercase()));
    if kind == "Namespace" {
        request.namespace = request.name.clone();
    }
    request
}

/// A namespace with what the API server adds to it.
fn namespace(given: &Value) -> Value {
    let mut namespace = if given.is_null() { Value::object() } else { given.clone() };
    let name = namespace["metadata"]["name"].as_str().unwrap_or("demo").to_owned();
    let meta = namespace.entry("metadata");
    *meta.entry("labels").entry("kubernetes.io/metadata.name") = name.as_str().into();
    *meta.entry("name") = name.into();
    *namespace.entry("kind") = "Namespace".into();
    *namespace.entry("apiVersion") = "v1".into();
    namespace
}

fn cluster(given: &Value, own: Value) -> Cluster {
    let text =
        |v: &Value| v.as_str().map_or_else(|| if v.is_null() { String::new() } else { v.to_string() }, str::to_owned);
    let mut namespaces = BTreeMap::new();
    for other in given["namespaces"].items().iter().map(namespace).chain([own]) {
        namespaces.insert(text(&other["metadata"]["name"]), other);
    }
    let node = |n: &Value| Node { name: text(&n["name"]), kubelet_version: text(&n["kubeletVersion"]) };
    Cluster {
        namespaces,
        objects: given["objects"].items().iter().cloned().collect(),
        nodes: given["nodes"].items().iter().map(node).collect(),
        platform: text(&given["platform"]),
        id: text(&given["id"]),
        ..Cluster::default()
    }
}

/// Whether the whole API server is asked for, and can be.
fn api_server(given: &Value, request: &Request) -> Result<bool, Problem> {
    for (i, object) in given["cluster"]["objects"].items().iter().enumerate() {
        let missing = [("kind", &object["kind"]), ("metadata.name", &object["metadata"]["name"])];
        if let Some((key, _)) = missing.into_iter().find(|(_, value)| value.as_str().is_none_or(str::is_empty)) {
            return Err(Problem::at(&["given", "cluster"], format_args!("objects[{i}] has no {key}")));
        }
    }
    if given["apiServer"].as_bool() != Some(true) {
        return Ok(false);
    }
    let problem = |message: String| Err(Problem::at(&["given", "apiServer"], message));
    if request.operation != "CREATE" || !request.subresource.is_empty() {
        return problem(format!("the whole server goes with creations, not with {}", request.operation));
    }
    if !conjector::apiserver::serves(&request.resource) {
        return problem(format!("the resource {} is not known", request.resource.name));
    }
    Ok(true)
}

/// What makes injectors answer alike: releases, configurations, environment and what they see of the cluster.
fn fingerprint(injectors: &BTreeMap<String, Injected>, env: &BTreeMap<String, String>, cluster: &Cluster) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    for (revision, injected) in injectors {
        let texts = injected.config.texts();
        for text in [revision, injected.release.name, &texts.config, &texts.values, &texts.mesh] {
            add(text);
        }
    }
    for (name, value) in env {
        add(name);
        add(value);
    }
    add(&cluster.id);
    add(&cluster.platform);
    for node in &cluster.nodes {
        add(&node.name);
        add(&node.kubelet_version);
    }
    // Only on OpenShift does an injector look at namespaces.
    if cluster.platform == "openshift" {
        for namespace in cluster.namespaces.values() {
            add(&namespace.to_string());
        }
    }
    base64::encode(&hash.finalize()[..12])
}

/// The fingerprint of a scenario's injectors, as [`super::Case::context`] holds it.
pub fn context_of(scenario: &Scenario) -> String {
    fingerprint(&scenario.injectors, &scenario.env, &scenario.cluster)
}
