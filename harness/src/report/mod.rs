//! Verdicts for people and programs.

mod diff;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod text;

pub use json::{VERSION, report as json};
#[cfg(feature = "junit")]
pub use junit::report as junit;
pub use text::{Style, failure, summary, trace};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::verdict::{Verdict, VerdictKind};

/// How many verdicts of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<VerdictKind, usize>);

impl Counts {
    /// Counts verdicts.
    pub fn of(verdicts: &[Verdict]) -> Counts {
        let mut counts = BTreeMap::new();
        for verdict in verdicts {
            *counts.entry(verdict.kind).or_default() += 1;
        }
        Counts(counts)
    }

    /// How many of one kind.
    pub fn get(&self, kind: VerdictKind) -> usize {
        self.0.get(&kind).copied().unwrap_or(0)
    }

    /// True when nothing makes the run fail.
    pub fn is_good(&self) -> bool {
        !self.0.iter().any(|(kind, count)| kind.is_bad() && *count > 0)
    }
}

/// A whole run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What was judged, for the heading.
    pub target: &'a str,
    /// The verdicts in the order of the cases.
    pub verdicts: &'a [Verdict],
    /// How long it took.
    pub took: Duration,
}
