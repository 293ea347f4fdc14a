//! What the suite thinks of an injector's behaviour in one case.

use std::time::Duration;

use conjector::simulate::Outcome;

use crate::compare::Failure;

/// The verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerdictKind {
    /// All is as expected.
    Pass,
    /// Something is not.
    Fail,
    /// What could be looked at is as expected, but the target does not show everything that the case asks for.
    NotSupported,
    /// The target cannot be given the case's configuration.
    UnreachableContext,
    /// The case could not be run: a broken file, a crash.
    Errored,
    /// The case took too long.
    Timeout,
}

impl VerdictKind {
    /// All verdicts.
    pub const ALL: [VerdictKind; 6] = [
        VerdictKind::Pass,
        VerdictKind::Fail,
        VerdictKind::NotSupported,
        VerdictKind::UnreachableContext,
        VerdictKind::Errored,
        VerdictKind::Timeout,
    ];

    /// The verdict as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            VerdictKind::Pass => "pass",
            VerdictKind::Fail => "fail",
            VerdictKind::NotSupported => "not-supported",
            VerdictKind::UnreachableContext => "unreachable-context",
            VerdictKind::Errored => "errored",
            VerdictKind::Timeout => "timeout",
        }
    }

    /// True for verdicts that make a run fail.
    pub fn is_bad(self) -> bool {
        matches!(self, VerdictKind::Fail | VerdictKind::Errored | VerdictKind::Timeout)
    }
}

/// The verdict on one case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The case's id.
    pub id: String,
    /// The verdict.
    pub kind: VerdictKind,
    /// What is not as expected.
    pub failures: Vec<Failure>,
    /// Why, where there is no failure to tell: an error text, what is not supported.
    pub note: String,
    /// What came, where the case ran.
    pub outcome: Option<Box<Outcome>>,
    /// How long it took.
    pub took: Duration,
}
