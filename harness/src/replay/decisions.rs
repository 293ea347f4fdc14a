use std::collections::HashMap;
use std::path::Path;

use conjector::go::json::{self, Object, Value};
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::decision::{self, INJECT};
use conjector::injector::release::Release;
use conjector::trace::Trace;

use super::ReplayError;

/// One recorded decision and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionLine {
    /// The line in the file, from 1.
    pub line: usize,
    /// Whether the pod is injected, by our reckoning.
    pub required: bool,
    /// Whether it was recorded as injected; `None` where the line does not say.
    pub recorded: Option<bool>,
}

/// Decides again every line of a file: `{"inputs": {policy, annotation, neverInjectSelector, alwaysInjectSelector,
/// hostNetwork, namespace, labels}, "required": …}`. Without a release, that of the folder's name is meant, else the
/// newest.
///
/// Errors: files and lines that cannot be read, inputs that are no configuration.
pub fn decisions(file: &Path, release: Option<&'static Release>) -> Result<Vec<DecisionLine>, ReplayError> {
    let error = |line, message: String| ReplayError { file: file.to_owned(), line, message };
    let text = std::fs::read_to_string(file).map_err(|e| error(0, e.to_string()))?;
    let release = release.unwrap_or_else(|| super::release_of_folder(file).unwrap_or_else(Release::latest));
    let mut configs: HashMap<String, InjectorConfig> = HashMap::new();
    let mut lines = Vec::new();
    for (i, text) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value = json::parse(text).map_err(|e| error(i + 1, e.to_string()))?;
        let inputs = &value["inputs"];
        let config = config_text(inputs);
        if !configs.contains_key(&config) {
            let texts = ConfigTexts { config: config.clone(), values: "{}".into(), mesh: String::new() };
            let parsed = InjectorConfig::parse(texts, release).map_err(|e| error(i + 1, e.to_string()))?;
            configs.insert(config.clone(), parsed);
        }
        let required = decision::decide(release, &configs[&config], &pod(inputs), &mut Trace::off()).inject;
        lines.push(DecisionLine { line: i + 1, required, recorded: value["required"].as_bool() });
    }
    Ok(lines)
}

/// The members of an injector's configuration among the inputs; JSON is YAML too.
fn config_text(inputs: &Value) -> String {
    let keys = ["policy", "neverInjectSelector", "alwaysInjectSelector"];
    let given = keys.iter().filter(|key| !inputs[**key].is_null());
    let members: Object = given.map(|key| (*key, inputs[*key].clone())).collect();
    Value::Object(members).to_string()
}

fn pod(inputs: &Value) -> Value {
    let mut meta = Object::new();
    for key in ["namespace", "labels"] {
        if !inputs[key].is_null() {
            meta.insert(key, inputs[key].clone());
        }
    }
    if !inputs["annotation"].is_null() {
        let annotations: Object = [(INJECT, inputs["annotation"].clone())].into_iter().collect();
        meta.insert("annotations", annotations);
    }
    let spec: Object = [("hostNetwork", inputs["hostNetwork"].clone())].into_iter().collect();
    let pod = [("metadata", Value::Object(meta)), ("spec", Value::Object(spec))];
    Value::Object(pod.into_iter().collect())
}
