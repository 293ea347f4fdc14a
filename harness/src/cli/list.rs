use conjector::go::json::{Object, Value};

use crate::case::Case;
use crate::cli::Exit;
use crate::cli::select::Selection;
use crate::coverage::Coverage;
use crate::ui::{self, Format};

/// Lists the cases that would run.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector list
  conjector list --filter decision -o json
  conjector list --coverage")]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Print which requirements each folder of the suite covers, and those that none does.
    #[arg(long)]
    coverage: bool,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    let selected = match args.selection.load() {
        Ok(selected) => selected,
        Err((exit, error)) => return ui::fail(exit, &error),
    };
    if args.coverage {
        return coverage(&Coverage::of(&selected.suite), args.output);
    }
    let entries = selected.entries();
    if entries.is_empty() {
        return ui::fail(Exit::Nothing, &selected.nothing());
    }
    let cases: Vec<&Case> = entries.iter().filter_map(|e| e.as_ref().ok()).collect();
    match args.output {
        Format::Text => {
            let lines: Vec<String> = cases.iter().map(|c| format!("{:<60} {}", c.id, c.title)).collect();
            ui::print(&lines.join("\n"));
            ui::warn(&format_args!("{} cases", cases.len()));
        }
        Format::Json => {
            let mut out = Object::new();
            out.insert("version", 1);
            out.insert("cases", Value::Array(cases.iter().map(|c| describe(c)).collect()));
            ui::print(&Value::Object(out).to_string());
        }
    }
    let mut exit = Exit::Passed;
    for error in entries.iter().filter_map(|e| e.as_ref().err()) {
        exit = ui::fail(Exit::Usage, error);
    }
    exit
}

fn coverage(coverage: &Coverage, output: Format) -> Exit {
    match output {
        Format::Text => ui::print(coverage.markdown().trim_end()),
        Format::Json => {
            let texts = |ids: Vec<&str>| Value::from(ids);
            let folders = coverage.folders.iter().map(|(folder, (cases, ids))| {
                let mut out = Object::new();
                out.insert("folder", folder.as_str());
                out.insert("cases", *cases as i64);
                out.insert("covers", texts(ids.iter().map(String::as_str).collect()));
                Value::Object(out)
            });
            let mut out = Object::new();
            out.insert("version", 1);
            out.insert("folders", Value::Array(folders.collect()));
            out.insert("missing", texts(coverage.missing.iter().map(|r| r.id).collect()));
            ui::print(&Value::Object(out).to_string());
        }
    }
    let mut exit = Exit::Passed;
    for (file, reference) in &coverage.unknown {
        exit = ui::fail(Exit::Usage, &format_args!("{file}: there is no requirement {reference}"));
    }
    exit
}

fn describe(case: &Case) -> Value {
    let texts = |items: &[String]| Value::from(items.iter().map(String::as_str).collect::<Vec<_>>());
    let mut out = Object::new();
    out.insert("id", case.id.as_str());
    out.insert("title", case.title.as_str());
    out.insert("file", case.file.as_str());
    out.insert("release", case.scenario.release.name);
    out.insert("tier", case.tier.name());
    out.insert("features", texts(&case.features));
    out.insert("refs", texts(&case.refs));
    Value::Object(out)
}
