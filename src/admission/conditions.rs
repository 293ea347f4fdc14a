//! matchConditions: all expressions are evaluated, each error is kept, and one false decides.
//!
//! Source: apiserver 1.36, matchconditions and condition evaluation.

use std::fmt;

use super::Attributes;
#[cfg(feature = "cel")]
use super::cel::{Evaluated, Program, Variables};
use crate::go::json::Value;
use crate::k8s::Authorizer;
use crate::k8s::served::Served;

/// Whether an expression compiles to true or false.
///
/// Errors: the API server's text. Without the feature `cel` every expression does.
pub(super) fn compiles(expression: &str) -> Result<(), String> {
    #[cfg(feature = "cel")]
    Program::compile(expression)?;
    #[cfg(not(feature = "cel"))]
    let _ = expression;
    Ok(())
}

/// What all conditions of a webhook together may cost.
#[cfg(feature = "cel")]
const COST_BUDGET: u64 = 2_500_000;

/// The matchConditions of a webhook.
#[derive(Clone, Debug)]
pub(super) struct Conditions(Vec<Condition>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub name: String,
    pub expression: String,
    /// Compiled, or why it cannot be.
    #[cfg(feature = "cel")]
    program: Result<Program, String>,
}

/// What they came to.
#[cfg_attr(not(feature = "cel"), expect(dead_code, reason = "only the feature evaluates"))]
#[cfg_attr(feature = "cel", expect(dead_code, reason = "only builds without the feature cannot say"))]
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

/// The errors of failed conditions, each text once.
pub(super) struct Failing(Vec<String>);

/// One alone, several in brackets.
impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            all => write!(f, "[{}]", all.join(", ")),
        }
    }
}

impl Conditions {
    /// Reads and compiles `matchConditions`.
    pub(super) fn read(conditions: &Value) -> Conditions {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let condition = |c: &Value| Condition {
            #[cfg(feature = "cel")]
            program: Program::compile(c["expression"].as_str().unwrap_or_default()),
            name: text(&c["name"]),
            expression: text(&c["expression"]),
        };
        Conditions(conditions.items().iter().map(condition).collect())
    }

    /// Evaluates all of them on the object as changed so far; the request shows the equivalent's kind where one matched.
    #[cfg(feature = "cel")]
    pub(super) fn check(
        &self,
        attributes: &Attributes<'_>,
        equivalent: Option<&Served>,
        authorizer: Authorizer,
    ) -> Checked<'_> {
        if self.0.is_empty() {
            return Checked::Holds;
        }
        let programs = || self.0.iter().filter_map(|c| c.program.as_ref().ok());
        let request = match programs().any(Program::uses_request) {
            true => request_variable(attributes, equivalent),
            false => Value::Null,
        };
        let (converted, old_converted);
        let (mut object, mut old_object) = (attributes.object, &attributes.request.old_object);
        if let Some(served) = equivalent {
            converted = as_kind(object, served);
            old_converted = as_kind(old_object, served);
            (object, old_object) = (&converted, &old_converted);
        }
        let variables = Variables { object, old_object, request: &request, authorizer };
        let mut spent = 0;
        let mut errors: Vec<String> = Vec::new();
        let mut refuted = None;
        for condition in &self.0 {
            let error = match &condition.program {
                Err(text) => format!("compilation error: {text}"),
                Ok(program) => {
                    let (evaluated, cost) = program.evaluate(&variables);
                    spent += cost;
                    if spent > COST_BUDGET {
                        // This ends all, and what others came to does not count.
                        return Checked::Fails(Failing(vec![
                            "validation failed due to running out of cost budget, no further validation rules will be run"
                                .into(),
                        ]));
                    }
                    match evaluated {
                        Evaluated::True => continue,
                        Evaluated::False => {
                            refuted = refuted.or(Some(condition));
                            continue;
                        }
                        Evaluated::Failed(text) => {
                            format!("expression '{}' resulted in error: {text}", condition.expression)
                        }
                    }
                }
            };
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        match refuted {
            Some(condition) => Checked::False(condition),
            None if errors.is_empty() => Checked::Holds,
            None => Checked::Fails(Failing(errors)),
        }
    }

    /// Without the feature `cel` nothing can be said about conditions.
    #[cfg(not(feature = "cel"))]
    pub(super) fn check(&self, _: &Attributes<'_>, _: Option<&Served>, _: Authorizer) -> Checked<'_> {
        if self.0.is_empty() { Checked::Holds } else { Checked::Unknown }
    }
}

/// The object under the name of the kind that matched. Members are not converted.
#[cfg(feature = "cel")]
fn as_kind(object: &Value, served: &Served) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        members.insert("apiVersion", served.kind.api_version());
        members.insert("kind", served.kind.name.as_str());
    }
    object
}

/// The variable `request`: an AdmissionRequest without uid and objects. What is empty is left out.
#[cfg(feature = "cel")]
fn request_variable(attributes: &Attributes<'_>, equivalent: Option<&Served>) -> Value {
    use crate::go::json::Object;
    use crate::k8s::served::GroupVersion;

    let request = attributes.request;
    let named = |of: &GroupVersion, key: &'static str| -> Value {
        let members = [("group", of.group.as_str()), ("version", of.version.as_str()), (key, of.name.as_str())];
        Value::Object(members.into_iter().collect())
    };
    let mut fields = Object::with_capacity(12);
    let text = |fields: &mut Object, key: &'static str, value: &str| {
        if !value.is_empty() {
            fields.push(key, value);
        }
    };
    // As in Go, where uid has no omitempty.
    fields.push("uid", "");
    fields.push("kind", named(equivalent.map_or(&request.kind, |served| &served.kind), "kind"));
    fields.push("resource", named(&request.resource, "resource"));
    text(&mut fields, "subResource", &request.subresource);
    fields.push("requestKind", named(&request.kind, "kind"));
    fields.push("requestResource", named(&request.resource, "resource"));
    text(&mut fields, "requestSubResource", &request.subresource);
    text(&mut fields, "name", &request.name);
    text(&mut fields, "namespace", &request.namespace);
    fields.push("operation", request.operation.as_str());
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    let user = request.user_info.as_object().into_iter().flat_map(Object::iter);
    let user: Object =
        user.filter(|(_, value)| !empty(value)).map(|(key, value)| (key.clone(), value.clone())).collect();
    fields.push("userInfo", user);
    fields.push("object", Value::Null);
    fields.push("oldObject", Value::Null);
    fields.push("dryRun", request.dry_run);
    fields.push("options", request.options.clone());
    Value::Object(fields)
}
