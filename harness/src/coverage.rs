//! Which requirements the cases of a suite cover, by their refs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::case::Suite;

/// One thing that somebody needs to be so.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// What refs of cases call it.
    pub id: &'static str,
    /// A scenario of the suite decides it; others are about templates, tools or texts.
    pub is_case: bool,
    /// What has to be shown.
    pub text: &'static str,
}

/// All requirements, in the order of the list.
pub fn requirements() -> impl Iterator<Item = Requirement> {
    include_str!("coverage/requirements.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Requirement { id: fields.next()?, is_case: fields.next()? == "case", text: fields.next()? })
    })
}

/// What a suite covers.
#[derive(Debug, Default)]
pub struct Coverage {
    /// For each folder: how many cases it has, and the requirements that they name.
    pub folders: BTreeMap<String, (usize, BTreeSet<String>)>,
    /// Requirements that a scenario decides and no case names.
    pub missing: Vec<Requirement>,
    /// Refs that look like requirements, but are none, with the case's file.
    pub unknown: BTreeSet<(String, String)>,
}

/// True for refs that have the form of a requirement's id: `S0-01`, `K5`, `B-31`.
fn is_id(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let numbers = rest.trim_matches('-');
    rest.len() < text.len() && !numbers.is_empty() && numbers.chars().all(|c| c.is_ascii_digit() || c == '-')
}

impl Coverage {
    /// Looks through the refs of a suite's cases.
    pub fn of(suite: &Suite) -> Coverage {
        let known: BTreeSet<&str> = requirements().map(|r| r.id).collect();
        let mut coverage = Coverage::default();
        let mut covered = BTreeSet::new();
        for case in suite.cases() {
            let folder = case.id.split('/').next().unwrap_or_default();
            let (count, ids) = coverage.folders.entry(folder.to_owned()).or_default();
            *count += 1;
            for reference in case.refs.iter().filter(|r| is_id(r)) {
                if known.contains(reference.as_str()) {
                    ids.insert(reference.clone());
                    covered.insert(reference.clone());
                } else {
                    coverage.unknown.insert((case.file.clone(), reference.clone()));
                }
            }
        }
        coverage.missing = requirements().filter(|r| r.is_case && !covered.contains(r.id)).collect();
        coverage
    }

    /// The table of `cases/README.md`.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| folder | covers |\n| --- | --- |\n");
        for (folder, (_, ids)) in &self.folders {
            // In the order of the list, not of the letters.
            let ids: Vec<&str> = requirements().map(|r| r.id).filter(|id| ids.contains(*id)).collect();
            _ = writeln!(text, "| `{folder}` | {} |", if ids.is_empty() { "–".to_owned() } else { ranges(&ids) });
        }
        let (all, missing) = (requirements().filter(|r| r.is_case).count(), self.missing.len());
        _ = writeln!(text, "\n{} of {all} requirements that a scenario decides are covered.", all - missing);
        for requirement in &self.missing {
            _ = writeln!(text, "* {}: {}", requirement.id, requirement.text);
        }
        text
    }
}

/// `S0-01, S0-02, S0-03, S0-05` as `S0-01…03, S0-05`.
fn ranges(ids: &[&str]) -> String {
    let split = |id: &str| -> Option<(String, u32)> {
        let at = id.find('-')?;
        Some((id[..=at].to_owned(), id[at + 1..].parse().ok()?))
    };
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut last: Option<(String, u32)> = None;
    for id in ids {
        let this = split(id);
        let follows = matches!((&last, &this), (Some((a, n)), Some((b, m))) if a == b && n + 1 == *m);
        match parts.last_mut() {
            Some((_, end)) if follows => *end = id[id.find('-').map_or(0, |at| at + 1)..].to_owned(),
            _ => parts.push(((*id).to_owned(), String::new())),
        }
        last = this;
    }
    let text =
        |(first, end): &(String, String)| if end.is_empty() { first.clone() } else { format!("{first}…{end}") };
    parts.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Files;

    #[test]
    fn ids_and_ranges() {
        for (text, expected) in [("S0-01", true), ("K5", true), ("B-31", true), ("istio/istio#1", false), ("S", false)]
        {
            assert_eq!(is_id(text), expected, "{text}");
        }
        assert_eq!(ranges(&["S0-01", "S0-02", "S0-03", "S0-05", "K1", "K2"]), "S0-01…03, S0-05, K1, K2");
        let ids: BTreeSet<_> = requirements().map(|r| r.id).collect();
        assert_eq!(ids.len(), requirements().count(), "an id twice");
        assert!(requirements().all(|r| is_id(r.id) && !r.text.is_empty()));
    }

    /// The table in `cases/README.md` is what `conjector list --coverage` prints, and no ref is invented.
    #[test]
    fn the_table_is_current() {
        let coverage = Coverage::of(&Suite::load(Files::embedded(conjector::suite::FILES)));
        assert!(coverage.unknown.is_empty(), "refs that are no requirements: {:#?}", coverage.unknown);
        let readme = include_str!("../../cases/README.md");
        let table = readme.split("<!-- coverage -->\n").nth(1).unwrap_or_default();
        assert!(table == coverage.markdown(), "cases/README.md is to hold:\n{}", coverage.markdown());
    }
}
