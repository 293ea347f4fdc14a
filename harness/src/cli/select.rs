//! Which cases a command is about.

use std::path::{Path, PathBuf};

use conjector::injector::release::Release;

use crate::case::{Case, CaseError, Files, Suite};
use crate::cli::Exit;

/// The arguments that select cases.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Scenario files, folders with `cases/`, or folders below one; without any, the built-in suite.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Only cases whose id is this or begins with it; `*` stands for anything.
    #[arg(long, value_name = "ID")]
    pub(super) filter: Vec<String>,
    /// Only cases of this release (`1.12`, `1.20.4`) or of releases in this range (`\">=1.9 <1.20\"`).
    #[arg(long, value_name = "RANGE", value_parser = range)]
    pub(super) release: Option<String>,
}

/// Reads a range of releases of the command line.
fn range(text: &str) -> Result<String, String> {
    match Release::all().iter().find_map(|release| release.is_in(text).err()) {
        Some(error) => Err(error.to_string()),
        None => Ok(text.to_owned()),
    }
}

/// A suite with the cases that are wanted.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) suite: Suite,
    filters: Vec<String>,
    release: Option<String>,
    /// Files below which the cases must be; empty for all.
    inside: Vec<String>,
    /// True when nothing of the suite is left out.
    pub(super) is_whole: bool,
}

impl Selection {
    /// Reads the suite.
    pub(super) fn load(&self) -> Result<Selected, (Exit, String)> {
        let failed = |e: &dyn std::fmt::Display| (Exit::Usage, e.to_string());
        let mut inside = Vec::new();
        let mut roots: Vec<Files> = Vec::new();
        for path in &self.paths {
            if path.is_dir() && path.join("cases").is_dir() {
                roots.push(Files::read(path).map_err(|e| failed(&e))?);
                continue;
            }
            let (files, own) = if path.is_dir() {
                Files::folder(path).map_err(|e| failed(&e))?
            } else {
                Files::around(path).map_err(|e| (Exit::Usage, format!("{}: {e}{}", path.display(), id_hint(path))))?
            };
            inside.push(own);
            if !roots.iter().any(|r| r.root() == files.root()) {
                roots.push(files);
            }
        }
        let files = match roots.len() {
            0 => Files::embedded(conjector::suite::FILES),
            1 => roots.remove(0),
            _ => return Err((Exit::Usage, "the paths belong to several suites; run them one after the other".into())),
        };
        let is_whole = inside.is_empty() && self.filter.is_empty() && self.release.is_none();
        let (filters, release) = (self.filter.clone(), self.release.clone());
        Ok(Selected { suite: Suite::load(files), filters, release, inside, is_whole })
    }
}

impl Selected {
    /// The entries that are wanted. Files that could not be read are always among them, unless another file is asked
    /// for.
    pub(super) fn entries(&self) -> Vec<&Result<Case, CaseError>> {
        let wanted = |entry: &&Result<Case, CaseError>| {
            let (id, file) = match entry {
                Ok(case) => (case.id.as_str(), case.file.as_str()),
                Err(error) => (error.id(), error.file.as_str()),
            };
            let in_file =
                self.inside.is_empty() || self.inside.iter().any(|i| file == i || file.starts_with(&format!("{i}/")));
            let of_release = match (entry, &self.release) {
                (Ok(case), Some(wanted)) => is_of(case.scenario.release, wanted),
                _ => true,
            };
            in_file && of_release && (self.filters.is_empty() || self.filters.iter().any(|f| matches(f, id)))
        };
        self.suite.entries.iter().filter(wanted).collect()
    }

    /// Why nothing is selected, with the ids that come near.
    pub(super) fn nothing(&self) -> String {
        let of = self.release.as_ref().map(|release| format!(" of release {release}")).unwrap_or_default();
        let Some(filter) = self.filters.first() else { return format!("there are no cases{of}") };
        if self.suite.cases().any(|c| self.filters.iter().any(|f| matches(f, &c.id))) {
            return format!("no case that matches {filter:?} is{of}");
        }
        let near = self.suite.cases().map(|c| c.id.as_str()).min_by_key(|id| conjector::advice::distance(id, filter));
        let hint = near.map(|id| format!("; the nearest is {id}")).unwrap_or_default();
        format!("no case matches {filter:?}{hint}")
    }
}

/// What to write instead of a path that is no file but names cases of the built-in suite.
fn id_hint(path: &Path) -> String {
    let id = path.to_string_lossy();
    let named = |file: &str| file.strip_prefix("cases/").is_some_and(|f| f.starts_with(id.as_ref()));
    match !path.exists() && conjector::suite::FILES.iter().any(|(file, _)| named(file)) {
        true => format!("\n  hint: cases of the built-in suite are chosen by id: --filter {id}"),
        false => String::new(),
    }
}

/// Whether a release is the wanted one, or lies in the wanted range.
fn is_of(release: &Release, wanted: &str) -> bool {
    release.is_in(wanted) == Ok(true) || Release::find(wanted).is_ok_and(|named| named == release)
}

/// Whether an id is the pattern or begins with it; `*` stands for anything. A pattern with values in brackets takes all
/// ids of its file that have these values.
fn matches(pattern: &str, id: &str) -> bool {
    if let (Some((stem, wanted)), Some((file, values))) = (variant(pattern), variant(id))
        && !stem.contains('*')
    {
        return stem == file && wanted.split(',').all(|pair| values.split(',').any(|value| value == pair));
    }
    if !pattern.contains('*') {
        let rest = id.strip_prefix(pattern);
        return rest.is_some_and(|rest| rest.is_empty() || pattern.ends_with('/') || rest.starts_with(['/', '[']));
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| id.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// An id's file and its values, without the brackets.
fn variant(id: &str) -> Option<(&str, &str)> {
    id.strip_suffix(']')?.split_once('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        for (pattern, id, want) in [
            ("decision", "decision/label", true),
            ("decision/", "decision/label", true),
            ("decision/label", "decision/label[value=true]", true),
            ("decision/lab", "decision/label", false),
            ("*/label*", "decision/label[value=true]", true),
            ("*value=true*", "decision/label[value=true]", true),
            ("probes/*", "decision/label", false),
            ("a", "a[release=1.9,value=true]", true),
            ("a[release=1.9]", "a[release=1.9,value=true]", true),
            ("a[value=true,release=1.9]", "a[release=1.9,value=true]", true),
            ("a[release=1.9]", "a[release=1.9.4]", false),
            ("a[release=1.9]", "b[release=1.9]", false),
            ("a[release=1.9]", "a", false),
            ("*[release=1.9]", "a[release=1.9]", true),
        ] {
            assert_eq!(matches(pattern, id), want, "{pattern} {id}");
        }
    }

    #[test]
    fn releases() {
        for (wanted, want) in
            [("1.20", true), ("1.20.6", true), ("1.20.4", false), (">=1.19 <1.21", true), (">1.20", false)]
        {
            let release = Release::find("1.20.5").unwrap();
            assert_eq!(is_of(release, wanted), want, "{wanted}");
        }
        assert!(range(">=1.9 1.x").is_err() && range("1.99").is_ok());
    }
}
