use conjector::go::json::{Object, Value};
use conjector::go::yaml;
use conjector::injector::manual::{self, ManualError};

use super::compare::{sort_env, sorted_points};
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

    /// True when two answers say the same: outputs as parsed documents, errors but for their points' order.
    pub fn agrees(&self, other: &ManualAnswer, random_env: bool) -> bool {
        let document = |text: &str| {
            let mut tree = yaml::to_json(text).unwrap_or_else(|_| text.into());
            if random_env {
                sort_env(&mut tree);
            }
            tree
        };
        let documents = |output: &Option<String>| {
            output.as_deref().map(|text| text.split("---\n").map(document).collect::<Vec<_>>())
        };
        let error = |error: &Option<String>| error.as_deref().map(sorted_points);
        self.warnings == other.warnings
            && error(&self.error) == error(&other.error)
            && documents(&self.output) == documents(&other.output)
    }
}

/// Injects the input of a record as kube-inject does.
///
/// Errors: configurations that cannot be read, a release whose tool is not simulated.
pub fn inject_manually(recording: &Recording, record: &Record) -> Result<ManualAnswer, ReplayError> {
    let config = recording.config(record)?;
    match manual::inject(&recording.process(record, &config), &record.input) {
        Ok(made) => Ok(ManualAnswer { output: Some(made.text), error: None, warnings: made.warnings }),
        Err(error @ ManualError::NotSimulated) => {
            Err(ReplayError { file: Default::default(), line: record.line, message: error.to_string() })
        }
        Err(error) => Ok(ManualAnswer { error: Some(error.to_string()), ..ManualAnswer::default() }),
    }
}
