use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::injector::config::InjectorConfig;
use conjector::injector::manual;

use super::compare::{normalised, sort_env};
use super::{Record, Recording, ReplayError};

/// What kube-inject made of an input: of output and error, one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManualAnswer {
    /// The manifests.
    pub output: Option<String>,
    /// The error.
    pub error: Option<String>,
    /// What the tool says about objects that it passes over.
    pub warnings: Vec<String>,
}

impl ManualAnswer {
    /// The answer as a line holds it.
    pub fn to_json(&self) -> Object {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        let warnings = self.warnings.iter().map(|w| Value::from(w.as_str())).collect();
        let members =
            [("output", text(&self.output)), ("error", text(&self.error)), ("warnings", Value::Array(warnings))];
        members.into_iter().collect()
    }

    /// The answer that a line records.
    pub fn of(value: &Value) -> ManualAnswer {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        ManualAnswer {
            output: text(&value["output"]),
            error: text(&value["error"]),
            warnings: value["warnings"].items().iter().filter_map(text).collect(),
        }
    }

    /// True when two answers say the same: outputs byte for byte, or, where the order of environment variables is random,
    /// as parsed documents; errors but for the order of what Go gives in random order.
    pub fn agrees(&self, other: &ManualAnswer, random_env: bool) -> bool {
        let document = |text: &str| {
            let mut tree = yaml::to_json(text).unwrap_or_else(|_| text.into());
            sort_env(&mut tree);
            tree
        };
        let documents = |output: &Option<String>| {
            output.as_deref().map(|text| text.split("---\n").map(document).collect::<Vec<_>>())
        };
        self.warnings == other.warnings
            && self.error.as_deref().map(normalised) == other.error.as_deref().map(normalised)
            && (self.output == other.output || random_env && documents(&self.output) == documents(&other.output))
    }
}

/// Injects the input of a record as kube-inject does.
///
/// Errors: configurations that cannot be read.
pub fn inject_manually(recording: &Recording, record: &Record) -> Result<ManualAnswer, ReplayError> {
    let config = recording.config_by(record, InjectorConfig::parse_for_kube_inject)?;
    let mut warnings = Vec::new();
    let (output, error) = match manual::inject(&recording.process(record, &config), &record.input, &mut warnings) {
        Ok(output) => (Some(output), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Ok(ManualAnswer { output, error, warnings })
}
