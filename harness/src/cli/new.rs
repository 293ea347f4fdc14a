use std::path::{Path, PathBuf};

use conjector::go::json::{self, Object, Value};
use conjector::injector::release::Release;
use conjector::simulate::{OutcomeKind, Simulator};

use crate::capture::{self, Kept, Situation};
use crate::case::{Files, Suite};
use crate::cli::Exit;
use crate::cli::explain::outcome_kind;
use crate::cli::manifest::{Manifests, title};
use crate::report;
use crate::run::{Target, judge};
use crate::snapshot::{self, Snapshot};
use crate::ui;
use crate::verdict::VerdictKind;

/// Writes a scenario file from a bug report: with only what the outcome depends on, and without secrets.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector new bugs/1234 -f pod.yaml --snapshot dump.yaml
  conjector new bugs/1234 -f pod.yaml --snapshot dump.yaml --expect injected     what the reporter wants
  conjector new bugs/1234 --review review.json --snapshot dump.yaml              a recorded AdmissionReview
  conjector new bugs/1234 -f pod.yaml --check /spec/containers/istio-proxy/image keeps and expects that value

Members are dropped one after the other, as long as the outcome stays what it is: called webhooks, outcome, reasons,
message, and the values of --check. Secrets are replaced before; what the API server adds is left out.")]
pub(super) struct Args {
    /// The id of the case: its path below cases/.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    manifests: Manifests,
    /// A recorded AdmissionReview instead of a manifest.
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    review: Option<PathBuf>,
    /// What kubectl prints of the cluster; without it, a default install is taken.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
    /// The outcome that should be; without it, the one that is.
    #[arg(long, value_name = "OUTCOME", value_parser = outcome_kind)]
    expect: Option<OutcomeKind>,
    /// A place of the admitted pod whose value is kept and expected, as a JSON pointer; list items by name or position.
    #[arg(long, value_name = "POINTER")]
    check: Vec<String>,
    /// A bug or document that the case is about.
    #[arg(long = "ref", value_name = "REF")]
    refs: Vec<String>,
    /// One sentence that says what the case shows.
    #[arg(long)]
    title: Option<String>,
    /// The folder that has, or gets, cases/.
    #[arg(long, value_name = "DIR", default_value = ".")]
    suite: PathBuf,
    /// Writes over a file that is there.
    #[arg(long)]
    force: bool,
    /// The release to simulate; without it, that of the snapshot.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
}

pub(super) fn run(args: &Args) -> Exit {
    match new(args) {
        Ok(exit) => exit,
        Err(error) => ui::fail(Exit::Usage, &error),
    }
}

/// The object, its namespace, and what else the request says.
fn situation(args: &Args) -> Result<(Value, String, Value), String> {
    if let Some(file) = &args.review {
        let text = snapshot::texts(file)?.into_iter().map(|(_, text)| text).next().unwrap_or_default();
        let review = json::parse(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        return recorded(&review)
            .ok_or_else(|| format!("{}: it is no AdmissionReview with a request that has an object", file.display()));
    }
    let objects = args.manifests.read()?;
    let mut pods = objects.iter().filter_map(|object| Some((object, args.manifests.request(object)?)));
    let Some((object, request)) = pods.next() else {
        return Err("there is neither a pod nor a workload that makes pods".into());
    };
    if let Some((other, _)) = pods.next() {
        return Err(format!("a case is about one object, but there are {} and {}", title(object), title(other)));
    }
    Ok((object.clone(), request?.namespace, Value::Null))
}

/// What a recorded AdmissionReview asks.
fn recorded(review: &Value) -> Option<(Value, String, Value)> {
    let request = &review["request"];
    let object = Some(&request["object"]).filter(|o| !o.is_null()).or(request.get("oldObject"))?;
    let mut asked = Object::new();
    for key in ["operation", "name", "oldObject", "userInfo"] {
        if let Some(value) = request.get(key).filter(|v| !v.is_null() && v.as_str() != Some("")) {
            asked.insert(key, value.clone());
        }
    }
    if request["subResource"].as_str().is_some_and(|s| !s.is_empty()) {
        asked.insert("subresource", request["subResource"].clone());
    }
    if request["dryRun"].as_bool() == Some(true) {
        asked.insert("dryRun", true);
    }
    let namespace = request["namespace"].as_str().or(object["metadata"]["namespace"].as_str())?;
    Some((object.clone(), namespace.to_owned(), Value::Object(asked)))
}

fn new(args: &Args) -> Result<Exit, String> {
    let path = target_file(&args.suite, &args.id)?;
    if path.exists() && !args.force {
        return Err(format!("{} is there already\n  hint: --force writes over it", path.display()));
    }
    let snapshot = match &args.snapshot {
        Some(file) => snapshot::read(file, args.release)?,
        None => Snapshot::builtin(args.release)?,
    };
    for note in &snapshot.notes {
        ui::warn(&format_args!("note: {note}"));
    }
    let (object, namespace, request) = situation(args)?;
    if args.snapshot.is_some() && snapshot.namespace(&namespace).is_none() {
        ui::warn(&format_args!("note: the snapshot has no namespace {namespace}; it is taken to have no labels"));
    }
    let mut given = capture::given(&Situation { snapshot: &snapshot, object: &object, namespace: &namespace, request });
    let whole = Kept::by(&given, &args.check)?;
    let redacted = capture::redact(&mut given);
    let seen = Kept::by(&given, &args.check)?;
    if whole != seen {
        ui::warn(&"note: without its secrets the situation has another outcome; that one is recorded");
    }
    let minimised = capture::minimise(given, &seen);
    if !minimised.complete {
        ui::warn(&"note: the time for dropping what is not needed was over; the case may hold more than it needs");
    }
    let usual_ref = [args.id.rsplit('/').next().unwrap_or_default().to_owned()];
    let title = args.title.clone().unwrap_or_else(|| {
        let wanted = args.expect.unwrap_or(seen.outcome);
        format!("{} in namespace {namespace} should be {wanted}", crate::cli::manifest::title(&object))
    });
    let text = capture::text(&capture::File {
        id: &args.id,
        title: &title,
        refs: if args.refs.is_empty() { &usual_ref } else { &args.refs },
        given: &minimised.given,
        seen: &seen,
        wanted: args.expect,
    });
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    std::fs::write(&path, text).map_err(failed)?;
    for place in redacted.iter().filter(|place| minimised.given.pointer(place).is_some()) {
        ui::warn(&format_args!("redacted: {place}"));
    }
    let tried = minimised.tried;
    ui::print(&format!("wrote {} ({tried} smaller situations were tried)", path.display()));
    judge_file(&path)
}

/// The file of an id below the suite's `cases/`.
fn target_file(suite: &Path, id: &str) -> Result<PathBuf, String> {
    let is_good = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && !part.starts_with('.')
    };
    if !id.split('/').all(is_good) {
        return Err(format!("{id:?} is no id\n  hint: letters, digits, '.', '_' and '-', in folders: bugs/1234"));
    }
    Ok(suite.join("cases").join(format!("{id}.yaml")))
}

/// Runs the new case at once.
fn judge_file(path: &Path) -> Result<Exit, String> {
    let (files, inside) = Files::around(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let target = Target { injector: std::sync::Arc::new(Simulator), limit: None };
    for entry in Suite::load(files).entries {
        match entry {
            Ok(case) if case.file == inside => {
                let verdict = judge(&case, &target, None);
                if verdict.kind == VerdictKind::Pass {
                    ui::print(&format!("PASS {}", case.id));
                    return Ok(Exit::Passed);
                }
                ui::print(&report::failure(&verdict, ui::style(), &format!("conjector test {}", path.display())));
                return Ok(Exit::Failed);
            }
            Err(error) if error.file == inside => return Err(error.to_string()),
            _ => {}
        }
    }
    Err(format!("{}: the case cannot be found again", path.display()))
}
