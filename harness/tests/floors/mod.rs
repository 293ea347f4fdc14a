//! Recordings that are held at the best score reached so far, which only rises.

use std::cmp::Ordering;
use std::path::Path;
use std::process::ExitCode;

use conjector::go::json;
use libtest_mimic::{Arguments, Failed, Trial};

#[path = "../../../tests/corpus/mod.rs"]
mod corpus;

/// What a test finds in a recording.
#[derive(Default)]
pub struct Score {
    pub equal: usize,
    pub all: usize,
    /// The first that is not equal, where it has a name.
    pub first: Option<String>,
}

/// Runs a test a recording: `floors` is the text of a file next to this one called `file` that says how many are equal
/// in each.
pub fn main(file: &'static str, floors: &str, score: fn(&Path) -> Result<Score, String>) -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = corpus::Corpus::find(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let floors = json::parse(floors).expect(file);
    let trials = floors.as_object().into_iter().flat_map(json::Object::iter).map(|(name, floor)| {
        let path = corpus.root.join("injector").join(name.as_str());
        let ignored = corpus.may_miss(&path);
        let floor = usize::try_from(floor.as_i64().unwrap_or(0)).unwrap_or(0);
        let test = move || hold(score(&path)?, floor, file);
        Trial::test(format!("{}/{name}", file.trim_end_matches(".json")), test).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn hold(Score { equal, all, first }: Score, floor: usize, file: &str) -> Result<(), Failed> {
    let first = first.map(|first| format!("; the first that does not is {first}")).unwrap_or_default();
    match equal.cmp(&floor) {
        Ordering::Less => Err(format!("{equal} of {all} agree, but {floor} did before{first}").into()),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(format!("{equal} of {all} agree: raise harness/tests/{file}").into()),
    }
}
