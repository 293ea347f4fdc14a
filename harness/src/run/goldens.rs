use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write;
use std::path::Path;

use conjector::go::json::Value;
use conjector::go::yaml;

use crate::case::{CaseError, Files, Suite};

/// The goldens of a suite: what the admitted object of a case must be, as `golden/ID.yaml`.
#[derive(Debug, Default)]
pub struct Goldens {
    by_id: BTreeMap<String, Value>,
    /// Goldens that cannot be read.
    pub broken: Vec<CaseError>,
}

/// Goldens that cannot be written.
#[derive(Debug)]
pub struct GoldenError(String);

impl fmt::Display for GoldenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GoldenError {}

fn path(id: &str) -> String {
    format!("golden/{id}.yaml")
}

impl Goldens {
    /// Reads all goldens of a suite.
    pub fn load(files: &Files) -> Goldens {
        let mut goldens = Goldens::default();
        for path in files.below("golden/") {
            let read = match files.get(path) {
                Some(Ok(text)) => yaml::to_json(text).map_err(|e| CaseError::new(path, e.to_string())),
                Some(Err(e)) => Err(CaseError::new(path, e)),
                None => continue,
            };
            match read {
                Ok(value) => {
                    _ = goldens.by_id.insert(path["golden/".len()..].trim_end_matches(".yaml").to_owned(), value)
                }
                Err(error) => goldens.broken.push(error),
            }
        }
        goldens
    }

    /// The golden of a case.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.by_id.get(id)
    }

    /// Goldens that no case of the suite uses.
    pub fn unused(&self, suite: &Suite) -> Vec<CaseError> {
        let used: BTreeSet<&str> = suite.cases().filter(|c| c.expect.golden).map(|c| c.id.as_str()).collect();
        let unused = self.by_id.keys().filter(|id| !used.contains(id.as_str()));
        unused.map(|id| CaseError::new(&path(id), "no case uses this golden").hint(Some("delete it".into()))).collect()
    }

    /// Writes a golden, unless it is there already as it should be. True when it was written.
    ///
    /// Errors: a suite that is not on disk, a CI run, a file that cannot be written.
    pub fn write(root: Option<&Path>, id: &str, object: &Value) -> Result<bool, GoldenError> {
        let root =
            root.ok_or_else(|| GoldenError("the suite is built in; goldens are written only for a folder".into()))?;
        if std::env::var_os("CI").is_some_and(|v| !v.is_empty() && v != "false" && v != "0") {
            return Err(GoldenError("goldens are never written in CI".into()));
        }
        let file = root.join(path(id));
        let text = yaml::from_json_ordered(object);
        if std::fs::read_to_string(&file).is_ok_and(|before| before == text) {
            return Ok(false);
        }
        let failed = |e: std::io::Error| GoldenError(format!("{}: {e}", file.display()));
        let folder = file.parent().unwrap_or(root);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        temporary.write_all(text.as_bytes()).map_err(failed)?;
        temporary.persist(&file).map_err(|e| failed(e.error))?;
        Ok(true)
    }
}
