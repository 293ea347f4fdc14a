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

mod parse;
mod validate;

pub use validate::validate;

use std::fmt;

use super::names;
use crate::go::json::Value;
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

/// The operators of a LabelSelector, and those that only selectors in text form have.
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
    /// The label is there with the value: `=`, and what `matchLabels` means.
    Equals,
    /// The same, written `==`.
    DoubleEquals,
    /// The label is missing or has another value.
    NotEquals,
    /// The label is a larger integer.
    GreaterThan,
    /// The label is a smaller integer.
    LessThan,
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
                    Requirement { key: key.to_string(), operator: Operator::Equals, values: vec![text(value)] };
                requirements.push(requirement.checked()?);
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
            requirements.push(requirement.checked()?);
        }
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
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
        let has = |value: &str| self.values.iter().any(|wanted| wanted == value);
        let ordered = |holds: fn(&i64, &i64) -> bool| {
            let number = |text: &str| text.parse::<i64>().ok();
            let (label, wanted) = (value.and_then(number), self.values.first().and_then(|v| number(v)));
            label.zip(wanted).is_some_and(|(label, wanted)| holds(&label, &wanted))
        };
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => value.is_some_and(has),
            Operator::NotIn | Operator::NotEquals => !value.is_some_and(has),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => ordered(i64::gt),
            Operator::LessThan => ordered(i64::lt),
        }
    }

    fn checked(self) -> Result<Requirement, SelectorError> {
        let mut errors = Vec::new();
        let key_errors = names::qualified_name(&self.key);
        if !key_errors.is_empty() {
            errors.push(invalid("key", &self.key, &key_errors));
        }
        match self.operator {
            Operator::In | Operator::NotIn if self.values.is_empty() => {
                errors
                    .push("values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty".into());
            }
            Operator::Exists | Operator::DoesNotExist if !self.values.is_empty() => {
                let values = Value::Array(self.values.iter().map(|v| v.as_str().into()).collect()).to_string();
                errors.push(format!(
                    "values: Invalid value: {values}: values set must be empty for exists and does not exist",
                ));
            }
            Operator::GreaterThan | Operator::LessThan => {
                for (i, value) in self.values.iter().enumerate().filter(|(_, v)| v.parse::<i64>().is_err()) {
                    let reason = "for 'Gt', 'Lt' operators, the value must be an integer".to_owned();
                    errors.push(invalid(&format!("values[{i}]"), value, &[reason]));
                }
            }
            _ => {}
        }
        for (i, value) in self.values.iter().enumerate() {
            let value_errors = names::label_value(value);
            if !value_errors.is_empty() {
                errors.push(invalid(&format!("values[{i}][{}]", self.key), value, &value_errors));
            }
        }
        match errors.len() {
            0 => Ok(self),
            1 => Err(SelectorError(errors.remove(0))),
            _ => Err(SelectorError(format!("[{}]", errors.join(", ")))),
        }
    }
}

/// A value that validation refuses, and why.
fn invalid(place: &str, value: &str, reasons: &[String]) -> String {
    format!("{place}: Invalid value: {}: {}", quote(value), reasons.join("; "))
}

/// As a selector in text form: `key in (a,b)`, `key=a`, `key`, `!key`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Requirement { key, operator, values } = self;
        let value = values.first().map_or("", String::as_str);
        let sorted = || {
            let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
            values.sort_unstable();
            values.join(",")
        };
        match operator {
            Operator::In => write!(f, "{key} in ({})", sorted()),
            Operator::NotIn => write!(f, "{key} notin ({})", sorted()),
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::Equals => write!(f, "{key}={value}"),
            Operator::DoubleEquals => write!(f, "{key}=={value}"),
            Operator::NotEquals => write!(f, "{key}!={value}"),
            Operator::GreaterThan => write!(f, "{key}>{value}"),
            Operator::LessThan => write!(f, "{key}<{value}"),
        }
    }
}

/// The requirements in text form, joined by commas; empty for one that matches everything or nothing.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.requirements.iter().map(Requirement::to_string).collect();
        f.write_str(&all.join(","))
    }
}
