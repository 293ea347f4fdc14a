//! Corpus istio-e2e: requests to a real API server with the real injector behind it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use conjector::admission::{Answer, Exchange, Failure, Http, Sent};
use conjector::go::json::{self, Object, Value};
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::release::Release;
use conjector::injector::webhook::{self, Process};
use conjector::k8s::{Cluster, Node};
use conjector::trace::Trace;

use super::e2e::{self, Network};

const RELEASE: &str = "1.30.3";
/// The Services of injectors, which all scenarios have.
const SERVICES: [&str; 3] = ["istiod", "istiod-canary", "istiod-stable"];

static BEFORE: LazyLock<Value> = LazyLock::new(|| {
    let mut objects = e2e::cluster_objects("istio-e2e").items().to_vec();
    objects.extend(SERVICES.iter().map(|name| {
        let text = format!(
            r#"{{"kind": "Service", "metadata": {{"name": "{name}", "namespace": "istio-system"}},
            "spec": {{"ports": [{{"port": 443}}]}}}}"#
        );
        json::parse(text).unwrap_or_default()
    }));
    Value::Array(objects)
});

/// Configurations that were read, by folder.
static CONFIGS: LazyLock<Mutex<HashMap<String, Arc<InjectorConfig>>>> = LazyLock::new(Mutex::default);

pub fn answer(_: &str, input: &Value) -> Value {
    run(input)
        .unwrap_or_else(|error| Value::Object([("kind", "internal"), ("error", error.as_str())].into_iter().collect()))
}

fn run(input: &Value) -> Result<Value, String> {
    let release = Release::find(RELEASE).map_err(|e| e.to_string())?;
    let mut injectors = BTreeMap::new();
    for (name, given) in input["injectors"].as_object().into_iter().flat_map(Object::iter) {
        injectors.insert(name.to_string(), Injector::read(given, release)?);
    }
    let mut server = e2e::server(&BEFORE, input)?;
    let mut network = Network {
        cluster: server.cluster.clone(),
        to_endpoints: false,
        scripts: &input["webhooks"],
        arrived: Vec::new(),
        called: Vec::new(),
    };
    let asked = e2e::asked(&input["request"]);
    let mut send = |sent: &Sent<'_>, _: &mut Trace| -> Exchange {
        network.called.push(sent.webhook.subject());
        let host = match network.connect(sent) {
            Ok(host) => host,
            Err(failure) => return Answer::Failed(failure).into(),
        };
        if host == "webhook.test" {
            return network.scripted(sent);
        }
        match injectors.get(host.split('.').next().unwrap_or_default()) {
            Some(injector) => injector.answer(sent, release).into(),
            None => Answer::Failed(Failure::Refused("<address>".into())).into(),
        }
    };
    let answered = server.handle(&asked, &mut send, &mut Trace::off())?;
    let mut answer = e2e::expected(&answered, &[]);
    answer.insert("called", network.called.iter().map(|w| Value::from(w.as_str())).collect::<Vec<_>>());
    Ok(Value::Object(answer))
}

struct Injector {
    config: Arc<InjectorConfig>,
    revision: String,
    env: BTreeMap<String, String>,
    cluster: Cluster,
    stopped: bool,
}

impl Injector {
    fn read(given: &Value, release: &'static Release) -> Result<Injector, String> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let env = given["env"].as_object().into_iter().flat_map(Object::iter);
        let known = &given["cluster"];
        let namespace =
            |item: &Value| (text(&item["name"]), Value::Object([("metadata", item.clone())].into_iter().collect()));
        let node = |item: &Value| Node { name: text(&item["name"]), kubelet_version: text(&item["kubeletVersion"]) };
        Ok(Injector {
            config: config(&text(&given["config"]), release)?,
            revision: text(&given["revision"]),
            env: env.map(|(k, v)| (k.to_string(), text(v))).collect(),
            cluster: Cluster {
                namespaces: known["namespaces"].items().iter().map(namespace).collect(),
                nodes: known["nodes"].items().iter().map(node).collect(),
                platform: text(&known["platform"]),
                id: text(&known["id"]),
                ..Cluster::default()
            },
            stopped: given["stopped"].as_bool() == Some(true),
        })
    }

    fn answer(&self, sent: &Sent<'_>, release: &'static Release) -> Answer {
        if self.stopped {
            return Answer::Failed(Failure::Refused("<address>".into()));
        }
        let process =
            Process { release, config: &self.config, revision: &self.revision, cluster: &self.cluster, env: &self.env };
        match webhook::answer_review(&process, sent.path, sent.review, &mut Trace::off()) {
            webhook::Answer::Review(review) => Answer::Review(review),
            webhook::Answer::Http { status, body } => {
                Answer::Http(Http::new(status, "text/plain; charset=utf-8", body))
            }
            webhook::Answer::Crash(_) => Answer::Failed(Failure::Closed),
        }
    }
}

fn config(folder: &str, release: &'static Release) -> Result<Arc<InjectorConfig>, String> {
    let mut configs = CONFIGS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(config) = configs.get(folder) {
        return Ok(config.clone());
    }
    let path = e2e::corpora().join("injector").join(RELEASE).join("configs").join(folder);
    let read = |name: &str| std::fs::read_to_string(path.join(name)).map_err(|e| format!("{folder}/{name}: {e}"));
    let texts = ConfigTexts { config: read("config.yaml")?, values: read("values.json")?, mesh: read("mesh.yaml")? };
    let config = Arc::new(InjectorConfig::parse(texts, release).map_err(|e| e.to_string())?);
    configs.insert(folder.to_owned(), config.clone());
    Ok(config)
}
