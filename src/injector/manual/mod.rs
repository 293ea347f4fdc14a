//! kube-inject: manifests in, manifests with injected pod templates out, as the tool of a release writes them.
//!
//! Objects are read into the structs of their kinds and written again, whether they are injected or not; kinds that the
//! tool does not know are passed through as they are. Both engines make the pods. Source: istio 1.0–1.30, injection of
//! resource files.

mod documents;
pub(crate) mod kinds;
mod notice;

use std::fmt;
use std::sync::LazyLock;

use crate::go::json::{self, Value};
use crate::go::yaml;
use crate::injector::config::{ConfigTexts, InjectorConfig};
use crate::injector::list_patch;
use crate::injector::owner::Workload;
use crate::injector::pod::{self, List};
use crate::injector::release::{Engine, KubeInject, Manual, PassesOver, Release, YamlLibrary};
use crate::injector::typed::{self, TYPE_META, Unreadable};
use crate::injector::webhook::{Failure, Process};
use crate::injector::{decision, overlay};
use crate::k8s::schema::{Api, Type};
use crate::trace::Trace;
use notice::Notice;

/// How deep lists may be nested.
pub const MAX_LIST_DEPTH: usize = 32;

/// Why the tool fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManualError {
    /// With a message.
    Failed(String),
    /// The real tool crashes; the text says how.
    Crash(String),
}

impl fmt::Display for ManualError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManualError::Failed(message) => f.write_str(message),
            ManualError::Crash(message) => write!(f, "panic: {message}"),
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

/// Injects all documents of a text: gives them with a separator after each. `warnings` gets what the tool says about
/// objects that it passes over.
///
/// Errors: the tool's message at the first document that fails.
pub fn inject(process: &Process<'_>, text: &str, warnings: &mut Vec<String>) -> Result<String, ManualError> {
    let switches = &process.release.switches;
    let mut tool = Tool { process, rules: switches.manual, api: switches.kubernetes, warnings };
    let style = yaml::Style { folds_lines: tool.rules.folds_lines, exponents: switches.yaml_exponents };
    let mut out = String::new();
    for document in documents::split(text, tool.rules.separators) {
        let document = document.map_err(ManualError::Failed)?;
        match tool.read(&document)? {
            Some(read) => {
                // Go writes JSON first and reads it as YAML, which takes less than JSON.
                let json = json::to_string(&tool.object(read, 0)?);
                let tree = yaml::to_json(&json).map_err(|e| tool.unprintable(&e))?;
                out.push_str(&yaml::from_json_in(&tree, style));
            }
            None => out.push_str(&document),
        }
        out.push_str("---\n");
    }
    Ok(out)
}

/// Whether a pod is to be injected by hand: the policy is enabled, and there are no selectors.
pub(super) fn wants(release: &'static Release, pod: &Value) -> bool {
    static ENABLED: LazyLock<Option<InjectorConfig>> = LazyLock::new(|| {
        let texts = ConfigTexts { config: "policy: enabled".into(), ..ConfigTexts::default() };
        InjectorConfig::parse(texts, Release::latest()).ok()
    });
    ENABLED.as_ref().is_none_or(|enabled| decision::decide(release, enabled, pod, &mut Trace::off()).inject)
}

/// The pod of an object, which is injected.
pub(super) struct Subject {
    /// The object, or what stands behind it.
    pub(super) workload: Workload,
    /// The workload is guessed from a pod's owner.
    pub(super) is_guessed: bool,
    /// Metadata and spec of the object's template. The metadata is that which gets annotations and labels: with CronJobs
    /// that of the job's template, not of the pod's.
    pub(super) pod: Value,
    /// The same metadata as the document has it, where [`Tool::keeps_documents`]; else null.
    pub(super) given_metadata: Value,
}

/// A document that was read.
struct Read {
    object: Value,
    kind: &'static str,
    /// The document as it is, where [`Tool::keeps_documents`]; else null.
    document: Value,
}

struct Tool<'a> {
    process: &'a Process<'a>,
    rules: &'static Manual,
    api: Api,
    warnings: &'a mut Vec<String>,
}

impl Tool<'_> {
    /// Whether it makes a difference how the document said that there is nothing.
    fn keeps_documents(&self) -> bool {
        let engine = self.process.release.switches.engine;
        matches!(engine, Engine::ListPatch(rules) if rules.kube_inject == KubeInject::Patch)
    }

    /// Reads a document into the struct of its kind; `None` for a kind that the tool does not know.
    fn read(&self, document: &str) -> Result<Option<Read>, ManualError> {
        let exponents = self.process.release.switches.yaml_exponents;
        let failed = |e: Unreadable| ManualError::Failed(e.text(self.rules.yaml));
        let meta = typed::read(document, &TYPE_META, self.api, exponents).map_err(failed)?;
        let kind = meta["kind"].as_str().unwrap_or_default();
        let known = self.rules.kinds.iter().copied().flatten().find(|(name, _)| *name == kind);
        let Some((name, ty)): Option<&(&'static str, &'static Type)> = known else { return Ok(None) };
        let object = typed::read(document, ty, self.api, exponents).map_err(failed)?;
        let document = if self.keeps_documents() { yaml::to_json(document).unwrap_or_default() } else { Value::Null };
        Ok(Some(Read { object, kind: name, document }))
    }

    /// Go's words for JSON that is no YAML.
    fn unprintable(&self, error: &yaml::Error) -> ManualError {
        ManualError::Failed(match self.rules.yaml {
            YamlLibrary::Ghodss | YamlLibrary::Sigs => format!("error converting JSON to YAML: {error}"),
            YamlLibrary::LaterSigs => error.to_string(),
        })
    }

    /// Injects an object of a known kind.
    fn object(&mut self, read: Read, depth: usize) -> Result<Value, ManualError> {
        let Read { mut object, kind, document } = read;
        if kind == "List" {
            if depth >= MAX_LIST_DEPTH {
                return Err(ManualError::Failed(format!("lists are nested deeper than {MAX_LIST_DEPTH}")));
            }
            for item in object.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(read) = self.read(&json::to_string(item))? {
                    *item = self.object(read, depth + 1)?;
                }
            }
            return Ok(object);
        }
        let (metadata_path, spec_path): (&[&str], &[&str]) = match kind {
            "Pod" => (&["metadata"], &["spec"]),
            "CronJob" => (&["spec", "jobTemplate", "metadata"], &["spec", "jobTemplate", "spec", "template", "spec"]),
            _ => (&["spec", "template", "metadata"], &["spec", "template", "spec"]),
        };
        let holder = &metadata_path[..metadata_path.len() - 1];
        if at(&mut object, holder).is_null() {
            return Err(match self.rules.checks_template {
                true => ManualError::Failed("spec.template is required value".into()),
                false => ManualError::Crash("reflect: call of reflect.Value.FieldByName on zero Value".into()),
            });
        }
        let pod = [
            ("metadata", at(&mut object, metadata_path).clone()),
            ("spec", at(&mut object, spec_path).clone()),
            ("status", Value::object()),
        ];
        let given = metadata_path.iter().fold(&document, |place, key| pod::member(place, key));
        if let Some(pod) = self.template(&object, kind, Value::Object(pod.into_iter().collect()), given)? {
            let Value::Object(mut pod) = pod else { return Ok(object) };
            *at(&mut object, metadata_path) = pod.entry("metadata").take();
            *at(&mut object, spec_path) = pod.entry("spec").take();
        }
        Ok(object)
    }

    /// Injects the pod of an object; `None` when it is passed over.
    fn template(
        &mut self,
        object: &Value,
        kind: &str,
        pod: Value,
        given: &Value,
    ) -> Result<Option<Value>, ManualError> {
        let switches = &self.process.release.switches;
        let is_guessed = kind == "Pod" && self.rules.guesses_owner;
        let workload = match is_guessed {
            true => Workload::of_pod(&pod, switches),
            false => Workload::of_object(object, switches),
        };
        let notice = Notice::new(self.rules, &pod, &workload);
        if pod["spec"]["hostNetwork"].as_bool() == Some(true) {
            self.warnings.push(notice.says("host networking enabled"));
            return Ok(None);
        }
        if is_injected(&pod, self.rules.passes_over) {
            self.warnings.push(notice.says_injected());
            return Ok(None);
        }
        let subject = Subject { workload, is_guessed, pod, given_metadata: given.clone() };
        let pod = match switches.engine {
            Engine::ListPatch(rules) => list_patch::manual::inject(self.process, rules, subject)?,
            Engine::Overlay => overlay::manual::inject(self.process, subject)?,
        };
        if pod.is_none() {
            self.warnings.push(notice.says("sidecar injection disabled"));
        }
        Ok(pod)
    }
}

/// The value at a path, made null where it is missing.
fn at<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Value {
    path.iter().fold(value, |place, key| place.entry(key))
}

fn is_injected(pod: &Value, rule: PassesOver) -> bool {
    let containers = pod::containers(pod, List::Containers);
    let sidecar = containers.len() > 1 && pod::find(containers, pod::PROXY).is_some();
    match rule {
        PassesOver::None => false,
        PassesOver::Sidecar => sidecar,
        PassesOver::SidecarWithStatus => sidecar && pod::annotation(pod, pod::STATUS_ANNOTATION).is_some(),
    }
}

#[cfg(test)]
mod tests;
