use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Run;
use crate::verdict::{Verdict, VerdictKind};

/// A run as JUnit XML: one test case a case, in a suite a folder.
///
/// Errors: none in practice; those of the XML writer.
pub fn report(run: &Run<'_>) -> Result<String, String> {
    let mut report = Report::new("conjector");
    report.set_time(run.took);
    let mut suites: Vec<TestSuite> = Vec::new();
    for verdict in run.verdicts {
        let (folder, name) = verdict.id.split_once('/').unwrap_or(("", &verdict.id));
        if suites.last().is_none_or(|s| s.name.as_str() != folder) {
            suites.push(TestSuite::new(folder));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(verdict, name));
        }
    }
    report.add_test_suites(suites);
    report.to_string().map_err(|e| e.to_string())
}

fn case(verdict: &Verdict, name: &str) -> TestCase {
    let mut status = match verdict.kind {
        VerdictKind::Pass => TestCaseStatus::success(),
        VerdictKind::NotSupported | VerdictKind::UnreachableContext => TestCaseStatus::skipped(),
        VerdictKind::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        VerdictKind::Errored | VerdictKind::Timeout => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if verdict.kind != VerdictKind::Pass {
        let lines: Vec<String> = verdict.failures.iter().map(|f| format!("{}: {}", f.aspect, f.message)).collect();
        let message = lines.first().cloned().unwrap_or_else(|| verdict.note.clone());
        status.set_message(message).set_type(verdict.kind.name());
        if lines.len() > 1 {
            status.set_description(lines.join("\n"));
        }
    }
    let mut case = TestCase::new(name, status);
    case.set_time(verdict.took);
    case
}
