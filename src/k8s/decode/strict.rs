//! What `fieldValidation=Strict` refuses and `Warn` reports: members that no field takes, and fields that come twice.

use std::collections::HashSet;
use std::fmt;

use super::{DecodeError, decode_exact};
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::schema::{Api, Kind, Type};

/// How many findings are listed; the API server stops there too.
pub const MAX_FINDINGS: usize = 100;

/// A decoded object and what is wrong with its members.
#[derive(Clone, Debug)]
pub struct Strict {
    /// The object, as [`decode_exact`] gives it.
    pub object: Value,
    /// What lenient decoding passes over, in the order of the text, each once.
    pub findings: Vec<Finding>,
}

/// A member that strict decoding refuses. Prints as the API server names it: `unknown field "spec.x"`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// There is no such field.
    Unknown(String),
    /// The field, or the key of a map, came before.
    Duplicate(String),
}

impl Finding {
    /// The place: names joined by dots, positions in brackets (`spec.containers[0].x`).
    pub fn path(&self) -> &str {
        match self {
            Finding::Unknown(path) | Finding::Duplicate(path) => path,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Finding::Unknown(_) => "unknown",
            Finding::Duplicate(_) => "duplicate",
        };
        write!(f, "{what} field {}", quote(self.path()))
    }
}

/// Decodes as the API server does and lists what `fieldValidation=Strict` refuses. Parse the text with
/// [`keep_duplicates`](crate::go::json::ParseOptions::keep_duplicates), or duplicates are lost before.
///
/// ```
/// use conjector::go::json::{self, ParseOptions};
/// use conjector::k8s::{decode, schema};
///
/// let text = r#"{"spec":{"containers":[{"name":"a","imagee":"i"}],"hostPID":true,"hostPID":false}}"#;
/// let pod = json::parse_with(text, ParseOptions { keep_duplicates: true }).unwrap();
/// let findings = decode::strict(pod, &schema::POD).unwrap().findings;
/// let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
/// assert_eq!(findings, [r#"unknown field "spec.containers[0].imagee""#, r#"duplicate field "spec.hostPID""#]);
/// ```
///
/// Errors: as [`decode`](super::decode); they come before any finding.
/// Source: sigs.k8s.io/json, `UnmarshalStrict`, in kube-apiserver 1.36.
pub fn strict(value: Value, ty: &'static Type) -> Result<Strict, DecodeError> {
    let mut list = List { path: String::new(), findings: Vec::new(), seen: HashSet::new() };
    list.structure(&value, ty);
    Ok(Strict { object: decode_exact(value, ty)?, findings: list.findings })
}

struct List {
    path: String,
    findings: Vec<Finding>,
    seen: HashSet<Finding>,
}

impl List {
    fn value(&mut self, value: &Value, kind: &'static Kind) {
        match (kind, value) {
            (Kind::Struct(ty), value) => self.structure(value, ty),
            (Kind::List(item), Value::Array(items)) => {
                for (i, value) in items.iter().enumerate() {
                    self.below(&format!("[{i}]"), |list| list.value(value, item));
                }
            }
            (Kind::Map(item), Value::Object(members)) => {
                let mut met = HashSet::with_capacity(members.len());
                for (key, value) in members {
                    if !met.insert(key) {
                        self.found(Finding::Duplicate, key);
                    }
                    self.member(key, |list| list.value(value, item));
                }
            }
            _ => {}
        }
    }

    fn structure(&mut self, value: &Value, ty: &'static Type) {
        let mut met = 0u64;
        for (key, value) in value.as_object().into_iter().flatten() {
            let Some(i) = ty.position(key).filter(|i| Api::LATEST.knows(&ty.fields[*i])) else {
                self.found(Finding::Unknown, key);
                continue;
            };
            if met >> i & 1 == 1 {
                self.found(Finding::Duplicate, key);
            }
            met |= 1 << i;
            self.member(key, |list| list.value(value, &ty.fields[i].kind));
        }
    }

    fn found(&mut self, what: fn(String) -> Finding, key: &str) {
        let finding = self.member(key, |list| what(list.path.clone()));
        if self.findings.len() < MAX_FINDINGS && self.seen.insert(finding.clone()) {
            self.findings.push(finding);
        }
    }

    fn member<T>(&mut self, key: &str, work: impl FnOnce(&mut List) -> T) -> T {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.below(&format!("{dot}{key}"), work)
    }

    fn below<T>(&mut self, step: &str, work: impl FnOnce(&mut List) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(step);
        let done = work(self);
        self.path.truncate(length);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json::Object;
    use crate::k8s::schema;

    #[test]
    fn findings_are_limited_and_told_once() {
        let mut pod = Object::new();
        for i in 0..2 * MAX_FINDINGS {
            pod.push(format!("x{i}"), Value::Null);
            pod.push("x0", Value::Null);
        }
        let findings = strict(Value::Object(pod), &schema::POD).unwrap().findings;
        assert_eq!(findings.len(), MAX_FINDINGS);
        assert_eq!(findings.iter().filter(|f| f.path() == "x0").count(), 1);
    }
}
