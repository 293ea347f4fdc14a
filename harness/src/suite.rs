//! Running a suite as tests: one entry for `harness = false`, one for a plain `#[test]`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use conjector::go::json::Value;
use conjector::simulate::{self, Injector};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::{Case, CaseError, Files, Suite};
use crate::report::{self, Style};
use crate::run::{self, Goldens, Target};
use crate::verdict::{Verdict, VerdictKind};

/// A suite with the injector that it judges.
///
/// The goldens of a suite in a folder are written by `CONJECTOR_UPDATE_GOLDENS=1 cargo test --test suite`, never in CI.
///
/// ```no_run
/// use conjector::simulate::Simulator;
/// use conjector_harness::Harness;
///
/// // In tests/suite.rs of a target with `harness = false`:
/// fn main() -> std::process::ExitCode {
///     Harness::builtin(Simulator).main()
/// }
/// ```
pub struct Harness {
    files: Result<Files, String>,
    target: Target,
    prefixes: Vec<String>,
}

impl Harness {
    /// The built-in suite.
    pub fn builtin(injector: impl Injector + 'static) -> Harness {
        Harness::with(Ok(Files::embedded(conjector::suite::FILES)), injector)
    }

    /// The suite in a folder with `cases/` and perhaps `golden/`. A folder that cannot be read is a failing test.
    pub fn folder(folder: impl AsRef<Path>, injector: impl Injector + 'static) -> Harness {
        Harness::with(Files::read(folder.as_ref()).map_err(|e| e.to_string()), injector)
    }

    fn with(files: Result<Files, String>, injector: impl Injector + 'static) -> Harness {
        let target = Target { injector: Arc::new(injector), limit: None };
        Harness { files, target, prefixes: Vec::new() }
    }

    /// Only cases whose id begins with one of the prefixes.
    pub fn only(mut self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Harness {
        self.prefixes.extend(prefixes.into_iter().map(Into::into));
        self
    }

    /// The longest time for one case; a case that takes longer is a failure, and the run goes on.
    pub fn limit(mut self, limit: Duration) -> Harness {
        self.target.limit = Some(limit);
        self
    }

    fn is_wanted(&self, id: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|p| id.starts_with(p))
    }

    /// With `CONJECTOR_UPDATE_GOLDENS=1`, the golden of a case is written before it is compared with.
    fn golden(&self, case: &Case, goldens: &Goldens) -> Result<Option<Value>, String> {
        let asked = std::env::var_os("CONJECTOR_UPDATE_GOLDENS").is_some_and(|v| v == "1");
        if !asked || !case.expect.golden {
            return Ok(goldens.get(&case.id).cloned());
        }
        let outcome = simulate::run(&case.scenario, &*self.target.injector)?;
        let root = self.files.as_ref().ok().and_then(Files::root);
        Goldens::write(root, &case.id, &outcome.object).map_err(|e| e.to_string())?;
        Ok(Some(outcome.object))
    }

    /// Runs as a test program: one test a case, with the usual arguments (filters, `--list`, …).
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let harness = Arc::new(self);
        let files = match &harness.files {
            Ok(files) => files.clone(),
            Err(error) => {
                let error = error.clone();
                let trial = Trial::test("suite", move || Err(Failed::from(error)));
                return libtest_mimic::run(&arguments, vec![trial]).exit_code();
            }
        };
        let suite = Arc::new(Suite::load(files));
        let goldens = Arc::new(Goldens::load(&suite.files));
        let mut trials = Vec::new();
        for (i, entry) in suite.entries.iter().enumerate() {
            let id = entry.as_ref().map_or_else(|e| e.id().to_owned(), |case| case.id.clone());
            if !harness.is_wanted(&id) {
                continue;
            }
            let (harness, suite, goldens) = (harness.clone(), suite.clone(), goldens.clone());
            trials.push(Trial::test(id, move || harness.check_entry(&suite.entries[i], &goldens)));
        }
        if harness.prefixes.is_empty() {
            let (suite, goldens) = (suite.clone(), goldens.clone());
            trials.push(Trial::test("goldens", move || check_goldens(&suite, &goldens).map_err(Failed::from)));
        } else if trials.is_empty() {
            let message = format!("no case begins with {}", harness.prefixes.join(" or "));
            trials.push(Trial::test("selection", move || Err(Failed::from(message))));
        }
        libtest_mimic::run(&arguments, trials).exit_code()
    }

    fn check_entry(&self, entry: &Result<Case, CaseError>, goldens: &Goldens) -> Result<(), Failed> {
        let case = entry.as_ref().map_err(|e| e.to_string())?;
        let golden = self.golden(case, goldens)?;
        let verdict = run::judge(case, &self.target, golden.as_ref());
        match verdict.kind {
            VerdictKind::Pass | VerdictKind::NotSupported => Ok(()),
            _ => Err(describe(&verdict).into()),
        }
    }

    /// Runs everything inside one test.
    ///
    /// # Panics
    ///
    /// With a report when a case is not as expected, or when no case is selected.
    pub fn assert(self) {
        let files = match &self.files {
            Ok(files) => files.clone(),
            Err(error) => panic!("{error}"),
        };
        let suite = Suite::load(files);
        let goldens = Goldens::load(&suite.files);
        let entries: Vec<_> = suite
            .entries
            .iter()
            .filter(|e| self.is_wanted(e.as_ref().map_or_else(|error| error.id(), |case| &case.id)))
            .collect();
        assert!(!entries.is_empty(), "no case is selected");
        let verdicts = run::run(&entries, &self.target, &goldens, &|_| {});
        let bad: Vec<String> = verdicts
            .iter()
            .filter(|v| v.kind.is_bad() || v.kind == VerdictKind::UnreachableContext)
            .map(describe)
            .collect();
        assert!(bad.is_empty(), "{} of {} cases are not as expected:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
    }
}

fn describe(verdict: &Verdict) -> String {
    report::failure(verdict, Style { color: false }, &format!("cargo test -- '{}'", verdict.id))
}

fn check_goldens(suite: &Suite, goldens: &Goldens) -> Result<(), String> {
    let problems: Vec<String> =
        goldens.unused(suite).iter().chain(&goldens.broken).map(std::string::ToString::to_string).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}
