//! matchConditions.

use std::fmt;

use super::Attributes;
use crate::go::json::Value;
use crate::k8s::Authorizer;
use crate::k8s::served::Served;

/// The matchConditions of a webhook.
#[derive(Clone, Debug)]
pub(super) struct Conditions(Vec<Condition>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub name: String,
    pub expression: String,
}

/// What they came to.
#[expect(dead_code, reason = "evaluated with the next step")]
pub(super) enum Checked<'a> {
    /// All are true.
    Holds,
    /// This is the first that is false; errors of others do not count then.
    False(&'a Condition),
    /// None is false, but these failed.
    Fails(Failing),
    /// This build cannot say.
    Unknown,
}

/// The errors of failed conditions.
pub(super) struct Failing(Vec<String>);

/// One alone, several in brackets, each text once.
impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            all => write!(f, "[{}]", all.join(", ")),
        }
    }
}

impl Conditions {
    /// Reads `matchConditions`.
    pub(super) fn read(conditions: &Value) -> Conditions {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let condition = |c: &Value| Condition { name: text(&c["name"]), expression: text(&c["expression"]) };
        Conditions(conditions.items().iter().map(condition).collect())
    }

    /// Evaluates all of them.
    pub(super) fn check(&self, _: &Attributes<'_>, _: Option<&Served>, _: Authorizer) -> Checked<'_> {
        if self.0.is_empty() { Checked::Holds } else { Checked::Unknown }
    }
}
