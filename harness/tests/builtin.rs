//! The built-in configurations against recordings of real injectors in default installs: the same pods have to come out.
//! Held at the best score reached so far (`builtin.json`, which only rises); see `tests/corpus/` of the library for
//! where the recordings are.
//!
//! What stays different names templates that are not built in, or quotes a template's lines in an error.

mod floors;

use std::path::Path;
use std::process::ExitCode;

use conjector::go::json::{self, Value};
use conjector::go::yaml;
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::injector::webhook::{self, Process};
use conjector::trace::Trace;
use conjector_harness::replay::{self, Record, Recording};
use floors::Score;

fn main() -> ExitCode {
    floors::main("builtin.json", include_str!("builtin.json"), score)
}

/// The folder of the default install below `configs/`: the list says which one it is.
fn default_install(folder: &Path) -> Result<String, String> {
    let list = std::fs::read_to_string(folder.join("configs/index.tsv")).map_err(|e| e.to_string())?;
    let named = |line: &&str| line.contains("extra:x-default");
    let name = list.lines().find(named).and_then(|line| line.split('\t').next());
    Ok(name.unwrap_or("default").to_owned())
}

/// Registry and tag of the recorded install: those of its values, or of the image that the charts wrote down.
fn images(install: &Path) -> Result<(Value, Value), String> {
    if let Ok(text) = std::fs::read_to_string(install.join("values.json")) {
        let values = yaml::to_json(&text).map_err(|e| e.to_string())?;
        return Ok((values["global"]["hub"].clone(), values["global"]["tag"].clone()));
    }
    let text = std::fs::read_to_string(install.join("config.yaml")).map_err(|e| e.to_string())?;
    let (before, after) = text.split_once("/proxy_init:").ok_or("no image")?;
    let end = |c: char| c.is_whitespace() || c == '"';
    let hub = before.rsplit(end).next().unwrap_or_default();
    Ok((hub.into(), after.split(end).next().unwrap_or_default().into()))
}

/// The built-in configuration with the images of the recorded install.
fn config(release: &Release, install: &Path) -> Result<InjectorConfig, String> {
    let mut values = yaml::to_json(&preset::values(&Install::default(), release)).map_err(|e| e.to_string())?;
    let (hub, tag) = images(install)?;
    *values.entry("global").entry("hub") = hub;
    *values.entry("global").entry("tag") = tag;
    let values = values.to_string();
    let config = preset::config_tree(release, &values)?.to_string();
    let values = if preset::keeps_values(release) { values } else { String::new() };
    let texts = ConfigTexts { config, values, mesh: preset::mesh(&Install::default(), release) };
    InjectorConfig::parse(texts, release).map_err(|e| e.to_string())
}

/// The object of an answer: without a patch it is that of the request, refused it is null. The status of the releases
/// before 1.9 holds a hash of the template's text, which is our own: it is left out.
fn admitted(record: &Record, response: &Value, patched: &Value) -> Value {
    let mut object = match (response["allowed"].as_bool(), patched.is_null()) {
        (Some(true), true) if !record.patch_fails => record.object.clone(),
        _ => patched.clone(),
    };
    const STATUS: &str = "sidecar.istio.io/status";
    let status = object["metadata"]["annotations"][STATUS].as_str().and_then(|text| json::parse(text).ok());
    if let Some(Value::Object(mut status)) = status {
        status.remove("version");
        *object.entry("metadata").entry("annotations").entry(STATUS) = Value::Object(status);
    }
    object
}

/// How many pods come out as recorded.
fn score(folder: &Path) -> Result<Score, String> {
    let default = default_install(folder)?;
    let mut built_in = None;
    let mut score = Score::default();
    for name in ["cases.jsonl", "generated.jsonl", "generated-legacy.jsonl"] {
        let file = folder.join(name);
        if !file.exists() {
            continue;
        }
        let recording = Recording::open(&file, None, None).map_err(|e| e.to_string())?;
        let config = match &built_in {
            Some(config) => config,
            None => built_in.insert(config(recording.release(), &folder.join("configs").join(&default))?),
        };
        let plain = |r: &&Record| r.config == default && !r.is_crash() && !r.random_env && !r.name.ends_with("+again");
        for record in recording.records.iter().filter(plain) {
            let (revision, cluster, env) = (&record.revision, &record.cluster, &record.env);
            let process = Process { release: recording.release(), config, revision, cluster, env };
            let answer = webhook::answer(&process, &record.path, &record.content_type, &record.body, &mut Trace::off());
            let (response, patched) = replay::describe(record, &answer);
            let same = response["allowed"] == record.response["allowed"]
                && admitted(record, &response, &patched) == admitted(record, &record.response, &record.patched);
            score.all += 1;
            score.equal += usize::from(same);
            if !same && score.first.is_none() {
                score.first = Some(record.name.clone());
            }
        }
    }
    Ok(score)
}
