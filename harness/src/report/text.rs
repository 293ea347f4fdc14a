use std::fmt::Write;

use conjector::trace::{Step, Trace, Weight};

use super::{Counts, Run, diff};
use crate::verdict::{Verdict, VerdictKind};

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
}

impl Style {
    /// A text in a colour: an ANSI code such as `31`.
    pub fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn kind(self, kind: VerdictKind) -> String {
        let color = match kind {
            VerdictKind::Pass => "32",
            VerdictKind::NotSupported | VerdictKind::UnreachableContext => "33",
            _ => "31;1",
        };
        self.paint(color, &kind.name().to_uppercase())
    }
}

/// The lines of a diff that are shown at most.
const MAX_DIFF: usize = 60;

/// Everything about a verdict that is not a pass: what differs, the diff, the way there, how to run it again.
pub fn failure(verdict: &Verdict, style: Style, replay: &str) -> String {
    let mut out = String::new();
    _ = writeln!(out, "{} {}", style.kind(verdict.kind), style.paint("1", &verdict.id));
    if !verdict.note.is_empty() {
        _ = writeln!(out, "  {}", verdict.note.replace('\n', "\n  "));
    }
    for failure in &verdict.failures {
        _ = writeln!(out, "  {}: {}", style.paint("36", failure.aspect), failure.message);
        if let Some((expected, got)) = &failure.documents {
            let text = diff::unified(expected, got);
            let count = text.lines().count();
            for line in text.lines().take(MAX_DIFF) {
                let painted = match line.chars().next() {
                    Some('+') => style.paint("32", line),
                    Some('-') => style.paint("31", line),
                    Some('@') => style.paint("36", line),
                    _ => line.to_owned(),
                };
                _ = writeln!(out, "    {painted}");
            }
            if count > MAX_DIFF {
                _ = writeln!(out, "    … {} more lines", count - MAX_DIFF);
            }
        }
    }
    if let Some(outcome) = &verdict.outcome
        && verdict.kind.is_bad()
    {
        _ = writeln!(out, "  {}", style.paint("36", "trace"));
        out.push_str(&trace(&outcome.trace, style, "    "));
    }
    _ = writeln!(out, "  again: {replay}");
    out
}

/// The steps of a trace, one a line.
pub fn trace(trace: &Trace, style: Style, indent: &str) -> String {
    let mut out = String::new();
    for step in trace.steps() {
        _ = writeln!(out, "{indent}{}", line(step, style));
    }
    out
}

fn line(step: &Step, style: Style) -> String {
    let mark = match step.weight {
        Weight::Decisive => style.paint("1", "►"),
        Weight::Warning => style.paint("33", "!"),
        Weight::Note => " ".into(),
    };
    let subject = if step.subject.is_empty() { String::new() } else { format!("{}: ", step.subject) };
    format!("{mark} {:<7}{:<22} {subject}{}", step.stage.name(), step.code, step.text)
}

/// The last line of a run: how many of each verdict, and how long it took.
pub fn summary(run: &Run<'_>, style: Style) -> String {
    let counts = Counts::of(run.verdicts);
    let mut parts = Vec::new();
    for kind in VerdictKind::ALL {
        let count = counts.get(kind);
        if count > 0 || matches!(kind, VerdictKind::Pass | VerdictKind::Fail) {
            parts.push(format!("{} {count}", style.kind(kind)));
        }
    }
    let seconds = run.took.as_secs_f64();
    let rate = if seconds > 0.0 { run.verdicts.len() as f64 / seconds } else { 0.0 };
    format!(
        "{}  ({} cases in {seconds:.2}s, {rate:.0} a second, target {})",
        parts.join("  "),
        run.verdicts.len(),
        run.target
    )
}
