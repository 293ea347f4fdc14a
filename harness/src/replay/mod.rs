//! Recorded requests and answers of a real injector: reads them, asks again, compares.
//!
//! A recording is a file of JSON lines; beside it, `configs/NAME/{config.yaml,values.json,mesh.yaml}` hold the
//! injector's configurations. The fields of a line are those of [`Record`].

mod compare;
mod decisions;
mod manual;
mod record;

pub use compare::{Aspect, Difference, compare, describe};
pub use decisions::{DecisionLine, decisions};
pub use manual::{ManualAnswer, inject_manually};
pub use record::{Record, Recording, ReplayError};

use std::path::Path;

use conjector::injector::release::Release;
use conjector::injector::webhook::{self, Answer};
use conjector::trace::Trace;

/// How many records agree, by what is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records in all.
    pub records: usize,
    /// Records in which everything agrees.
    pub equal: usize,
    /// Records in which the decision agrees: status, allowed, patch or none, crash.
    pub decisions: usize,
    /// Records with a patched pod, and those in which it agrees.
    pub patched: (usize, usize),
    /// Refusals (`allowed: false`), and those with the same text.
    pub texts: (usize, usize),
    /// Crashes of the recorded injector, and those for which there is a clear error.
    pub crashes: (usize, usize),
}

impl Tally {
    /// Counts one record with the differences that were found.
    pub fn add(&mut self, record: &Record, differences: &[Difference]) {
        let agrees = |aspect| usize::from(!differences.iter().any(|d| d.aspect == aspect));
        self.records += 1;
        self.equal += usize::from(differences.is_empty());
        self.decisions += agrees(Aspect::Decision);
        if record.has_patched() {
            self.patched.0 += 1;
            self.patched.1 += agrees(Aspect::Patched) & agrees(Aspect::Decision);
        }
        if record.is_refusal() {
            self.texts.0 += 1;
            self.texts.1 += agrees(Aspect::Text) & agrees(Aspect::Decision);
        }
        if record.is_crash() {
            self.crashes.0 += 1;
            self.crashes.1 += agrees(Aspect::Decision);
        }
    }

    /// Adds another tally.
    pub fn merge(mut self, other: &Tally) -> Tally {
        let pair = |a: &mut (usize, usize), b: (usize, usize)| *a = (a.0 + b.0, a.1 + b.1);
        self.records += other.records;
        self.equal += other.equal;
        self.decisions += other.decisions;
        pair(&mut self.patched, other.patched);
        pair(&mut self.texts, other.texts);
        pair(&mut self.crashes, other.crashes);
        self
    }
}

/// The release that a recording's folder is named after.
fn release_of_folder(file: &Path) -> Option<&'static Release> {
    let folder = file.parent().unwrap_or(Path::new(".")).file_name()?.to_str()?;
    Release::find(folder).ok()
}

/// Asks the built-in injector again, with the configuration that the record names.
pub fn ask_simulator(recording: &Recording, record: &Record, trace: &mut Trace) -> Result<Answer, ReplayError> {
    let config = recording.config(record)?;
    let process = recording.process(record, &config);
    Ok(webhook::answer(&process, &record.path, &record.content_type, &record.body, trace))
}
