use std::path::PathBuf;

use conjector::go::json::{Object, Value};
use conjector::injector::release::Release;
use conjector::trace::Trace;
use rayon::prelude::*;

use crate::cli::Exit;
use crate::replay::{self, Difference, Record, Recording, Tally};
use crate::text::cut;
use crate::ui::{self, Format};

/// Sends recorded AdmissionReviews to an injector again and compares the answers with the recorded ones.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  conjector replay recorded/1.30.3/cases.jsonl\n  conjector replay --release 1.30 --show 5 requests.jsonl\n  conjector replay -o json cases.jsonl generated.jsonl")]
pub(super) struct Args {
    /// Files of JSON lines, each with its configurations in `configs/` beside it.
    #[arg(required = true, value_name = "FILE.jsonl")]
    files: Vec<PathBuf>,
    /// The release to simulate; without it, that of the file's folder.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
    /// Only records whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How many differing records to show.
    #[arg(long, default_value_t = 10, value_name = "N")]
    show: usize,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    let mut total = Tally::default();
    let mut files = Vec::new();
    let mut left = args.show;
    for file in &args.files {
        let recording = match Recording::open(file, args.release) {
            Ok(recording) => recording,
            Err(error) => return ui::fail(Exit::Usage, &error),
        };
        let selected: Vec<&Record> =
            recording.records.iter().filter(|r| args.filter.as_ref().is_none_or(|text| r.name.contains(text))).collect();
        let results: Vec<_> = selected
            .par_iter()
            .map(|record| {
                let answer = replay::ask_simulator(&recording, record, &mut Trace::off())?;
                Ok((*record, replay::compare(record, &answer)))
            })
            .collect::<Result<_, replay::ReplayError>>()
            .unwrap_or_else(|error| {
                ui::fail(Exit::Usage, &error);
                Vec::new()
            });
        if results.len() != selected.len() {
            return Exit::Usage;
        }
        let mut tally = Tally::default();
        for (record, differences) in &results {
            tally.add(record, differences);
            if !differences.is_empty() && left > 0 && args.output == Format::Text {
                left -= 1;
                show(record, differences);
            }
        }
        if args.output == Format::Text {
            ui::print(&format!("{}\n{}", file.display(), lines(&tally)));
        } else {
            let differing = results.iter().filter(|(_, d)| !d.is_empty()).map(|(r, d)| differing(r, d)).collect();
            let mut entry = tally_json(&tally);
            entry.insert("file", file.display().to_string());
            entry.insert("differing", Value::Array(differing));
            files.push(Value::Object(entry));
        }
        total = total.merge(&tally);
    }
    if total.records == 0 {
        return ui::fail(Exit::Nothing, &"no record is selected");
    }
    if args.output == Format::Json {
        let mut report = Object::new();
        report.insert("version", 1);
        report.insert("total", tally_json(&total));
        report.insert("files", Value::Array(files));
        ui::print(&Value::Object(report).to_string());
    }
    if total.equal == total.records { Exit::Passed } else { Exit::Failed }
}

fn show(record: &Record, differences: &[Difference]) {
    let mut text = format!("{} (line {}, {} {})\n", record.name, record.line, record.config, record.path);
    for d in differences {
        let place = if d.place.is_empty() { String::new() } else { format!(" at {}", d.place) };
        text.push_str(&format!("  {}{place}\n    recorded: {}\n    answered: {}\n", d.aspect.name(), cut(&d.recorded, 300), cut(&d.answered, 300)));
    }
    ui::print(&text);
}

fn differing(record: &Record, differences: &[Difference]) -> Value {
    let mut entry = Object::new();
    entry.insert("name", record.name.as_str());
    entry.insert("line", record.line as i64);
    let list = differences.iter().map(|d| {
        let members = [("aspect", d.aspect.name()), ("place", &d.place), ("recorded", &d.recorded), ("answered", &d.answered)];
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
