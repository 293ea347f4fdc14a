//! Recorded answers of real injectors against the simulator, held at the best score reached so far
//! (`recordings.json`, which only rises). See `tests/corpus/` of the library for where the recordings are.

mod floors;

use std::path::Path;
use std::process::ExitCode;

use conjector::trace::Trace;
use conjector_harness::replay::{self, Recording, Tally};
use floors::Score;

fn main() -> ExitCode {
    floors::main("recordings.json", include_str!("recordings.json"), score)
}

/// How many records agree, and how many there are.
fn score(file: &Path) -> Result<Score, String> {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("decisions") => {
            let lines = replay::decisions(file, None).map_err(|e| e.to_string())?;
            let equal = lines.iter().filter(|line| line.recorded == Some(line.required)).count();
            Ok(Score { equal, all: lines.len(), first: None })
        }
        Some("kube-inject") => {
            let recording = Recording::open(file, None, None).map_err(|e| e.to_string())?;
            let mut equal = 0;
            for record in &recording.records {
                let answer = replay::inject_manually(&recording, record).map_err(|e| e.to_string())?;
                equal += usize::from(answer.agrees(&record.manual, record.random_env));
            }
            Ok(Score { equal, all: recording.records.len(), first: None })
        }
        _ => reviews(file),
    }
}

fn reviews(file: &Path) -> Result<Score, String> {
    let recording = Recording::open(file, None, None).map_err(|e| e.to_string())?;
    let mut tally = Tally::default();
    for record in &recording.records {
        let answer = replay::ask_simulator(&recording, record, &mut Trace::off()).map_err(|e| e.to_string())?;
        tally.add(record, &replay::compare(record, &answer));
    }
    Ok(Score { equal: tally.equal, all: tally.records, first: None })
}
