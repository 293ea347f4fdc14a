use std::collections::BTreeMap;
use std::path::PathBuf;

use conjector::go::json::Value;
use conjector::go::yaml;
use conjector::injector::manual;
use conjector::injector::release::Release;
use conjector::injector::webhook::Process;
use conjector::scenario::{Request, Scenario};
use conjector::simulate::{self, Simulator};

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
    let documents = match (args.shape, args.output) {
        (As::Manifest, Format::Text) => return by_tool(args, &snapshot),
        (As::Manifest, Format::Json) => documents(&by_tool(args, &snapshot)?).map_err(usage)?,
        (As::Webhook, _) => admitted(args, &snapshot)?,
    };
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

/// What the tool wrote, document by document.
fn documents(text: &str) -> Result<Vec<Value>, String> {
    let documents = yaml::documents(text).map_err(|e| e.to_string())?;
    let trees = documents.iter().map(|document| document.to_json(false).map_err(|e| e.to_string()));
    trees.filter(|tree| !matches!(tree, Ok(Value::Null))).collect()
}

/// The objects as the API server would admit them: pods through the webhooks, all others as they are.
fn admitted(args: &Args, snapshot: &Snapshot) -> Result<Vec<Value>, (Exit, String)> {
    let usage = |e: String| (Exit::Usage, e);
    let mut documents = Vec::new();
    for object in args.manifests.read().map_err(usage)? {
        let Some(request) = args.manifests.request(&object).transpose().map_err(usage)? else {
            documents.push(object);
            continue;
        };
        let outcome = simulate::run(&snapshot.scenario(&title(&object), request), &Simulator).map_err(usage)?;
        if let Some(refusal) = outcome.refusal {
            return Err((Exit::Failed, format!("{}: {}", title(&object), refusal.message)));
        }
        documents.push(outcome.object);
    }
    if documents.is_empty() {
        return Err((Exit::Nothing, "the manifests hold no objects".into()));
    }
    Ok(documents)
}
