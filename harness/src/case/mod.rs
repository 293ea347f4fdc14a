//! Scenario files: read, checked, expanded to concrete cases.
//!
//! A file holds one `InjectionCase`; presets, a matrix and a table make many concrete cases of it. Every problem has its
//! place in the file, and a broken file never hides another one.

mod build;
mod cells;
mod error;
mod expand;
mod expect;
mod files;
mod merge;
mod network;
mod schema;
mod sweep;
#[cfg(test)]
mod tests;

pub use build::{context_of, given_to_scenario};
pub use error::CaseError;
pub use expect::{Check, ErrorExpectation, Expect, Law, PatchExpectation};
pub use files::Files;
pub use schema::{CHECKS, config_keys};

use std::sync::Arc;

use conjector::scenario::Scenario;

/// How much a case matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Every injector must do this.
    Must,
    /// It should.
    Should,
    /// It may.
    May,
    /// For information.
    Info,
}

impl Tier {
    /// The tier as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Must => "must",
            Tier::Should => "should",
            Tier::May => "may",
            Tier::Info => "info",
        }
    }
}

/// One concrete case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's id with the variant: `decision/label[value=true]`.
    pub id: String,
    /// What it shows, in one sentence.
    pub title: String,
    /// The file, relative to the suite.
    pub file: String,
    /// Bugs, requirements, documents.
    pub refs: Vec<String>,
    /// How much it matters.
    pub tier: Tier,
    /// What a target must be able to do.
    pub features: Vec<String>,
    /// The situation.
    pub scenario: Arc<Scenario>,
    /// What must come of it.
    pub expect: Expect,
    /// Which configuration the injectors of the scenario have; equal for cases that one running injector can answer.
    pub context: String,
}

/// A suite: all cases of all files, and the goldens.
#[derive(Debug)]
pub struct Suite {
    /// Cases in the order of their ids; what could not be read is an error in its place.
    pub entries: Vec<Result<Case, CaseError>>,
    /// The files that it was read from.
    pub files: Files,
}

impl Suite {
    /// Reads all scenario files below `cases/`.
    pub fn load(files: Files) -> Suite {
        let mut entries = expand::cases(&files);
        let mut seen: std::collections::HashMap<String, String> = std::collections::HashMap::new();
        for entry in &mut entries {
            let Ok(case) = entry else { continue };
            // Goldens and URLs are made of ids, on file systems that may ignore case.
            if let Some(other) = seen.insert(case.id.to_lowercase(), case.file.clone()) {
                *entry = Err(CaseError::new(&case.file, format!("the id {} is already used in {other}", case.id)));
            }
        }
        Suite { entries, files }
    }

    /// The cases that could be read.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.entries.iter().filter_map(|e| e.as_ref().ok())
    }
}
