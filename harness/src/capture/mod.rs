//! From a situation to a scenario file: what a dump and a manifest, or a recorded AdmissionReview, show becomes one
//! self-contained case, without secrets and with only what its outcome depends on.
//!
//! [`given`] collects, [`redact`] takes out secrets and what the API server adds, [`minimise`] drops what the outcome
//! does not need, by trying, [`file`] writes it down.

mod file;
mod given;
mod minimise;
mod redact;

pub use file::{File, text};
pub use given::{Situation, given};
pub use minimise::{Minimised, minimise};
pub use redact::redact;

use conjector::advice;
use conjector::go::json::Value;
use conjector::scenario::Scenario;
use conjector::simulate::{self, Outcome, OutcomeKind, Simulator};

use crate::case::given_to_scenario;

/// What of an outcome a smaller scenario must keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The kind.
    pub outcome: OutcomeKind,
    /// The webhooks that are called.
    pub called: Vec<String>,
    /// The deciding codes.
    pub reasons: Vec<&'static str>,
    /// The codes of what looks like a slip: what somebody may have meant is part of the report.
    pub slips: Vec<&'static str>,
    /// The refusal's message.
    pub message: Option<String>,
    /// Values at places of the admitted object.
    pub places: Vec<(String, Value)>,
}

impl Kept {
    /// What an outcome shows, with the values at the given JSON pointers of the admitted object.
    fn of(scenario: &Scenario, outcome: &Outcome, places: &[String]) -> Kept {
        let mut reasons = outcome.trace.reasons();
        reasons.sort_unstable();
        let mut slips: Vec<_> = advice::slips(scenario, outcome).iter().map(|slip| slip.code).collect();
        slips.sort_unstable();
        slips.dedup();
        Kept {
            outcome: outcome.kind,
            called: outcome.called.iter().map(|c| format!("{}/{}", c.configuration, c.webhook)).collect(),
            reasons,
            slips,
            message: outcome.refusal.as_ref().map(|r| r.message.clone()),
            places: places
                .iter()
                .map(|place| {
                    (place.clone(), crate::compare::lookup(&outcome.object, place).cloned().unwrap_or_default())
                })
                .collect(),
        }
    }

    /// What comes of a `given` tree.
    ///
    /// Errors: a tree that makes no scenario.
    pub fn by(given: &Value, places: &[String]) -> Result<Kept, String> {
        let scenario = given_to_scenario("capture", given)?;
        Ok(Kept::of(&scenario, &simulate::run(&scenario, &Simulator)?, places))
    }
}
