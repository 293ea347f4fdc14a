//! Runs cases in parallel. One broken case is one verdict; the run always goes on.

mod goldens;
mod helper;

pub use goldens::{GoldenError, Goldens};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use conjector::go::json::Value;
use conjector::simulate::{self, Injector};
use rayon::prelude::*;

use crate::case::{Case, CaseError};
use crate::compare::{self, Context};
use crate::verdict::{Verdict, VerdictKind};

/// The longest time for one case, where nothing else is said: far more than any case needs.
pub const CASE_LIMIT: Duration = Duration::from_secs(60);

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
    let (own, injector, golden) = (case.clone(), target.injector.clone(), golden.cloned());
    match helper::within(limit, move || judge_here(&own, &*injector, golden.as_ref())) {
        Ok(Some(verdict)) => verdict,
        Ok(None) => Verdict {
            kind: VerdictKind::Timeout,
            ..errored(&case.id, format!("no answer within {limit:?}"), started.elapsed())
        },
        Err(error) => errored(&case.id, format!("no thread for the case: {error}"), started.elapsed()),
    }
}

fn judge_here(case: &Case, injector: &dyn Injector, golden: Option<&Value>) -> Verdict {
    let started = Instant::now();
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let outcome = match simulate::run(&case.scenario, injector) {
            Ok(outcome) => outcome,
            Err(message) => {
                let kind = VerdictKind::UnreachableContext;
                return Verdict { kind, ..errored(&case.id, message, started.elapsed()) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Files, Suite};
    use conjector::simulate::{Call, Reply, Simulator};

    /// Panics for one pod, never answers for another, and is the simulator for all others.
    struct Moody;

    impl Injector for Moody {
        fn review(&self, call: &Call<'_>) -> Reply {
            match call.scenario.id.as_str() {
                "panics" => panic!("no such pod"),
                "sleeps" => std::thread::sleep(Duration::from_secs(60)),
                _ => {}
            }
            Simulator.review(call)
        }
    }

    /// Bad cases are verdicts of their own, in the order of the cases, and the run goes on.
    #[test]
    fn one_broken_case_is_one_verdict() {
        let good = |id: &str| {
            let given = "{namespace: {metadata: {labels: {istio-injection: enabled}}}, \
                         object: {metadata: {name: web}, spec: {containers: [{name: app, image: a}]}}}";
            let head = "apiVersion: conjector/v1\nkind: InjectionCase\ntitle: t\n";
            (format!("cases/{id}.yaml"), format!("{head}id: {id}\ngiven: {given}\nexpect: {{outcome: injected}}\n"))
        };
        let mut texts: Vec<(String, String)> = ["fine", "panics", "sleeps", "well"].map(good).into();
        texts.push(("cases/broken.yaml".into(), "[".into()));
        texts.sort();
        let leak = |text: &String| -> &'static str { Box::leak(text.clone().into_boxed_str()) };
        let files: Vec<(&'static str, &'static str)> = texts.iter().map(|(p, t)| (leak(p), leak(t))).collect();
        let suite = Suite::load(Files::embedded(&files));
        let entries: Vec<_> = suite.entries.iter().collect();
        let target = Target { injector: Arc::new(Moody), limit: Some(Duration::from_secs(3)) };
        let started = Instant::now();
        let verdicts = run(&entries, &target, &Goldens::default(), &|_| {});
        let kinds: Vec<_> = verdicts.iter().map(|v| (v.id.as_str(), v.kind)).collect();
        use VerdictKind::{Errored, Pass, Timeout};
        let wanted = [("broken", Errored), ("fine", Pass), ("panics", Errored), ("sleeps", Timeout), ("well", Pass)];
        assert_eq!(kinds, wanted);
        assert!(verdicts[2].note.contains("no such pod"), "{}", verdicts[2].note);
        assert!(started.elapsed() < Duration::from_secs(50));
    }
}
