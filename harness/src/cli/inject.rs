use std::collections::BTreeMap;
use std::path::PathBuf;

use conjector::go::json::{Object, Value};
use conjector::go::{base64, json, yaml};
use conjector::injector::manual;
use conjector::injector::release::Release;
use conjector::injector::webhook::{self, Answer, Process};
use conjector::k8s::workload;
use conjector::patch::json_patch;
use conjector::scenario::{Request, Scenario};
use conjector::simulate::{self, Simulator};
use conjector::trace::Trace;

use crate::cli::Exit;
use crate::cli::manifest::{Manifests, title};
use crate::snapshot::{self, Snapshot};
use crate::ui::{self, Format};

/// The revision where none is named.
const DEFAULT_REVISION: &str = "default";

/// Prints manifests with injected pod templates, without a cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector inject -f app.yaml --snapshot dump.yaml
  kubectl kustomize . | conjector inject -f - | kubectl apply -f -
  conjector inject -f app.yaml --as webhook -o json")]
pub(super) struct Args {
    #[command(flatten)]
    manifests: Manifests,
    /// What kubectl prints of the cluster; without it, conjector's own configuration is taken.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
    /// The release to simulate; without it, that of the snapshot.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
    /// The revision whose injector is asked.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_REVISION)]
    revision: String,
    /// What is printed: the manifests with injected templates, or the pod as the API server would admit it.
    #[arg(long = "as", value_enum, default_value_t = As::Manifest)]
    shape: As,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// The manifests, with sidecars in their pod templates, whatever the webhooks select: as text, what the kube-inject of
    /// the release writes.
    Manifest,
    /// The pod as admitted, through the webhooks.
    Webhook,
}

pub(super) fn run(args: &Args) -> Exit {
    match inject(args) {
        Ok(text) => {
            ui::print(&text);
            Exit::Passed
        }
        Err((exit, error)) => ui::fail(exit, &error),
    }
}

fn inject(args: &Args) -> Result<String, (Exit, String)> {
    let usage = |e: String| (Exit::Usage, e);
    let snapshot = match &args.snapshot {
        Some(file) => snapshot::read(file, args.release).map_err(usage)?,
        None => Snapshot::builtin(args.release).map_err(usage)?,
    };
    for note in &snapshot.notes {
        ui::warn(&format_args!("note: {note}"));
    }
    // The tool's own text.
    if args.shape == As::Manifest && args.output == Format::Text {
        return by_tool(args, &snapshot);
    }
    let documents = documents(args, &snapshot)?;
    Ok(match args.output {
        Format::Text => documents.iter().map(yaml::from_json).collect::<Vec<_>>().join("---\n"),
        Format::Json => documents.iter().map(|document| document.to_string() + "\n").collect(),
    })
}

/// The injector of the revision that is asked for, as a process.
fn process<'s>(args: &'s Args, scenario: &'s Scenario) -> Result<Process<'s>, (Exit, String)> {
    static NOTHING: BTreeMap<String, String> = BTreeMap::new();
    let Some(injected) = scenario.injectors.get(&args.revision) else {
        let known: Vec<&str> = scenario.injectors.keys().map(String::as_str).collect();
        return Err((Exit::Usage, format!("there is no revision {:?}; known: {}", args.revision, known.join(", "))));
    };
    Ok(Process {
        release: injected.release,
        config: &injected.config,
        revision: &args.revision,
        cluster: &scenario.cluster,
        env: &NOTHING,
    })
}

/// What the kube-inject of the release writes.
fn by_tool(args: &Args, snapshot: &Snapshot) -> Result<String, (Exit, String)> {
    let scenario = snapshot.scenario("inject", Request::create_pod("", Value::Null));
    let process = process(args, &scenario)?;
    // Unless a revision is asked for, the tool names none.
    let revision = if args.revision == DEFAULT_REVISION { "" } else { &args.revision };
    let process = Process { revision, ..process };
    let mut out = String::new();
    for (name, text) in args.manifests.plain_texts().map_err(|e| (Exit::Usage, e))? {
        let mut warnings = Vec::new();
        let written = manual::inject(&process, &text, &mut warnings);
        for warning in &warnings {
            ui::warn(&format_args!("{}", warning.trim_end()));
        }
        out += &written.map_err(|e| (Exit::Failed, format!("{name}: {e}")))?;
    }
    if out.is_empty() {
        return Err((Exit::Nothing, "the manifests hold no objects".into()));
    }
    Ok(out)
}

fn documents(args: &Args, snapshot: &Snapshot) -> Result<Vec<Value>, (Exit, String)> {
    let usage = |e: String| (Exit::Usage, e);
    let mut documents = Vec::new();
    for object in args.manifests.read().map_err(usage)? {
        let request = args.manifests.request(&object).transpose().map_err(usage)?;
        documents.push(match (request, args.shape) {
            (None, _) => object,
            (Some(request), As::Webhook) => {
                let scenario = snapshot.scenario(&title(&object), request);
                let outcome = simulate::run(&scenario, &Simulator).map_err(|e| (Exit::Usage, e))?;
                if let Some(refusal) = outcome.refusal {
                    return Err((Exit::Failed, format!("{}: {}", title(&object), refusal.message)));
                }
                outcome.object
            }
            (Some(request), As::Manifest) => {
                let scenario = snapshot.scenario(&title(&object), request);
                let process = process(args, &scenario)?;
                let pod =
                    ask(&process, &scenario.request).map_err(|e| (Exit::Failed, format!("{}: {e}", title(&object))))?;
                with_pod(object, &pod)
            }
        });
    }
    if documents.is_empty() {
        return Err((Exit::Nothing, "the manifests hold no objects".into()));
    }
    Ok(documents)
}

/// The pod as the injector makes it, without asking any webhook's selectors.
fn ask(process: &Process<'_>, request: &Request) -> Result<Value, String> {
    let mut fields: Object = [("uid", Value::from("inject"))].into_iter().collect();
    fields.insert("namespace", request.namespace.as_str());
    fields.insert("object", request.object.clone());
    let mut review: Object = [("kind", "AdmissionReview"), ("apiVersion", "admission.k8s.io/v1")].into_iter().collect();
    review.insert("request", fields);
    let answer = webhook::answer_review(process, "/inject", &Value::Object(review), &mut Trace::off());
    let Answer::Review(review) = answer else { return Err("the real injector crashes on this pod".into()) };
    let response = &review["response"];
    if response["allowed"].as_bool() != Some(true) {
        return Err(response["status"]["message"].as_str().unwrap_or_default().to_owned());
    }
    let Some(patch) = response["patch"].as_str() else { return Ok(request.object.clone()) };
    let bytes = base64::decode(patch).map_err(|at| format!("the patch is no base64 (byte {at})"))?;
    let patch = json::parse(bytes).map_err(|e| e.to_string())?;
    json_patch::apply(request.object.clone(), &patch)
}

/// What of the pod's metadata comes from its controller and not from the template.
const FROM_CONTROLLER: &[&str] = &["generateName", "ownerReferences", "namespace", "name"];

/// The labels that controllers add to pods.
const CONTROLLER_LABELS: &[&str] = &["pod-template-hash", "rollouts-pod-template-hash"];

/// Puts the pod back where it came from: into the template of its workload, or in the place of the pod.
fn with_pod(mut object: Value, pod: &Value) -> Value {
    let Some(path) = workload::template_path(&object) else {
        let given = object["metadata"]["namespace"].is_null();
        let mut pod = pod.clone();
        if let (Value::Object(meta), true) = (pod.entry("metadata"), given) {
            meta.remove("namespace");
        }
        return pod;
    };
    let template = path.iter().fold(&mut object, |place, key| place.entry(key));
    let own_labels = template["metadata"]["labels"].clone();
    let mut metadata = pod["metadata"].clone();
    if let Value::Object(meta) = &mut metadata {
        meta.retain(|key, _| !FROM_CONTROLLER.contains(&key));
        if let Some(Value::Object(labels)) = meta.get_mut("labels") {
            labels.retain(|key, _| !CONTROLLER_LABELS.contains(&key) || !own_labels[key].is_null());
        }
    }
    *template.entry("metadata") = metadata;
    *template.entry("spec") = pod["spec"].clone();
    object
}
