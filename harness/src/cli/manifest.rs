//! Manifests on the command line: files, folders, standard input.

use std::path::PathBuf;

use conjector::go::json::Value;
use conjector::go::yaml;
use conjector::k8s::{decode, schema, workload};
use conjector::scenario::Request;

use crate::snapshot;

/// The namespace where neither the manifest nor the command line names one.
const DEFAULT_NAMESPACE: &str = "default";

/// The arguments that name manifests.
#[derive(Debug, clap::Args)]
pub(super) struct Manifests {
    /// Manifests: files, folders, or `-` for standard input.
    #[arg(short = 'f', long = "filename", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
}

impl Manifests {
    /// True when no manifest is named.
    pub(super) fn are_none(&self) -> bool {
        self.files.is_empty()
    }

    /// True when the object is in the namespace that the command line names, or it names none.
    pub(super) fn is_in_namespace(&self, object: &Value) -> bool {
        let own = object["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE);
        self.namespace.as_ref().is_none_or(|wanted| wanted == own)
    }

    /// The texts of all files, with their names.
    pub(super) fn texts(&self) -> Result<Vec<(String, String)>, String> {
        if self.are_none() {
            return Err("no manifests are given: name files or folders with -f, or - for standard input".into());
        }
        let texts: Result<Vec<_>, _> = self.files.iter().map(|file| snapshot::texts(file)).collect();
        Ok(texts?.into_iter().flatten().collect())
    }

    /// The files that are named, where all of them are scenario files; else none.
    ///
    /// Errors: scenario files beside others.
    pub(super) fn scenarios(&self) -> Result<&[PathBuf], String> {
        let reads_as_one = |file: &&PathBuf| {
            let text = if file.is_file() { std::fs::read_to_string(file).ok() } else { None };
            text.and_then(|text| yaml::to_json(&text).ok()).is_some_and(|object| is_scenario(&object))
        };
        match self.files.iter().filter(reads_as_one).count() {
            0 => Ok(&[]),
            count if count == self.files.len() => Ok(&self.files),
            _ => Err("scenario files and manifests are explained one after the other".into()),
        }
    }

    /// [`Manifests::texts`], none of which is a scenario file.
    pub(super) fn plain_texts(&self) -> Result<Vec<(String, String)>, String> {
        let texts = self.texts()?;
        // Documents after the first are left to whoever reads the text.
        let scenario = texts.iter().find(|(_, text)| yaml::to_json(text).is_ok_and(|object| is_scenario(&object)));
        scenario.map_or(Ok(()), |(name, _)| Err(no_manifest(name)))?;
        Ok(texts)
    }

    /// All objects in order; lists are taken apart.
    pub(super) fn read(&self) -> Result<Vec<Value>, String> {
        let mut objects = Vec::new();
        for (name, text) in self.texts()? {
            let documents = yaml::documents(&text).map_err(|e| match e.place() {
                Some((line, column)) => format!("{name}:{line}:{column}: {e}"),
                None => format!("{name}: {e}"),
            })?;
            for document in documents {
                let object = document.to_json(false).map_err(|e| format!("{name}: {e}"))?;
                if is_scenario(&object) {
                    return Err(no_manifest(&name));
                }
                snapshot::collect(object, &mut objects);
            }
        }
        Ok(objects)
    }

    /// The request that creates an object's pod; `None` for objects that make no pods.
    pub(super) fn request(&self, object: &Value) -> Option<Result<Request, String>> {
        let mut pod = workload::pod(object)?;
        let own = &object["metadata"]["namespace"];
        let named = own.as_str().or(self.namespace.as_deref());
        let namespace = named.unwrap_or(DEFAULT_NAMESPACE).to_owned();
        // One of a wrong type stays, so that decoding refuses it.
        *pod.entry("metadata").entry("namespace") = match own {
            Value::Null | Value::String(_) => namespace.as_str().into(),
            wrong => wrong.clone(),
        };
        let read = decode::decode(pod, &schema::POD).map_err(|e| refused(object, &e.to_string()));
        Some(read.map(|pod| Request::create_pod(&namespace, pod)))
    }
}

/// Whether an object is what a scenario file holds.
fn is_scenario(object: &Value) -> bool {
    object["kind"].as_str() == Some("InjectionCase")
        && object["apiVersion"].as_str().is_some_and(|version| version.starts_with("conjector/"))
}

/// What is said of a scenario file in the place of a manifest.
fn no_manifest(name: &str) -> String {
    let hint = format!("conjector test {name} runs it, conjector explain -f {name} explains its cases");
    format!("{name} is a scenario file and no manifest\n  hint: {hint}")
}

/// What is said of an object that the API server would not read.
fn refused(object: &Value, error: &str) -> String {
    let hint = match error.contains("cannot unmarshal bool") {
        true => "\n  hint: YAML reads true, yes, on and their opposites as booleans where they are not quoted",
        false => "",
    };
    format!("{}: the API server would not read it: {error}{hint}", title(object))
}

/// KIND/NAME of an object.
pub(super) fn title(object: &Value) -> String {
    let meta = &object["metadata"];
    let name = meta["name"].as_str().or(meta["generateName"].as_str()).unwrap_or("(no name)");
    format!("{}/{name}", object["kind"].as_str().unwrap_or("(no kind)"))
}
