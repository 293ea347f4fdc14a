use std::fmt::Write;

use conjector::simulate::OutcomeKind;

use super::Explanation;
use super::advice::advice;
use crate::report::{self, Style};

/// An explanation for people: outcome, reasons, slips, changes with their commands, and the way step by step.
pub fn text(explanation: &Explanation, style: Style) -> String {
    let mut out = String::new();
    let Explanation { title, namespace, outcome, .. } = explanation;
    let color = if outcome.kind == OutcomeKind::Injected { "32;1" } else { "33;1" };
    let headline = style.paint(color, explanation.headline());
    _ = writeln!(out, "{} in namespace {namespace}: {headline}", style.paint("1", title));
    if let Some(refusal) = &outcome.refusal {
        _ = writeln!(out, "  message: {}", refusal.message.trim_end().replace('\n', "\n  "));
    }
    out += "because\n";
    for step in explanation.deciding() {
        let subject = if step.subject.is_empty() { String::new() } else { format!(" ({})", step.subject) };
        let text = step.text.trim_end().replace('\n', "\n    ");
        _ = writeln!(out, "  {}: {text}{subject}", style.paint("36", step.code));
    }
    if !explanation.slips.is_empty() {
        out += "look at\n";
    }
    for slip in &explanation.slips {
        _ = writeln!(out, "  {} ({}): {}", style.paint("33", slip.code), slip.subject, slip.text);
    }
    let advice: Vec<&str> = advice(explanation).collect();
    if !advice.is_empty() || !explanation.changes.is_empty() {
        out += match outcome.kind {
            OutcomeKind::Injected => "what would end injection\n",
            _ => "what would bring injection\n",
        };
    }
    for change in &explanation.changes {
        _ = writeln!(out, "  - {change}");
        for command in explanation.commands(change) {
            _ = writeln!(out, "      {}", style.paint("2", &command));
        }
    }
    for line in advice {
        _ = writeln!(out, "  - {line}");
    }
    out += "step by step\n";
    out += &report::trace(&outcome.trace, style, "  ");
    out
}
