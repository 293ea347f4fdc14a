use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use conjector::go::json::{Object, Value};
use conjector::injector::release::Release;
use conjector::injector::webhook::Answer;
use conjector::trace::Trace;
use rayon::prelude::*;

use crate::cli::Exit;
use crate::replay::{self, Difference, ManualAnswer, Record, Recording, ReplayError, Tally};
use crate::target::Poster;
use crate::text::cut;
use crate::ui::{self, Format};

/// Sends recorded AdmissionReviews to an injector again and compares the answers with the recorded ones.
///
/// Writes one line `{"name", "response", "patched"}` for each; where a line carries a recorded answer, both are compared.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector replay recorded/1.30.3/cases.jsonl --out answers.jsonl
  conjector replay --release 1.30 --configs configs requests.jsonl > answers.jsonl
  conjector replay --decisions --release 1.1.17 decisions.jsonl
  conjector replay --kube-inject --release 1.30 --configs configs inputs.jsonl > answers.jsonl
  conjector replay --target http://127.0.0.1:8080 cases.jsonl --out /dev/null")]
pub(super) struct Args {
    /// Files of JSON lines: name, config, revision, path, env, cluster, request, perhaps response and patched.
    #[arg(required = true, value_name = "FILE.jsonl")]
    files: Vec<PathBuf>,
    /// The folder of configurations; without it, `configs/` beside each file.
    #[arg(long, value_name = "DIR")]
    configs: Option<PathBuf>,
    /// The release to simulate; without it, that of the file's folder, else the newest.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
    /// `inproc` for the built-in simulator, or the URL that a record's path is appended to.
    #[arg(long, default_value = "inproc", value_name = "TARGET")]
    target: String,
    /// The files hold inputs of decisions, not reviews: writes `{"line", "required"}` for each line.
    #[arg(long, conflicts_with_all = ["target", "filter"])]
    decisions: bool,
    /// The files hold inputs of kube-inject: writes `{"name", "output", "error", "warnings"}` for each line.
    #[arg(long, conflicts_with_all = ["target", "decisions"])]
    kube_inject: bool,
    /// Only records whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Where the answers go; standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How many differing records to show.
    #[arg(long, default_value_t = 10, value_name = "N")]
    show: usize,
    /// Format of the summary.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    match replay(args) {
        Ok(exit) => exit,
        Err((exit, message)) => ui::fail(exit, &message),
    }
}

/// Injects manifests as kube-inject does.
fn kube_inject(args: &Args, out: &mut dyn Write) -> Result<Exit, (Exit, String)> {
    let usage = |e: &dyn std::fmt::Display| (Exit::Usage, e.to_string());
    let (mut equal, mut recorded, mut left) = (0, 0, args.show);
    for file in &args.files {
        let recording = Recording::open(file, args.release, args.configs.as_deref()).map_err(|e| usage(&e))?;
        let wanted = |r: &&Record| args.filter.as_ref().is_none_or(|text| r.name.contains(text));
        for record in recording.records.iter().filter(wanted) {
            let answer = replay::inject_manually(&recording, record).map_err(|e| usage(&e))?;
            let mut line = Object::new();
            line.push("name", record.name.as_str());
            for (key, value) in answer.to_json() {
                line.push(key, value);
            }
            writeln!(out, "{}", Value::Object(line)).map_err(|e| usage(&e))?;
            if record.manual == ManualAnswer::default() {
                continue;
            }
            recorded += 1;
            if answer.agrees(&record.manual, record.random_env) {
                equal += 1;
            } else if left > 0 && args.output == Format::Text {
                left -= 1;
                let shown = |answer: &ManualAnswer| cut(&Value::Object(answer.to_json()).to_string(), 2000).to_string();
                let (was, is) = (shown(&record.manual), shown(&answer));
                summarise(
                    args,
                    &format!("{} (line {})\n  recorded: {was}\n  answered: {is}", record.name, record.line),
                );
            }
        }
    }
    out.flush().map_err(|e| usage(&e))?;
    summarise(args, &format!("replay: {equal}/{recorded} manifests agree"));
    Ok(if equal == recorded { Exit::Passed } else { Exit::Failed })
}

/// Decides again what was decided, line by line.
fn decisions(args: &Args, out: &mut dyn Write) -> Result<Exit, (Exit, String)> {
    let usage = |e: &dyn std::fmt::Display| (Exit::Usage, e.to_string());
    let (mut equal, mut recorded, mut left) = (0, 0, args.show);
    for file in &args.files {
        for decided in replay::decisions(file, args.release).map_err(|e| usage(&e))? {
            let members = [("line", Value::from(decided.line as i64)), ("required", decided.required.into())];
            let line = Value::Object(members.into_iter().collect()).to_string();
            writeln!(out, "{line}").map_err(|e| usage(&e))?;
            let Some(wanted) = decided.recorded else { continue };
            recorded += 1;
            if wanted == decided.required {
                equal += 1;
            } else if left > 0 && args.output == Format::Text {
                left -= 1;
                let place = format!("{}:{}", file.display(), decided.line);
                summarise(args, &format!("{place}: recorded {wanted}, decided {}", decided.required));
            }
        }
    }
    out.flush().map_err(|e| usage(&e))?;
    if args.output == Format::Json {
        let pair = [("all", Value::from(recorded)), ("equal", Value::from(equal))];
        let report = [("version", Value::from(1)), ("decisions", Value::Object(pair.into_iter().collect()))];
        summarise(args, &Value::Object(report.into_iter().collect()).to_string());
    }
    summarise(args, &format!("replay: {equal}/{recorded} decisions agree"));
    Ok(if equal == recorded { Exit::Passed } else { Exit::Failed })
}

fn replay(args: &Args) -> Result<Exit, (Exit, String)> {
    let usage = |e: &dyn std::fmt::Display| (Exit::Usage, e.to_string());
    let poster = match args.target.as_str() {
        "inproc" => None,
        url => Some(Poster::new(url, Duration::from_secs(10)).map_err(|e| usage(&e))?),
    };
    let mut out: Box<dyn Write> = match &args.out {
        Some(file) => Box::new(std::io::BufWriter::new(
            std::fs::File::create(file).map_err(|e| (Exit::Usage, format!("{}: {e}", file.display())))?,
        )),
        None => Box::new(std::io::BufWriter::new(std::io::stdout())),
    };
    if args.kube_inject {
        return kube_inject(args, &mut out);
    }
    if args.decisions {
        return decisions(args, &mut out);
    }
    let mut total = Tally::default();
    let (mut summaries, mut left, mut asked) = (Vec::new(), args.show, 0);
    for file in &args.files {
        let recording = Recording::open(file, args.release, args.configs.as_deref()).map_err(|e| usage(&e))?;
        let wanted = |r: &&Record| args.filter.as_ref().is_none_or(|text| r.name.contains(text));
        let selected: Vec<&Record> = recording.records.iter().filter(wanted).collect();
        asked += selected.len();
        let answers: Vec<Answer> = selected
            .par_iter()
            .map(|record| match &poster {
                None => replay::ask_simulator(&recording, record, &mut Trace::off()),
                Some(poster) => poster.post(record).map_err(|message| ReplayError {
                    file: file.clone(),
                    line: record.line,
                    message,
                }),
            })
            .collect::<Result<_, _>>()
            .map_err(|e| usage(&e))?;
        let mut tally = Tally::default();
        let mut differing = Vec::new();
        for (record, answer) in selected.iter().zip(&answers) {
            let (response, patched) = replay::describe(record, answer);
            let members = [("name", Value::from(record.name.as_str())), ("response", response), ("patched", patched)];
            let line = Value::Object(members.into_iter().collect()).to_string();
            writeln!(out, "{line}").map_err(|e| usage(&e))?;
            if !record.is_recorded() {
                continue;
            }
            let differences = replay::compare(record, answer);
            tally.add(record, &differences);
            if !differences.is_empty() {
                if left > 0 && args.output == Format::Text {
                    left -= 1;
                    summarise(args, &shown(record, &differences));
                }
                differing.push(described(record, &differences));
            }
        }
        if args.output == Format::Text {
            summarise(args, &format!("{}\n{}", file.display(), lines(&tally)));
        }
        let mut entry = tally_json(&tally);
        entry.insert("file", file.display().to_string());
        entry.insert("differing", Value::Array(differing));
        summaries.push(Value::Object(entry));
        total = total.merge(&tally);
    }
    out.flush().map_err(|e| usage(&e))?;
    if asked == 0 {
        return Err((Exit::Nothing, "no record is selected".into()));
    }
    if args.output == Format::Json {
        let mut report = Object::new();
        report.insert("version", 1);
        report.insert("total", tally_json(&total));
        report.insert("files", Value::Array(summaries));
        summarise(args, &Value::Object(report).to_string());
    }
    summarise(args, &format!("replay: {}/{} agree", total.equal, total.records));
    Ok(if total.equal == total.records { Exit::Passed } else { Exit::Failed })
}

/// The summary goes where the answers do not.
fn summarise(args: &Args, text: &str) {
    if args.out.is_some() { ui::print(text) } else { ui::warn(&text.trim_end()) }
}

fn shown(record: &Record, differences: &[Difference]) -> String {
    let mut text = format!("{} (line {}, {} {})\n", record.name, record.line, record.config, record.path);
    for d in differences {
        let place = if d.place.is_empty() { String::new() } else { format!(" at {}", d.place) };
        let (recorded, answered) = (cut(&d.recorded, 300), cut(&d.answered, 300));
        text.push_str(&format!("  {}{place}\n    recorded: {recorded}\n    answered: {answered}\n", d.aspect.name()));
    }
    text
}

fn described(record: &Record, differences: &[Difference]) -> Value {
    let mut entry = Object::new();
    entry.insert("name", record.name.as_str());
    entry.insert("line", record.line as i64);
    let list = differences.iter().map(|d| {
        let members =
            [("aspect", d.aspect.name()), ("place", &d.place), ("recorded", &d.recorded), ("answered", &d.answered)];
        Value::Object(members.into_iter().collect())
    });
    entry.insert("differences", Value::Array(list.collect()));
    Value::Object(entry)
}

fn lines(tally: &Tally) -> String {
    let share = |name: &str, (all, equal): (usize, usize)| format!("  {name:<14} {equal} of {all} equal\n");
    let mut text = share("records", (tally.records, tally.equal));
    text += &share("decisions", (tally.records, tally.decisions));
    text += &share("patched pods", tally.patched);
    text += &share("refusal texts", tally.texts);
    text += &format!("  {:<14} {} of {} with a clear error\n", "crashes", tally.crashes.1, tally.crashes.0);
    text
}

fn tally_json(tally: &Tally) -> Object {
    let pair = |(all, equal): (usize, usize)| {
        let members = [("all", all as i64), ("equal", equal as i64)];
        Value::Object(members.into_iter().collect())
    };
    let mut entry = Object::new();
    entry.insert("records", pair((tally.records, tally.equal)));
    entry.insert("decisions", pair((tally.records, tally.decisions)));
    entry.insert("patched", pair(tally.patched));
    entry.insert("refusalTexts", pair(tally.texts));
    entry.insert("crashes", pair(tally.crashes));
    entry
}
