//! kube-inject: manifests in, manifests with injected pod templates out, as the tool of a release writes them.
//!
//! Objects are read into the structs of their kinds and written again, whether they are injected or not; kinds that the
//! tool does not know are passed through as they are. Source: istio 1.0–1.8, injection of resource files.

mod documents;
pub(crate) mod kinds;

use std::fmt;

use crate::go::json::{Object, Value};
use crate::go::yaml;
use crate::injector::list_patch::{manual, spec};
use crate::injector::release::{Engine, ListPatch, Release};
use crate::injector::webhook::{Failure, Process};
use crate::k8s::schema::{Api, Type};

/// How deep lists may be nested.
pub const MAX_LIST_DEPTH: usize = 32;

/// What the tool writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifests {
    /// The documents, each followed by a separator.
    pub text: String,
    /// What it says about objects that it passes over.
    pub warnings: Vec<String>,
}

/// Why the tool fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManualError {
    /// With a message.
    Failed(String),
    /// The real tool crashes; the text says how.
    Crash(String),
    /// This release's tool is not simulated.
    NotSimulated,
}

impl fmt::Display for ManualError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManualError::Failed(message) => f.write_str(message),
            ManualError::Crash(message) => write!(f, "panic: {message}"),
            ManualError::NotSimulated => f.write_str("kube-inject of this release is not simulated"),
        }
    }
}

impl std::error::Error for ManualError {}

impl From<Failure> for ManualError {
    fn from(failure: Failure) -> ManualError {
        match failure {
            Failure::Denied(message) => ManualError::Failed(message),
            Failure::Crash(message) => ManualError::Crash(message),
        }
    }
}

/// True where the tool of a release is simulated.
pub fn is_simulated(release: &Release) -> bool {
    matches!(release.switches.engine, Engine::ListPatch(_))
}

/// Injects all documents of a text.
///
/// Errors: the tool's message at the first document that fails; a release from 1.9 on.
pub fn inject(process: &Process<'_>, text: &str) -> Result<Manifests, ManualError> {
    let Engine::ListPatch(rules) = process.release.switches.engine else { return Err(ManualError::NotSimulated) };
    let mut tool = Tool { process, rules, api: process.release.switches.kubernetes, warnings: Vec::new() };
    let mut out = String::new();
    for document in documents::split(text) {
        match tool.read(&document)? {
            Some((object, kind)) => out.push_str(&yaml::from_json(&tool.object(object, kind, 0)?)),
            None => out.push_str(&document),
        }
        out.push_str("---\n");
    }
    Ok(Manifests { text: out, warnings: tool.warnings })
}

/// An object whose pod template is injected.
pub(super) struct Subject<'a> {
    /// Kind and version as they are written.
    pub(super) ty: Value,
    /// The metadata of the object that is taken for the workload.
    pub(super) workload: Value,
    /// The metadata that gets annotations and labels: the template's, but that of a CronJob's job template.
    pub(super) metadata: &'a mut Value,
    /// The pod's spec.
    pub(super) spec: &'a mut Value,
}

struct Tool<'a> {
    process: &'a Process<'a>,
    rules: &'static ListPatch,
    api: Api,
    warnings: Vec<String>,
}

impl Tool<'_> {
    /// Reads a document into the struct of its kind; `None` for a kind that the tool does not know.
    fn read(&self, document: &str) -> Result<Option<(Value, &'static str)>, ManualError> {
        let failed = |e: String| ManualError::Failed(format!("error converting YAML to JSON: {e}"));
        let tree = yaml::to_json(document).map_err(|e| failed(e.to_string()))?;
        self.typed(tree)
    }

    fn typed(&self, tree: Value) -> Result<Option<(Value, &'static str)>, ManualError> {
        let failed = |e: String| ManualError::Failed(format!("error unmarshaling JSON: {e}"));
        let meta = spec::decode_yaml(tree.clone(), &spec::TYPE_META, self.api).map_err(failed)?;
        let kind = meta["kind"].as_str().unwrap_or_default();
        let known = self.rules.kinds.iter().copied().flatten().find(|(name, _)| *name == kind);
        let Some((name, ty)): Option<&(&'static str, &'static Type)> = known else { return Ok(None) };
        let object = spec::decode_yaml(tree, ty, self.api).map_err(failed)?;
        Ok(Some((object, name)))
    }

    /// Injects an object of a known kind.
    fn object(&mut self, mut object: Value, kind: &str, depth: usize) -> Result<Value, ManualError> {
        if kind == "List" {
            if depth >= MAX_LIST_DEPTH {
                return Err(ManualError::Failed(format!("lists are nested deeper than {MAX_LIST_DEPTH}")));
            }
            for item in object.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some((typed, kind)) = self.typed(item.clone())? {
                    *item = self.object(typed, kind, depth + 1)?;
                }
            }
            return Ok(object);
        }
        let members = ["kind", "apiVersion"].into_iter().filter_map(|key| Some((key, object.get(key)?.clone())));
        let ty = Value::Object(members.collect::<Object>());
        let template_path: &[&str] = match kind {
            "Pod" => &[],
            "CronJob" => &["spec", "jobTemplate"],
            _ => &["spec", "template"],
        };
        let workload = object["metadata"].clone();
        let mut holder = &mut object;
        for key in template_path {
            holder = holder.entry(key);
        }
        if holder.is_null() {
            return Err(match self.rules.checks_template {
                true => ManualError::Failed("spec.template is required value".into()),
                false => ManualError::Crash("reflect: call of reflect.Value.FieldByName on zero Value".into()),
            });
        }
        let mut metadata = holder.entry("metadata").take();
        let spec_path: &[&str] = match kind {
            "Pod" => &["spec"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => &["spec", "template", "spec"],
        };
        let mut spec = object.entry(spec_path[0]);
        for key in &spec_path[1..] {
            spec = spec.entry(key);
        }
        let subject = Subject { ty, workload, metadata: &mut metadata, spec };
        let said = manual::inject(self.process, self.rules, subject)?;
        self.warnings.extend(said);
        let mut holder = &mut object;
        for key in template_path {
            holder = holder.entry(key);
        }
        *holder.entry("metadata") = metadata;
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn separators_stay_where_nothing_is_before_them() {
        let documents: Vec<String> = documents::split("---\na: 1\r\n---\n\n---  \nb: 2");
        assert_eq!(documents, ["---\na: 1\n", "\n", "b: 2\n"]);
    }
}
