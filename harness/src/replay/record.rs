use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use conjector::go::json::{self, Value};
use conjector::injector::config::{ConfigError, ConfigTexts, InjectorConfig};
use conjector::injector::release::{Engine, Release};
use conjector::injector::webhook::Process;
use conjector::k8s::{Cluster, Node, Objects};
use conjector::trace::Trace;

use super::ManualAnswer;

/// One recorded request with its answer.
#[derive(Clone, Debug)]
pub struct Record {
    /// The release that is asked.
    pub release: &'static Release,
    /// What the line is called.
    pub name: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// The folder of its configuration below `configs/`.
    pub config: String,
    /// The injector's revision.
    pub revision: String,
    /// The URL path of the POST.
    pub path: String,
    /// The content type of the POST.
    pub content_type: String,
    /// The body of the POST.
    pub body: Vec<u8>,
    /// The object of the request, or null.
    pub object: Value,
    /// The environment of the injector.
    pub env: BTreeMap<String, String>,
    /// What the injector could look up.
    pub cluster: Cluster,
    /// The recorded answer: `httpStatus`, `body`, `panic`, or the members of an AdmissionReview's `response`.
    pub response: Value,
    /// The object after the recorded patch; null without a patch or where it does not apply.
    pub patched: Value,
    /// The recorded patch does not apply to the object.
    pub patch_fails: bool,
    /// The sequence of patch operations is compared too: for the releases that write it by plan.
    pub ordered: bool,
    /// The manifests that kube-inject got, for recordings of it.
    pub input: String,
    /// What kube-inject made of them.
    pub manual: ManualAnswer,
    /// Environment variables come in random order.
    pub random_env: bool,
}

impl Record {
    /// True when the line carries a recorded answer.
    pub fn is_recorded(&self) -> bool {
        !self.response.is_null()
    }

    /// True when the answer holds a patch that applies.
    pub fn has_patched(&self) -> bool {
        !self.patched.is_null()
    }

    /// True when the answer is `allowed: false`.
    pub fn is_refusal(&self) -> bool {
        self.response["allowed"].as_bool() == Some(false)
    }

    /// True when the injector crashed.
    pub fn is_crash(&self) -> bool {
        !self.response["panic"].is_null()
    }
}

/// A recording that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.message),
            line => write!(f, "{}:{line}: {}", self.file.display(), self.message),
        }
    }
}

impl std::error::Error for ReplayError {}

/// A file of records with its configurations, which are read when they are first needed.
pub struct Recording {
    configs_folder: PathBuf,
    release: &'static Release,
    /// The records in the order of the file.
    pub records: Vec<Record>,
    configs: Mutex<HashMap<String, Arc<InjectorConfig>>>,
}

impl Recording {
    /// Reads a recording. Without a release, that of the folder's name is meant, else the newest; without a folder of
    /// configurations, `configs/` beside the file.
    ///
    /// Errors: files and lines that cannot be read.
    pub fn open(
        file: &Path,
        release: Option<&'static Release>,
        configs: Option<&Path>,
    ) -> Result<Recording, ReplayError> {
        let error = |line, message: String| ReplayError { file: file.to_owned(), line, message };
        let text = std::fs::read_to_string(file).map_err(|e| error(0, e.to_string()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut lines = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            lines.push((i + 1, json::parse(line).map_err(|e| error(i + 1, e.to_string()))?));
        }
        let mut recording = Recording {
            configs_folder: configs.map_or_else(|| folder.join("configs"), Path::to_owned),
            release: release.or_else(|| super::release_of_folder(file)).unwrap_or_else(Release::latest),
            records: Vec::with_capacity(lines.len()),
            configs: Mutex::default(),
        };
        let by_name: HashMap<&str, usize> =
            lines.iter().enumerate().filter_map(|(i, (_, v))| Some((v["name"].as_str()?, i))).collect();
        for (line, value) in &lines {
            let first = match value["againOf"].as_str() {
                None => None,
                Some(name) => {
                    let at = by_name
                        .get(name)
                        .ok_or_else(|| error(*line, format!("againOf names {name:?}, which is not there")))?;
                    Some(recording.first_of_two(&lines[*at])?)
                }
            };
            recording.records.push(record(recording.release, *line, value, first.as_ref()));
        }
        Ok(recording)
    }

    /// The line that a re-invocation starts from. Where it carries no recorded answer, the simulator's is taken.
    fn first_of_two(&self, (line, value): &(usize, Value)) -> Result<Value, ReplayError> {
        let mut first = value.clone();
        if value["response"].is_null() {
            let record = record(self.release, *line, value, None);
            let answer = super::ask_simulator(self, &record, &mut Trace::off())?;
            let (response, patched) = super::describe(&record, &answer);
            *first.entry("response") = response;
            *first.entry("patched") = patched;
        }
        Ok(first)
    }

    /// The release that is simulated.
    pub fn release(&self) -> &'static Release {
        self.release
    }

    /// The injector that a record comes from, with its configuration.
    pub(super) fn process<'a>(&self, record: &'a Record, config: &'a InjectorConfig) -> Process<'a> {
        Process {
            release: self.release,
            config,
            revision: &record.revision,
            cluster: &record.cluster,
            env: &record.env,
        }
    }

    /// The configuration of a record.
    ///
    /// Errors: files that cannot be read, or that the injector would refuse.
    pub fn config(&self, record: &Record) -> Result<Arc<InjectorConfig>, ReplayError> {
        self.config_by(record, InjectorConfig::parse)
    }

    /// The configuration of a record, read by `parse`, which is the same for all records.
    pub(super) fn config_by(
        &self,
        record: &Record,
        parse: fn(ConfigTexts, &Release) -> Result<InjectorConfig, ConfigError>,
    ) -> Result<Arc<InjectorConfig>, ReplayError> {
        let mut configs = self.configs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(config) = configs.get(&record.config) {
            return Ok(config.clone());
        }
        let folder = self.configs_folder.join(&record.config);
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(|e| ReplayError { file: path, line: 0, message: e.to_string() })
        };
        // The first releases have no values.
        let values = if folder.join("values.json").exists() { read("values.json")? } else { String::new() };
        let texts = ConfigTexts { config: read("config.yaml")?, values, mesh: read("mesh.yaml")? };
        let config =
            parse(texts, self.release).map_err(|e| ReplayError { file: folder, line: 0, message: e.to_string() })?;
        let config = Arc::new(config);
        configs.insert(record.config.clone(), config.clone());
        Ok(config)
    }
}

/// Reads a line; `first` is the line that a re-invocation starts from.
fn record(release: &'static Release, line: usize, value: &Value, first: Option<&Value>) -> Record {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let (body, object) = match (first, value["rawBody"].as_str()) {
        (None, Some(raw)) => {
            let object = json::parse(raw).map(|review| review["request"]["object"].clone()).unwrap_or_default();
            (raw.as_bytes().to_owned(), object)
        }
        (None, None) => {
            (json::to_string_unescaped(&value["request"]).into_bytes(), value["request"]["request"]["object"].clone())
        }
        (Some(first), _) => {
            let mut review = first["request"].clone();
            let request = review.entry("request");
            *request.entry("object") = first["patched"].clone();
            let recorded = if value["response"].is_null() { first } else { value };
            *request.entry("uid") = recorded["response"]["uid"].clone();
            (json::to_string_unescaped(&review).into_bytes(), first["patched"].clone())
        }
    };
    let patched = match (value["patchedSame"].as_bool(), first) {
        (Some(true), Some(first)) => first["patched"].clone(),
        _ => value["patched"].clone(),
    };
    let env = match &value["env"] {
        Value::Object(env) => {
            env.iter().map(|(k, v)| (k.to_string(), v.as_str().unwrap_or_default().to_owned())).collect()
        }
        _ => first.map(|f| record(release, line, f, None).env).unwrap_or_default(),
    };
    let content_type = match value["contentType"].as_str() {
        Some(content_type) => content_type.to_owned(),
        None => "application/json".to_owned(),
    };
    let clustered = if value["cluster"].is_null() { first.unwrap_or(value) } else { value };
    Record {
        release,
        name: text("name"),
        line,
        config: text("config"),
        revision: text("revision"),
        path: text("path"),
        content_type,
        body,
        object,
        env,
        cluster: cluster(&clustered["cluster"]),
        response: value["response"].clone(),
        patched,
        patch_fails: !value["patchError"].is_null(),
        ordered: matches!(release.switches.engine, Engine::ListPatch(_)),
        input: text("input"),
        manual: ManualAnswer::of(value),
        random_env: value["nondeterministic"].as_bool() == Some(true),
    }
}

fn cluster(value: &Value) -> Cluster {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let namespace =
        |item: &Value| (text(&item["name"]), Value::Object([("metadata", item.clone())].into_iter().collect()));
    let node = |item: &Value| Node { name: text(&item["name"]), kubelet_version: text(&item["kubeletVersion"]) };
    Cluster {
        namespaces: value["namespaces"].items().iter().map(namespace).collect(),
        objects: Objects::default(),
        nodes: value["nodes"].items().iter().map(node).collect(),
        platform: text(&value["platform"]),
        id: text(&value["id"]),
        ..Cluster::default()
    }
}
