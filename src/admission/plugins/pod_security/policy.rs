use std::fmt;

use crate::go::json::Value;
use crate::go::strconv::quote;

/// How strict a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything is allowed.
    Privileged,
    /// Known ways out of a container are not.
    Baseline,
    /// Only what is considered good practice is allowed.
    Restricted,
}

impl Level {
    const NAMES: [(&'static str, Level); 3] =
        [("privileged", Level::Privileged), ("baseline", Level::Baseline), ("restricted", Level::Restricted)];

    /// Reads a level.
    pub fn parse(text: &str) -> Option<Level> {
        Level::NAMES.iter().find(|(name, _)| *name == text).map(|(_, level)| *level)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Level::NAMES[*self as usize].0)
    }
}

/// A version of the policies: a minor version of Kubernetes, or the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(Option<u32>);

impl Version {
    /// The latest.
    pub const LATEST: Version = Version(None);

    /// Reads `latest` or `v1.N`.
    pub fn parse(text: &str) -> Option<Version> {
        if text == "latest" {
            return Some(Version::LATEST);
        }
        let minor = text.strip_prefix("v1.")?;
        let is_number = minor == "0" || (!minor.starts_with('0') && minor.bytes().all(|b| b.is_ascii_digit()));
        minor.parse().ok().filter(|_| is_number).map(|minor| Version(Some(minor)))
    }

    /// The minor version; that of the latest is the highest.
    pub(super) fn minor(self) -> u32 {
        self.0.unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(minor) => write!(f, "v1.{minor}"),
            None => f.write_str("latest"),
        }
    }
}

/// A level at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

/// What a namespace wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is refused.
    pub enforce: Wanted,
    /// What is written to the audit log.
    pub audit: Wanted,
    /// What the client is warned of.
    pub warn: Wanted,
}

impl Policy {
    /// The policy in a namespace's labels, and what is wrong with these. What cannot be read is enforced as the
    /// strictest level, but neither audited nor warned of.
    pub fn of(labels: &Value) -> (Policy, Vec<String>) {
        let mut errors = Vec::new();
        let plain = Wanted { level: Level::Privileged, version: Version::LATEST };
        let mut policy = Policy { enforce: plain, audit: plain, warn: plain };
        let label = |mode: &str, end: &str| {
            let key = format!("{}{mode}{end}", super::PREFIX);
            labels[key.as_str()].as_str().map(|text| (key, text))
        };
        let mut enforced = false;
        for mode in ["enforce", "audit", "warn"] {
            let wanted = match mode {
                "enforce" => &mut policy.enforce,
                "audit" => &mut policy.audit,
                _ => &mut policy.warn,
            };
            let mut wrong = |key: String, text: &str, what: &str| {
                errors.push(format!("metadata.labels[{key}]: Invalid value: {}: {what}", quote(text)));
            };
            if let Some((key, text)) = label(mode, "") {
                match Level::parse(text) {
                    Some(level) => {
                        wanted.level = level;
                        enforced |= mode == "enforce";
                    }
                    None => {
                        wanted.level = if mode == "enforce" { Level::Restricted } else { Level::Privileged };
                        wrong(key, text, "must be one of privileged, baseline, restricted");
                    }
                }
            }
            if let Some((key, text)) = label(mode, "-version") {
                match Version::parse(text) {
                    Some(version) => wanted.version = version,
                    None => {
                        wanted.version = Version::LATEST;
                        wrong(key, text, "must be \"latest\" or \"v1.x\"");
                    }
                }
            }
        }
        // What is refused is also warned of: it matters for the templates of pods.
        if enforced && label("warn", "").is_none() && policy.enforce.level > policy.warn.level {
            policy.warn.level = policy.enforce.level;
            if label("warn", "-version").is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        (policy, errors)
    }

    /// True where nothing is checked at all.
    pub(super) fn is_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn].iter().all(|wanted| wanted.level == Level::Privileged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;

    #[test]
    fn labels_make_the_policy() {
        let of = |text: &str| Policy::of(&json::parse(text).unwrap());
        let (policy, errors) = of(r#"{"pod-security.kubernetes.io/enforce":"baseline"}"#);
        assert_eq!(
            (policy.enforce.to_string(), policy.warn.to_string()),
            ("baseline:latest".into(), "baseline:latest".into())
        );
        assert!(errors.is_empty());
        let (policy, errors) =
            of(r#"{"pod-security.kubernetes.io/enforce":"x","pod-security.kubernetes.io/warn-version":"v1.24"}"#);
        assert_eq!(
            (policy.enforce.to_string(), policy.warn.to_string()),
            ("restricted:latest".into(), "privileged:v1.24".into())
        );
        assert_eq!(
            errors,
            [
                "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\": must be one of privileged, baseline, restricted"
            ]
        );
        assert_eq!(Version::parse("v1.01"), None);
        assert_eq!(Version::parse("v1.24").map(|v| v.to_string()), Some("v1.24".into()));
    }
}
