use std::path::PathBuf;

use conjector::go::json::Value;
use conjector::injector::release::Release;
use conjector::scenario::Request;
use conjector::simulate::OutcomeKind;
use rayon::prelude::*;

use crate::case::{Case, Files, Suite};
use crate::cli::Exit;
use crate::cli::manifest::{Manifests, title};
use crate::explain::{self, Depth, Explanation};
use crate::snapshot::{self, Snapshot};
use crate::ui::{self, Format};

/// Says why a pod is called for and injected, or why not, and what would change that.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubectl get mutatingwebhookconfigurations,configmaps,namespaces,nodes -A -o yaml > dump.yaml
  conjector explain -f app.yaml --snapshot dump.yaml
  kubectl get pod web -o yaml | conjector explain -f - --snapshot dump.yaml
  conjector explain -f cases/eras/words-for-no.yaml --release 1.12           the cases of a scenario file
  conjector explain -f app.yaml -o json | jq '.objects[].reasons'
  conjector explain -f app.yaml --snapshot dump.yaml --expect injected      in CI: exit 1 where it is not
  kubectl get mutatingwebhookconfigurations,configmaps,namespaces,nodes,deployments,daemonsets -A -o yaml |
    conjector explain --all --snapshot -                                    a row for each workload")]
pub(super) struct Args {
    #[command(flatten)]
    manifests: Manifests,
    /// What kubectl prints of the cluster; without it, a default install is taken.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
    /// One row for each workload: those of the manifests, or without any all of the snapshot (with -n, of one
    /// namespace).
    #[arg(long)]
    all: bool,
    /// Exit with 1 where the outcome of an object is another one.
    #[arg(long, value_name = "OUTCOME", value_parser = outcome_kind)]
    expect: Option<OutcomeKind>,
    /// The release to simulate; without it, that of the snapshot. Of scenario files, the cases of this release.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// Reads an outcome of the command line.
pub(super) fn outcome_kind(name: &str) -> Result<OutcomeKind, String> {
    OutcomeKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        let known: Vec<&str> = OutcomeKind::ALL.iter().map(|k| k.name()).collect();
        format!("it is none of {}", known.join(", "))
    })
}

pub(super) fn run(args: &Args) -> Exit {
    match explain(args) {
        Ok(exit) => exit,
        Err(error) => ui::fail(Exit::Usage, &error),
    }
}

fn explain(args: &Args) -> Result<Exit, String> {
    let scenarios = args.manifests.scenarios()?;
    if !scenarios.is_empty() {
        let explanations = of_scenarios(args, scenarios)?;
        let table = args.all || explanations.len() > 1;
        return Ok(show(args, None, &explanations, table));
    }
    let snapshot = match &args.snapshot {
        Some(file) => snapshot::read(file, args.release)?,
        None => Snapshot::builtin(args.release)?,
    };
    for note in &snapshot.notes {
        ui::warn(&format_args!("note: {note}"));
    }
    let explanations = explanations(args, &snapshot)?;
    if explanations.is_empty() {
        return Ok(ui::fail(Exit::Nothing, &"there is neither a pod nor a workload that makes pods"));
    }
    Ok(show(args, Some(snapshot.release()), &explanations, args.all))
}

/// Prints explanations, of one release where one is given.
fn show(args: &Args, release: Option<&Release>, explanations: &[Explanation], table: bool) -> Exit {
    let style = ui::style();
    match args.output {
        Format::Json => ui::print(&explain::json(release.map(|r| r.name), explanations).to_string()),
        Format::Text if table => ui::print(&explain::table(explanations, style)),
        Format::Text => {
            for explanation in explanations {
                ui::print(&explain::text(explanation, style));
            }
        }
    }
    let mut exit = Exit::Passed;
    if let Some(expected) = args.expect {
        for explanation in explanations.iter().filter(|e| e.outcome.kind != expected) {
            let Explanation { title, namespace, outcome, .. } = explanation;
            exit = Exit::Failed;
            ui::warn(&format_args!("{title} in namespace {namespace} is {}, not {expected}", outcome.kind));
        }
    }
    exit
}

/// The explained cases of scenario files, which bring cluster and release with them: `--release` chooses among them.
fn of_scenarios(args: &Args, files: &[PathBuf]) -> Result<Vec<Explanation>, String> {
    if args.snapshot.is_some() {
        return Err("a scenario file has its own cluster; --snapshot does not go with it".into());
    }
    let mut explanations = Vec::new();
    for file in files {
        let (files, own) = Files::around(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let suite = Suite::load(files);
        let entries: Vec<_> = suite
            .entries
            .iter()
            .filter(|entry| own == *entry.as_ref().map_or_else(|error| &error.file, |case| &case.file))
            .map(|entry| entry.as_ref().map_err(ToString::to_string))
            .collect::<Result<_, _>>()?;
        let wanted = |case: &&&Case| args.release.is_none_or(|release| *case.scenario.release == *release);
        let cases: Vec<_> = entries.iter().filter(wanted).collect();
        if let (Some(release), true) = (args.release, cases.is_empty()) {
            let of = |release: &&Release| entries.iter().any(|case| *case.scenario.release == **release);
            let releases: Vec<&str> = Release::all().iter().filter(of).map(|release| release.name).collect();
            return Err(format!("{} has no case of release {release}, but of {}", file.display(), releases.join(", ")));
        }
        let depth = if args.all || cases.len() > 1 { Depth::Outcome } else { Depth::Changes };
        for case in cases {
            let object = case.scenario.request.object.clone();
            let explanation = Explanation::of(case.id.clone(), object, &case.scenario, depth);
            explanations.push(explanation.map_err(|e| format!("{}: {e}", case.id))?);
        }
    }
    Ok(explanations)
}

/// The explained objects: those of the manifests, else the workloads of the snapshot.
fn explanations(args: &Args, snapshot: &Snapshot) -> Result<Vec<Explanation>, String> {
    let from_snapshot = args.all && args.manifests.are_none();
    let objects: Vec<Value> = match from_snapshot {
        true => snapshot.workloads.iter().filter(|o| args.manifests.is_in_namespace(o)).cloned().collect(),
        false => args.manifests.read()?,
    };
    let mut unknown: Vec<String> = Vec::new();
    let mut requests: Vec<(Value, Request)> = Vec::new();
    for object in objects {
        let Some(request) = args.manifests.request(&object) else { continue };
        let request = request?;
        if args.snapshot.is_some() && snapshot.namespace(&request.namespace).is_none() {
            unknown.push(request.namespace.clone());
        }
        requests.push((object, request));
    }
    unknown.sort();
    unknown.dedup();
    for namespace in unknown {
        ui::warn(&format_args!("note: the snapshot has no namespace {namespace}; it is taken to have no labels"));
    }
    let depth = if args.all { Depth::Outcome } else { Depth::Changes };
    requests
        .into_par_iter()
        .map(|(object, request)| {
            let title = title(&object);
            let scenario = snapshot.scenario(&title, request);
            Explanation::of(title.clone(), object, &scenario, depth).map_err(|e| format!("{title}: {e}"))
        })
        .collect()
}
