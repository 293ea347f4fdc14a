use std::path::{Path, PathBuf};

use conjector::go::json::{Object, Value};
use conjector::injector::release::Release;
use rayon::prelude::*;

use crate::case::{Files, Suite};
use crate::changes::{Change, Class, Subject};
use crate::cli::Exit;
use crate::cli::manifest::{Manifests, title};
use crate::snapshot::{self, Snapshot};
use crate::text::cut;
use crate::ui::{self, Format};

/// Says what changes for workloads from one release or cluster to another.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector compare --from 1.9.4 --to 1.12 -f apps/
  conjector compare --from old.yaml --to new.yaml -f apps/ --fail-on refusal,decision,security
  conjector compare --from 1.26 --to 1.27 --snapshot dump.yaml -f apps/ -o json | jq '.objects[].changes'
  conjector compare --from 1.9.4 --to 1.12 --suite --only decision,callers")]
pub(super) struct Args {
    #[command(flatten)]
    manifests: Manifests,
    /// Takes the pods of the built-in scenarios, each in its namespace, instead of manifests.
    #[arg(long, conflicts_with_all = ["files", "namespace"])]
    suite: bool,
    /// Before: a release, or what kubectl prints of a cluster.
    #[arg(long, value_name = "RELEASE|DUMP")]
    from: String,
    /// After: a release, or what kubectl prints of a cluster.
    #[arg(long, value_name = "RELEASE|DUMP")]
    to: String,
    /// What kubectl prints of the cluster that has both releases; without it, a default install of each is taken.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
    /// Show only changes of these classes.
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class)]
    only: Vec<Class>,
    /// Exit with 1 where something of these classes changes: refusal (whether the pod can be created), decision (whether
    /// it is injected), callers, containers, security, resources, environment, metadata, cosmetic.
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class)]
    fail_on: Vec<Class>,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

fn class(name: &str) -> Result<Class, String> {
    Class::ALL.into_iter().find(|class| class.name() == name).ok_or_else(|| {
        let known: Vec<&str> = Class::ALL.iter().map(|c| c.name()).collect();
        format!("it is none of {}", known.join(", "))
    })
}

pub(super) fn run(args: &Args) -> Exit {
    match compare(args) {
        Ok(exit) => exit,
        Err(error) => ui::fail(Exit::Usage, &error),
    }
}

/// An object with what changes for it.
struct Compared {
    title: String,
    namespace: String,
    /// Those that are to be shown.
    changes: Vec<Change>,
    /// True when one of the classes to fail on changes, shown or not.
    fails: bool,
}

fn compare(args: &Args) -> Result<Exit, String> {
    let objects = if args.suite { Vec::new() } else { args.manifests.read()? };
    let side = |name: &str, side: &str| -> Result<Snapshot, String> {
        let mut snapshot = cluster(side, args.snapshot.as_deref())?;
        snapshot.add_namespaces(&objects);
        for note in &snapshot.notes {
            ui::warn(&format_args!("note: {name}: {note}"));
        }
        Ok(snapshot)
    };
    let (before, after) = (side("from", &args.from)?, side("to", &args.to)?);

    let subjects = if args.suite {
        Subject::of_suite(&Suite::load(Files::embedded(conjector::suite::FILES)))
    } else {
        subjects(&args.manifests, &objects)?
    };
    let compare = |subject: Subject| {
        let mut changes = subject.compare(&before, &after)?;
        let fails = changes.iter().any(|change| args.fail_on.contains(&change.class));
        changes.retain(|change| args.only.is_empty() || args.only.contains(&change.class));
        Ok(Compared { title: subject.title, namespace: subject.request.namespace, changes, fails })
    };
    let compared = subjects.into_par_iter().map(compare).collect::<Result<Vec<_>, String>>()?;
    if compared.is_empty() {
        return Ok(ui::fail(Exit::Nothing, &"there is neither a pod nor a workload that makes pods"));
    }
    match args.output {
        Format::Text => ui::print(&text(&compared)),
        Format::Json => ui::print(&json(&compared, &before, &after).to_string()),
    }
    Ok(if compared.iter().any(|c| c.fails) { Exit::Failed } else { Exit::Passed })
}

/// The pods that manifests make.
fn subjects(manifests: &Manifests, objects: &[Value]) -> Result<Vec<Subject>, String> {
    let requests = objects.iter().filter_map(|object| Some((title(object), manifests.request(object)?)));
    requests.map(|(title, request)| Ok(Subject { title, namespace: None, request: request? })).collect()
}

/// A side of the comparison: a release (on the dump that both have, or a default install), or a dump.
fn cluster(side: &str, dump: Option<&Path>) -> Result<Snapshot, String> {
    match (Release::find(side), dump) {
        (Ok(release), None) => Snapshot::builtin(Some(release)),
        (Ok(release), Some(dump)) => snapshot::read(dump, Some(release)),
        (Err(unknown), _) if !Path::new(side).exists() => Err(format!("{unknown}; nor is there such a file")),
        (Err(_), Some(_)) => Err(format!("{side} is a dump: --snapshot goes with releases only")),
        (Err(_), None) => snapshot::read(Path::new(side), None),
    }
}

fn text(compared: &[Compared]) -> String {
    let mut text = String::new();
    let value = |value: &Value| if value.is_null() { "nothing".to_owned() } else { cut(&value.to_string(), 160) };
    for Compared { title, namespace, changes, .. } in compared.iter().filter(|c| !c.changes.is_empty()) {
        text.push_str(&format!("{title} in namespace {namespace}\n"));
        for Change { class, place, from, to } in changes {
            text.push_str(&format!("  {:<12} {place}: {} -> {}\n", class.name(), value(from), value(to)));
        }
    }
    let changed = compared.iter().filter(|c| !c.changes.is_empty()).count();
    text.push_str(&format!("compare: {changed} of {} objects change", compared.len()));
    let counts: Vec<String> = Class::ALL
        .into_iter()
        .map(|class| (class, compared.iter().flat_map(|c| &c.changes).filter(|c| c.class == class).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| format!("{class} {count}"))
        .collect();
    if !counts.is_empty() {
        text.push_str(&format!(" ({})", counts.join(", ")));
    }
    text
}

fn json(compared: &[Compared], before: &Snapshot, after: &Snapshot) -> Value {
    let objects = compared.iter().map(|Compared { title, namespace, changes, .. }| {
        let mut entry = Object::new();
        entry.insert("object", title.as_str());
        entry.insert("namespace", namespace.as_str());
        entry.insert("changes", Value::Array(changes.iter().map(Change::to_json).collect()));
        Value::Object(entry)
    });
    let mut report = Object::new();
    report.insert("version", 1);
    report.insert("from", before.release().name);
    report.insert("to", after.release().name);
    report.insert("objects", Value::Array(objects.collect()));
    Value::Object(report)
}
