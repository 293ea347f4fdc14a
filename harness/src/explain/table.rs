use conjector::simulate::OutcomeKind;

use super::Explanation;
use crate::report::Style;

const HEADING: [&str; 5] = ["NAMESPACE", "OBJECT", "OUTCOME", "REASONS", "LOOK AT"];

/// A row a workload: namespace, object, outcome, deciding codes, codes of slips.
pub fn table(explanations: &[Explanation], style: Style) -> String {
    let row = |explanation: &Explanation| {
        let slips: Vec<&str> = explanation.slips.iter().map(|slip| slip.code).collect();
        let or_none = |codes: Vec<&str>| if codes.is_empty() { "-".to_owned() } else { codes.join(",") };
        [
            explanation.namespace.clone(),
            explanation.title.clone(),
            explanation.outcome.kind.name().to_owned(),
            or_none(explanation.outcome.trace.reasons()),
            or_none(slips),
        ]
    };
    let rows: Vec<[String; 5]> = explanations.iter().map(row).collect();
    let width = |i: usize| rows.iter().map(|r| r[i].len()).chain([HEADING[i].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADING.len()).map(width).collect();
    let line = |cells: [&str; 5], paint: &dyn Fn(&str) -> String| {
        let mut line = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let padded = format!("{cell:<width$}   ", width = widths[i]);
            line += &if i == 2 { paint(&padded) } else { padded };
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut out = line(HEADING, &str::to_owned);
    for (row, explanation) in rows.iter().zip(explanations) {
        let color = if explanation.outcome.kind == OutcomeKind::Injected { "32" } else { "33" };
        out += &line(row.each_ref().map(String::as_str), &|cell| style.paint(color, cell).to_string());
    }
    out
}
