//! Runs cases in parallel. One broken case is one verdict; the run always goes on.

mod goldens;

pub use goldens::{GoldenError, Goldens};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use conjector::go::json::Value;
use conjector::simulate::{self, CallFailureKind, Injector};
use rayon::prelude::*;

use crate::case::{Case, CaseError};
use crate::compare::{self, Context};
use crate::verdict::{Verdict, VerdictKind};

/// Who is judged.
#[derive(Clone)]
pub struct Target {
    /// What answers.
    pub injector: Arc<dyn Injector>,
    /// The longest time for one case. Cases of a target with a limit run in threads of their own; one that does not
    /// come back is left behind.
    pub limit: Option<Duration>,
}

/// Runs all cases; `seen` is told each verdict as it comes, from many threads. The verdicts are in the order of the
/// cases.
pub fn run(
    entries: &[&Result<Case, CaseError>],
    target: &Target,
    goldens: &Goldens,
    seen: &(dyn Fn(&Verdict) + Sync),
) -> Vec<Verdict> {
    entries
        .par_iter()
        .map(|entry| {
            let verdict = match entry {
                Ok(case) => judge(case, target, goldens.get(&case.id)),
                Err(error) => errored(error.id(), error.to_string(), Duration::ZERO),
            };
            seen(&verdict);
            verdict
        })
        .collect()
}

fn errored(id: &str, note: String, took: Duration) -> Verdict {
    Verdict { id: id.to_owned(), kind: VerdictKind::Errored, failures: Vec::new(), note, outcome: None, took }
}

/// Judges one case.
pub fn judge(case: &Case, target: &Target, golden: Option<&Value>) -> Verdict {
    let Some(limit) = target.limit else { return judge_here(case, &*target.injector, golden) };
    let started = Instant::now();
    let (send, receive) = mpsc::channel();
    let (own, injector, golden) = (case.clone(), target.injector.clone(), golden.cloned());
    let spawned = std::thread::Builder::new().name(case.id.clone()).spawn(move || {
        // The receiver is gone when the case came too late.
        _ = send.send(judge_here(&own, &*injector, golden.as_ref()));
    });
    if let Err(error) = spawned {
        return errored(&case.id, format!("no thread for the case: {error}"), started.elapsed());
    }
    receive.recv_timeout(limit).unwrap_or_else(|_| Verdict {
        kind: VerdictKind::Timeout,
        ..errored(&case.id, format!("no answer within {limit:?}"), started.elapsed())
    })
}

fn judge_here(case: &Case, injector: &dyn Injector, golden: Option<&Value>) -> Verdict {
    let started = Instant::now();
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let outcome = match simulate::run(&case.scenario, injector) {
            Ok(outcome) => outcome,
            Err(failure) => {
                let kind = match failure.kind {
                    CallFailureKind::Context => VerdictKind::UnreachableContext,
                    _ => VerdictKind::Errored,
                };
                return Verdict { kind, ..errored(&case.id, failure.message, started.elapsed()) };
            }
        };
        let comparison = compare::compare(&Context { case, outcome: &outcome, golden, injector });
        let (kind, note) = match (comparison.failures.is_empty(), comparison.not_supported.is_empty()) {
            (false, _) => (VerdictKind::Fail, String::new()),
            (true, false) => (
                VerdictKind::NotSupported,
                format!("the target does not show: {}", comparison.not_supported.join(", ")),
            ),
            (true, true) => (VerdictKind::Pass, String::new()),
        };
        Verdict {
            id: case.id.clone(),
            kind,
            failures: comparison.failures,
            note,
            outcome: Some(Box::new(outcome)),
            took: started.elapsed(),
        }
    }));
    judged.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
        errored(&case.id, format!("the injector panicked: {text}"), started.elapsed())
    })
}
