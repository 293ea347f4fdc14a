//! Releases of the injector: every difference between them is a switch, and every release is a row.
//!
//! Nothing else in the house compares versions: code asks a named switch. A new release is a new row in `table.rs`,
//! usually its predecessor's switches with the changed ones written over.

mod list_patch;
mod manual;
mod switches;
mod table;

use std::fmt;

pub use list_patch::{
    AddedLabel, FsGroup, Hold, KubeInject, ListPatch, OwnerLookup, PathVariables, ProbePort, ProbeRules, ReadsValues,
    Reviews,
};
pub use manual::{Manual, Notices, PassesOver, Separators, YamlLibrary};
pub use switches::{Engine, InjectValues, NativeDetection, OpenShift, Owners, SidecarUser, Switches, UrlForm};
use table::RELEASES;

/// One release of the injector, with what it does differently.
#[derive(Debug)]
pub struct Release {
    /// `MAJOR.MINOR.PATCH`
    pub name: &'static str,
    /// The version as numbers, for ranges and order only.
    version: [u16; 3],
    /// What this release does.
    pub switches: Switches,
}

/// A release that is not in the table, or a range that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRelease(String);

impl fmt::Display for UnknownRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown release {:?} (known: ", self.0)?;
        match numbers(&self.0).and_then(|n| newest(&n[..2])) {
            Some(newest) => write!(f, "{} to {newest})", newest.line()),
            None => write!(f, "{} to {})", RELEASES[0].line(), Release::latest()),
        }
    }
}

impl std::error::Error for UnknownRelease {}

/// `1.30` or `1.30.3` as numbers.
fn numbers(text: &str) -> Option<Vec<u16>> {
    let parts: Vec<u16> = text.trim().split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    (2..=3).contains(&parts.len()).then_some(parts)
}

/// The newest release of a line.
fn newest(line: &[u16]) -> Option<&'static Release> {
    RELEASES.iter().rfind(|r| r.version.starts_with(line))
}

/// `MAJOR.MINOR.PATCH` as numbers, while compiling.
const fn parse(name: &str) -> [u16; 3] {
    let bytes = name.as_bytes();
    let (mut version, mut part, mut i) = ([0; 3], 0, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'.' => part += 1,
            digit => version[part] = version[part] * 10 + (digit - b'0') as u16,
        }
        i += 1;
    }
    version
}

impl Release {
    const fn new(name: &'static str, switches: Switches) -> Release {
        Release { name, version: parse(name), switches }
    }

    /// All releases of the table, oldest first: the first and the newest of each line, and those between that changed
    /// something.
    pub fn all() -> &'static [Release] {
        RELEASES
    }

    /// The newest release of each line, oldest first.
    pub fn lines() -> impl Iterator<Item = &'static Release> {
        RELEASES
            .iter()
            .enumerate()
            .filter(|(i, r)| RELEASES.get(i + 1).is_none_or(|n| n.line() != r.line()))
            .map(|(_, r)| r)
    }

    /// The newest release in the table.
    pub fn latest() -> &'static Release {
        &RELEASES[RELEASES.len() - 1]
    }

    /// `MAJOR.MINOR`
    pub fn line(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(line, _)| line)
    }

    /// True when templates have names in the configuration (1.9 on); before, there is one `template`.
    pub fn names_templates(&self) -> bool {
        matches!(self.switches.engine, Engine::Overlay)
    }

    /// The release called `MAJOR.MINOR.PATCH`, or the row that stands for it: the last one before it in its line.
    /// Without the patch, the newest one of that line.
    pub fn find(name: &str) -> Result<&'static Release, UnknownRelease> {
        let unknown = || UnknownRelease(name.to_owned());
        let wanted = numbers(name).ok_or_else(unknown)?;
        let newest = newest(&wanted[..2]).ok_or_else(unknown)?;
        if wanted.len() == 2 {
            return Ok(newest);
        }
        if newest.version[..] < wanted[..] {
            return Err(unknown());
        }
        RELEASES.iter().rfind(|r| r.version[..2] == wanted[..2] && r.version[..] <= wanted[..]).ok_or_else(unknown)
    }

    /// True when the release lies in `range`: comparisons (`>=1.12`, `<1.27`, `=1.30`, `1.30`) joined by commas or
    /// blanks, all of which must hold. A bound without a patch speaks of the whole line.
    ///
    /// Errors: a range that cannot be read.
    pub fn is_in(&self, range: &str) -> Result<bool, UnknownRelease> {
        let mut any = false;
        for part in range.split([',', ' ']).filter(|p| !p.is_empty()) {
            any = true;
            let at = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let bound = numbers(&part[at..]).ok_or_else(|| UnknownRelease(range.to_owned()))?;
            let ours = &self.version[..bound.len()];
            let holds = match &part[..at] {
                "" | "=" | "==" => ours == bound,
                ">=" => ours >= &bound[..],
                ">" => ours > &bound[..],
                "<=" => ours <= &bound[..],
                "<" => ours < &bound[..],
                "!=" => ours != bound,
                _ => return Err(UnknownRelease(range.to_owned())),
            };
            if !holds {
                return Ok(false);
            }
        }
        if any { Ok(true) } else { Err(UnknownRelease(range.to_owned())) }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Release) -> bool {
        self.version == other.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ranges() {
        for (name, want) in [
            ("1.30", "1.30.3"),
            ("1.30.0", "1.30.0"),
            ("1.30.3", "1.30.3"),
            ("1.20.6", "1.20.5"),
            ("1.20.7", "1.20.7"),
            ("1.0", "1.0.9"),
        ] {
            assert_eq!(Release::find(name).unwrap().name, want, "{name}");
        }
        for (name, want) in [
            ("2.0", "unknown release \"2.0\" (known: 1.0 to 1.30.3)"),
            ("1.20.9", "unknown release \"1.20.9\" (known: 1.20 to 1.20.8)"),
            ("x", "unknown release \"x\" (known: 1.0 to 1.30.3)"),
        ] {
            assert_eq!(Release::find(name).unwrap_err().to_string(), want);
        }
        let release = Release::find("1.30.3").unwrap();
        for (range, want) in
            [(">=1.12", true), (">=1.12,<1.30", false), ("1.30", true), ("<=1.30 >1.27", true), ("=1.30.0", false)]
        {
            assert_eq!(release.is_in(range), Ok(want), "{range}");
        }
        assert!(release.is_in("~1.2").is_err() && release.is_in("").is_err());
    }

    #[test]
    fn rows_are_in_order() {
        assert!(RELEASES.is_sorted_by(|a, b| a.version < b.version));
        let lines: Vec<_> = Release::lines().map(Release::line).collect();
        assert_eq!(lines, (0..lines.len()).map(|minor| format!("1.{minor}")).collect::<Vec<_>>());
        for line in lines {
            assert!(RELEASES.iter().any(|r| r.name == format!("{line}.0")), "{line}");
        }
    }
}
