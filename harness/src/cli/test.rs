use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Exit;
use crate::cli::select::{Selected, Selection};
use crate::cli::target::TargetArgs;
use crate::report::{self, Counts, Run, Style};
use crate::run::{self, Goldens};
use crate::ui::{self, Format};
use crate::verdict::{Verdict, VerdictKind};

/// Runs scenario files against an injector and judges every outcome.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector test                                   the built-in suite against the built-in simulator
  conjector test cases/decision my-case.yaml       own files
  conjector test --filter 'probes/*'               some cases, by id
  conjector test --target https://istiod.istio-system.svc/inject --ca-file ca.pem --snapshot dump.yaml
  conjector test -o json | jq '.cases[] | select(.verdict == \"fail\") | .id'")]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    target: TargetArgs,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// Writes a report too: `junit=FILE`.
    #[arg(long, value_name = "KIND=FILE", value_parser = report_file)]
    report: Vec<PathBuf>,
    /// Writes the goldens of the selected cases instead of comparing with them.
    #[arg(long)]
    update_goldens: bool,
    /// Shows passed cases too.
    #[arg(short, long)]
    verbose: bool,
}

fn report_file(text: &str) -> Result<PathBuf, String> {
    match text.split_once('=') {
        Some(("junit", file)) if !file.is_empty() => Ok(file.into()),
        Some((kind, _)) if kind != "junit" => Err(format!("there is no report of kind {kind:?}; known: junit")),
        _ => Err("write it as junit=FILE".into()),
    }
}

pub(super) fn run(args: &Args) -> Exit {
    let selected = match args.selection.load() {
        Ok(selected) => selected,
        Err((exit, error)) => return ui::fail(exit, &error),
    };
    let target = match args.target.open() {
        Ok(target) => target,
        Err((exit, error)) => return ui::fail(exit, &error),
    };
    let goldens = Goldens::load(&selected.suite.files);
    let entries = selected.entries();
    if entries.is_empty() {
        return ui::fail(Exit::Nothing, &selected.nothing());
    }
    let style = ui::style();
    let text = args.output == Format::Text;
    let progress = if text { progress(entries.len()) } else { ProgressBar::hidden() };
    let bad = AtomicUsize::new(0);
    // Failures are printed when they happen; the lock keeps them whole.
    let printing = Mutex::new(());
    let seen = |verdict: &Verdict| {
        progress.inc(1);
        if verdict.kind.is_bad() {
            progress.set_message(format!("{} bad", bad.fetch_add(1, Ordering::Relaxed) + 1));
        }
        let shown = verdict.kind.is_bad() || args.verbose;
        if text && shown && !args.update_goldens {
            let _lock = printing.lock();
            progress.suspend(|| show(verdict, style, args));
        }
    };
    let started = Instant::now();
    let mut verdicts = run::run(&entries, &target.target, &goldens, &seen);
    progress.finish_and_clear();
    if args.update_goldens {
        return update(&selected, &verdicts);
    }
    if selected.is_whole {
        for error in goldens.unused(&selected.suite).into_iter().chain(goldens.broken.clone()) {
            let verdict = Verdict {
                id: error.file.clone(),
                kind: VerdictKind::Errored,
                failures: Vec::new(),
                note: error.to_string(),
                outcome: None,
                took: std::time::Duration::ZERO,
            };
            if text {
                show(&verdict, style, args);
            }
            verdicts.push(verdict);
        }
    }
    let run = Run { target: &target.name, verdicts: &verdicts, took: started.elapsed() };
    for file in &args.report {
        let written = report::junit(&run)
            .and_then(|xml| std::fs::write(file, xml).map_err(|e| format!("{}: {e}", file.display())));
        if let Err(error) = written {
            return ui::fail(Exit::Usage, &error);
        }
    }
    if text {
        ui::print(&report::summary(&run, style))
    } else {
        ui::print(&report::json(&run).to_string())
    }
    exit(&verdicts, &target.name)
}

fn exit(verdicts: &[Verdict], target: &str) -> Exit {
    let counts = Counts::of(verdicts);
    let unreachable = verdicts.iter().all(|v| v.failures.is_empty() && v.note.contains("cannot be reached"));
    if unreachable && target != "inproc" {
        return Exit::Unreachable;
    }
    if counts.is_good() { Exit::Passed } else { Exit::Failed }
}

fn show(verdict: &Verdict, style: Style, args: &Args) {
    if verdict.kind == VerdictKind::Pass {
        ui::print(&format!("{} {}", style.paint("32", "PASS"), verdict.id));
    } else {
        ui::print(&report::failure(verdict, style, &again(verdict, args)));
    }
}

/// The command that runs one case again.
fn again(verdict: &Verdict, args: &Args) -> String {
    let mut words = vec!["conjector test".to_owned()];
    words.extend(args.selection.paths.iter().map(|p| p.display().to_string()));
    words.extend(args.target.words());
    words.push(format!("--filter '{}'", verdict.id));
    words.join(" ")
}

fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {per_sec} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn update(selected: &Selected, verdicts: &[Verdict]) -> Exit {
    let mut written = 0;
    for case in selected.entries().iter().filter_map(|e| e.as_ref().ok()).filter(|c| c.expect.golden) {
        let outcome = verdicts.iter().find(|v| v.id == case.id).and_then(|v| v.outcome.as_ref());
        let Some(outcome) = outcome else { continue };
        match Goldens::write(selected.suite.files.root(), &case.id, &outcome.object) {
            Ok(true) => {
                written += 1;
                ui::print(&format!("wrote golden/{}.yaml", case.id));
            }
            Ok(false) => {}
            Err(error) => return ui::fail(Exit::Usage, &error),
        }
    }
    let broken: Vec<&Verdict> = verdicts.iter().filter(|v| v.kind == VerdictKind::Errored).collect();
    for verdict in &broken {
        ui::warn(&format_args!("{}: {}", verdict.id, verdict.note));
    }
    ui::print(&format!("{written} goldens written"));
    if broken.is_empty() { Exit::Passed } else { Exit::Failed }
}
