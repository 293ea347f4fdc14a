//! Label selectors: read once, matched against labels.
//!
//! ```
//! use conjector::go::json;
//! use conjector::k8s::labels::Selector;
//!
//! let selector = json::parse(r#"{"matchExpressions":[{"key":"a","operator":"NotIn","values":["x"]}]}"#).unwrap();
//! let selector = Selector::parse(&selector).unwrap();
//! assert!(selector.matches(|_| None));
//! assert!(!selector.matches(|key| (key == "a").then_some("x")));
//! ```

use std::fmt;

use super::names;
use crate::go::json::{self, Value};
use crate::go::strconv::quote;

/// A selector, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// No selector at all: matches nothing.
    nothing: bool,
    requirements: Vec<Requirement>,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// The operator.
    pub operator: Operator,
    /// The values, for `In` and `NotIn`.
    pub values: Vec<String>,
}

/// The operators of a LabelSelector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is there with one of the values.
    In,
    /// The label is missing or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is missing.
    DoesNotExist,
}

/// A selector that apimachinery refuses, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError(String);

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SelectorError {}

impl Selector {
    /// Reads a LabelSelector as `LabelSelectorAsSelector` does: null matches nothing, an empty one everything.
    ///
    /// Errors: an unknown operator, values that do not go with it, an invalid key or value.
    pub fn parse(selector: &Value) -> Result<Selector, SelectorError> {
        if selector.is_null() {
            return Ok(Selector { nothing: true, requirements: Vec::new() });
        }
        let mut requirements = Vec::new();
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        if let Some(labels) = selector["matchLabels"].as_object() {
            for (key, value) in labels.sorted() {
                let requirement =
                    Requirement { key: key.to_string(), operator: Operator::In, values: vec![text(value)] };
                requirements.push(requirement.checked(false)?);
            }
        }
        for expression in selector["matchExpressions"].items() {
            let operator = match expression["operator"].as_str().unwrap_or_default() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(SelectorError(format!("{} is not a valid label selector operator", quote(other)))),
            };
            let values = expression["values"].items().iter().map(text).collect();
            let requirement = Requirement { key: text(&expression["key"]), operator, values };
            requirements.push(requirement.checked(expression["values"].is_null())?);
        }
        Ok(Selector { nothing: false, requirements })
    }

    /// True for a selector without requirements, which matches everything (and not for none at all).
    pub fn is_empty(&self) -> bool {
        !self.nothing && self.requirements.is_empty()
    }

    /// The requirements, all of which must hold.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Matches against labels, looked up by key.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        !self.nothing && self.requirements.iter().all(|r| r.matches(label(&r.key)))
    }

    /// Matches against a JSON object of labels; null counts as no labels.
    pub fn matches_value(&self, labels: &Value) -> bool {
        self.matches(|key| labels.get(key).and_then(Value::as_str))
    }
}

impl Requirement {
    /// True when the label's value (or its absence) fulfils the requirement.
    pub fn matches(&self, value: Option<&str>) -> bool {
        match self.operator {
            Operator::In => value.is_some_and(|v| self.values.iter().any(|w| w == v)),
            Operator::NotIn => value.is_none_or(|v| !self.values.iter().any(|w| w == v)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }

    fn checked(self, null_values: bool) -> Result<Requirement, SelectorError> {
        let mut errors = Vec::new();
        let key_errors = names::qualified_name(&self.key);
        if !key_errors.is_empty() {
            errors.push(format!("key: Invalid value: {}: {}", quote(&self.key), key_errors.join("; ")));
        }
        let values = || match null_values {
            true => "null".to_owned(),
            false => json::to_string(&self.values.iter().map(|v| Value::from(v.as_str())).collect::<Vec<_>>().into()),
        };
        match self.operator {
            Operator::In | Operator::NotIn if self.values.is_empty() => {
                errors.push(format!(
                    "values: Invalid value: {}: for 'in', 'notin' operators, values set can't be empty",
                    values()
                ));
            }
            Operator::Exists | Operator::DoesNotExist if !self.values.is_empty() => {
                errors.push(format!(
                    "values: Invalid value: {}: values set must be empty for exists and does not exist",
                    values()
                ));
            }
            _ => {}
        }
        for (i, value) in self.values.iter().enumerate() {
            let value_errors = names::label_value(value);
            if !value_errors.is_empty() {
                errors.push(format!(
                    "values[{i}][{}]: Invalid value: {}: {}",
                    self.key,
                    quote(value),
                    value_errors.join("; ")
                ));
            }
        }
        match errors.len() {
            0 => Ok(self),
            1 => Err(SelectorError(errors.remove(0))),
            _ => Err(SelectorError(format!("[{}]", errors.join(", ")))),
        }
    }
}

/// Why-text for people: `key in (a,b)`, `key notin (a)`, `key`, `!key`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Operator::In => write!(f, "{} in ({})", self.key, self.values.join(",")),
            Operator::NotIn => write!(f, "{} notin ({})", self.key, self.values.join(",")),
            Operator::Exists => f.write_str(&self.key),
            Operator::DoesNotExist => write!(f, "!{}", self.key),
        }
    }
}
