//! Semantic versions.
//!
//! Source: github.com/blang/semver v4, `Parse`; apiserver 1.36, normalisation.

use std::cmp::Ordering;

use super::kubernetes::Opaque;
use super::{Function, costs};
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::strconv::{self, quote};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "semver", signatures: "(string)semver (string,bool)semver", run: semver, cost: costs::read },
    Function { name: "isSemver", signatures: "(string)bool (string,bool)bool", run: is_semver, cost: costs::read },
    Function { name: "major", signatures: "@(semver)int", run: |args| part(args, 0), cost: costs::one },
    Function { name: "minor", signatures: "@(semver)int", run: |args| part(args, 1), cost: costs::one },
    Function { name: "patch", signatures: "@(semver)int", run: |args| part(args, 2), cost: costs::one },
];

/// A version; what follows `+` plays no part.
#[derive(Clone, Debug)]
pub(in crate::admission::cel) struct Version {
    numbers: [u64; 3],
    pre: Vec<Identifier>,
}

#[derive(Clone, Debug)]
enum Identifier {
    Number(u64),
    Text(String),
}

impl Version {
    fn parse(text: &str) -> Result<Version, String> {
        if text.is_empty() {
            return Err("Version string empty".into());
        }
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let [major, minor, patch] = parts[..] else { return Err("No Major.Minor.Patch elements found".into()) };
        let number = |what: &str, text: &str| -> Result<u64, String> {
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return Err(match what {
                    _ if text.is_empty() => strconv::number_error("ParseUint", text, "invalid syntax"),
                    _ => format!("Invalid character(s) found in {what} number {}", quote(text)),
                });
            }
            if text.len() > 1 && text.starts_with('0') {
                return Err(format!("{} number must not contain leading zeroes {}", capital(what), quote(text)));
            }
            strconv::parse_uint(text, 10, 64).map_err(|(_, error)| error)
        };
        let major = number("major", major)?;
        let minor = number("minor", minor)?;
        let (patch, build) = patch.split_once('+').map_or((patch, None), |(p, b)| (p, Some(b)));
        let (patch, pre) = patch.split_once('-').map_or((patch, None), |(p, r)| (p, Some(r)));
        let patch = number("patch", patch)?;
        let pre = pre.map(|pre| pre.split('.').map(identifier).collect()).transpose()?.unwrap_or_default();
        for part in build.into_iter().flat_map(|build| build.split('.')) {
            if part.is_empty() {
                return Err("Build meta data is empty".into());
            }
            if !part.bytes().all(is_identifier) {
                return Err(format!("Invalid character(s) found in build meta data {}", quote(part)));
            }
        }
        Ok(Version { numbers: [major, minor, patch], pre })
    }

    /// Without `v`, leading zeros and with missing parts as zeros.
    fn normalised(text: &str) -> Result<Version, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(str::to_owned).collect();
        for part in parts.iter_mut().filter(|part| part.len() > 1) {
            let trimmed = part.trim_start_matches('0');
            *part = match trimmed.starts_with(|c: char| c.is_ascii_digit()) {
                true => trimmed.to_owned(),
                false => format!("0{trimmed}"),
            };
        }
        if parts.len() < 3 {
            if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
                return Err("short version cannot contain PreRelease/Build meta data".into());
            }
            parts.resize(3, "0".into());
        }
        Version::parse(&parts.join("."))
    }

    pub(in crate::admission::cel) fn cmp(&self, other: &Version) -> Ordering {
        let order = |a: &Identifier, b: &Identifier| match (a, b) {
            (Identifier::Number(a), Identifier::Number(b)) => a.cmp(b),
            (Identifier::Number(_), Identifier::Text(_)) => Ordering::Less,
            (Identifier::Text(_), Identifier::Number(_)) => Ordering::Greater,
            (Identifier::Text(a), Identifier::Text(b)) => a.cmp(b),
        };
        // One without a pre-release is later than any with one.
        let pre = || match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                let first = self.pre.iter().zip(&other.pre).map(|(a, b)| order(a, b)).find(|o| o.is_ne());
                first.unwrap_or_else(|| self.pre.len().cmp(&other.pre.len()))
            }
        };
        self.numbers.cmp(&other.numbers).then_with(pre)
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn is_identifier(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-'
}

fn identifier(text: &str) -> Result<Identifier, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".into());
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!("Numeric PreRelease version must not contain leading zeroes {}", quote(text)));
        }
        return strconv::parse_uint(text, 10, 64).map(Identifier::Number).map_err(|(_, error)| error);
    }
    if !text.bytes().all(is_identifier) {
        return Err(format!("Invalid character(s) found in prerelease {}", quote(text)));
    }
    Ok(Identifier::Text(text.to_owned()))
}

fn read(args: &[Val<'_>]) -> Result<Result<Version, String>, Failure> {
    match args {
        [Val::String(text)] | [Val::String(text), Val::Bool(false)] => Ok(Version::parse(text)),
        [Val::String(text), Val::Bool(true)] => Ok(Version::normalised(text)),
        _ => Err(Failure::overload()),
    }
}

fn semver<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    read(args)?.map(|version| Val::opaque(Opaque::Semver(version))).map_err(Failure::new)
}

fn is_semver<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    Ok(Val::Bool(read(args)?.is_ok()))
}

fn part<'a>(args: &[Val<'a>], place: usize) -> Outcome<'a> {
    match args {
        [Val::Opaque(opaque)] => match &**opaque {
            Opaque::Semver(version) => Ok(Val::Int(version.numbers[place] as i64)),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}
