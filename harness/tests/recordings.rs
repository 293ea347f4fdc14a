//! Recorded answers of real injectors against the simulator, held at the best score reached so far
//! (`recordings.json`, which only rises). See `tests/corpora.rs` of the library for where the recordings are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conjector::go::json;
use conjector::trace::Trace;
use conjector_harness::replay::{self, Recording, Tally};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let demanded = std::env::var_os("CONJECTOR_CORPUS").filter(|v| !v.is_empty());
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let root = demanded.as_ref().map_or_else(default, PathBuf::from).join("injector");
    let floors = json::parse(include_str!("recordings.json")).expect("harness/tests/recordings.json");
    let trials = floors.as_object().into_iter().flat_map(json::Object::iter).map(|(name, floor)| {
        let file = root.join(name.as_str());
        let ignored = demanded.is_none() && !file.exists();
        let floor = usize::try_from(floor.as_i64().unwrap_or(0)).unwrap_or(0);
        Trial::test(format!("recordings/{name}"), move || check(&file, floor)).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// How many records agree, and how many there are.
fn tally(file: &Path) -> Result<(usize, usize), String> {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("decisions") => {
            let lines = replay::decisions(file, None).map_err(|e| e.to_string())?;
            Ok((lines.iter().filter(|line| line.recorded == Some(line.required)).count(), lines.len()))
        }
        Some("kube-inject") => {
            let recording = Recording::open(file, None, None).map_err(|e| e.to_string())?;
            let mut equal = 0;
            for record in &recording.records {
                let answer = replay::inject_manually(&recording, record).map_err(|e| e.to_string())?;
                equal += usize::from(answer.agrees(&record.manual, record.random_env));
            }
            Ok((equal, recording.records.len()))
        }
        _ => reviews(file),
    }
}

fn reviews(file: &Path) -> Result<(usize, usize), String> {
    let recording = Recording::open(file, None, None).map_err(|e| e.to_string())?;
    let mut tally = Tally::default();
    for record in &recording.records {
        let answer = replay::ask_simulator(&recording, record, &mut Trace::off()).map_err(|e| e.to_string())?;
        tally.add(record, &replay::compare(record, &answer));
    }
    Ok((tally.equal, tally.records))
}

fn check(file: &Path, floor: usize) -> Result<(), Failed> {
    let (equal, all) = tally(file)?;
    match equal.cmp(&floor) {
        std::cmp::Ordering::Less => Err(format!("{equal} of {all} agree, but {floor} did before").into()),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => {
            Err(format!("{equal} of {all} agree: raise harness/tests/recordings.json").into())
        }
    }
}
