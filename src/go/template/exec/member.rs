//! Fields, map members and methods.

use super::{Any, Operand, State, Walked};
use crate::go::json;
use crate::go::strconv;
use crate::go::template::ast::{Arg, Variable};
use crate::go::template::format;
use crate::go::template::functions::Param;
use crate::go::template::parse::MissingKey;
use crate::go::template::value::{Int, Map, Members, Value};

impl<'d> State<'d, '_> {
    /// Leaves what a variable holds, or what is found in it.
    pub(super) fn variable(
        &mut self,
        dot: &Operand<'d>,
        variable: &'d Variable,
        names: &'d [String],
        args: &'d [Arg],
        piped: bool,
    ) -> Walked<Any> {
        let value = self.find(variable)?;
        if names.is_empty() {
            if !args.is_empty() || piped {
                return self.no_arguments(&variable.name);
            }
            let value = value.clone();
            return self.push(value);
        }
        if args.is_empty()
            && !piped
            && let Some(found) = in_json(&value.value, names)
        {
            self.stack.push(Value::json(found));
            return Ok(true);
        }
        let receiver = value.clone();
        self.chain(dot, &receiver, names, args, piped)
    }

    /// `.A.B.C` from a receiver on; the last one may be a method with arguments.
    pub(super) fn chain(
        &mut self,
        dot: &Operand<'d>,
        receiver: &Operand<'d>,
        names: &'d [String],
        args: &'d [Arg],
        piped: bool,
    ) -> Walked<Any> {
        let base = self.stack.len() - usize::from(piped);
        if args.is_empty()
            && !piped
            && let Some(found) = in_json(&receiver.value, names)
        {
            self.stack.push(Value::json(found));
            return Ok(true);
        }
        let Some((method, fields)) = names.split_last() else { return self.push(receiver.clone()) };
        let mut held = None;
        for name in fields {
            held = Some(self.field(dot, held.as_ref().unwrap_or(receiver), name, &[], false)?);
        }
        let found = self.field(dot, held.as_ref().unwrap_or(receiver), method, args, piped)?;
        self.stack.truncate(base);
        self.push(found)
    }

    /// A field, map member or method's result; a piped argument is still on the stack afterwards, as may be others.
    fn field(
        &mut self,
        dot: &Operand<'d>,
        receiver: &Operand<'d>,
        name: &'d str,
        args: &'d [Arg],
        piped: bool,
    ) -> Walked<Operand<'d>> {
        let Operand { value, any } = receiver;
        let has_args = !args.is_empty() || piped;
        // The first thing in a pointer is looked into; errors name the pointer.
        let inner = match value {
            Value::Object(object) => object.pointee().filter(|v| matches!(v, Value::Object(_) | Value::Map(_))),
            _ => None,
        };
        let type_name = || if *any { "interface {}".to_owned() } else { value.type_name() };
        match inner.as_ref().unwrap_or(value) {
            Value::Missing => {
                if self.template.missing_key == MissingKey::Error {
                    return self.error(format_args!("nil data; no entry for key {}", strconv::quote(name)));
                }
                return Ok(Operand::concrete(Value::Missing));
            }
            Value::Nil => return self.error(format_args!("nil pointer evaluating {}.{name}", type_name())),
            Value::Map(map) if map.key == "string" => {
                if has_args {
                    return self.error(format_args!("{name} is not a method but has arguments"));
                }
                let any = map.element == "interface {}";
                return match map.get(name) {
                    Some(value) => Ok(Operand { value, any }),
                    None if self.template.missing_key == MissingKey::Error => {
                        self.error(format_args!("map has no entry for key {}", strconv::quote(name)))
                    }
                    None if self.template.missing_key == MissingKey::Zero => Ok(match map.zero() {
                        Value::Missing => Operand { value: Value::Nil, any: true },
                        zero => Operand::concrete(zero),
                    }),
                    None => Ok(Operand::concrete(Value::Missing)),
                };
            }
            Value::Int(nanos, Int::Duration) if format::duration_method(name, *nanos, 0).is_some() => {
                let takes = if matches!(name, "Round" | "Truncate") { "time.Duration" } else { "" };
                let first = self.method_arguments(dot, name, takes, args, piped)?;
                let unit = if let [Value::Int(unit, _)] = self.stack[first..] { unit } else { 0 };
                let value = format::duration_method(name, *nanos, unit).unwrap_or(Value::Missing);
                return Ok(Operand::concrete(value));
            }
            Value::Object(object) => {
                let is_nil = object.is_nil();
                // Most fields are not methods: look for the field first, where there are no arguments.
                if !is_nil
                    && !has_args
                    && let Some(value) = object.field(name)
                {
                    let any = matches!(value, Value::Nil);
                    return Ok(Operand { value, any });
                }
                if let Some(takes) = object.parameters(name) {
                    let first = self.method_arguments(dot, name, takes, args, piped)?;
                    return match object.call(name, &self.stack[first..]) {
                        Some(Ok(value)) => Ok(Operand::concrete(value)),
                        Some(Err(message)) => self.error(format_args!("error calling {name}: {message}")),
                        None => self.error(format_args!("can't evaluate field {name} in type {}", type_name())),
                    };
                }
                if is_nil && (object.field(name).is_some() || object.fields().is_empty()) {
                    return self.error(format_args!("nil pointer evaluating {}.{name}", type_name()));
                }
                if object.field(name).is_some() {
                    return self.error(format_args!("{name} has arguments but cannot be invoked as function"));
                }
            }
            _ => {}
        }
        self.error(format_args!("can't evaluate field {name} in type {}", type_name()))
    }

    /// Puts the arguments of a method that takes certain types on the stack. Gives the place of the first one.
    fn method_arguments(
        &mut self,
        dot: &Operand<'d>,
        name: &str,
        takes: &'static str,
        args: &'d [Arg],
        piped: bool,
    ) -> Walked<usize> {
        let params: Vec<Param> = takes.split(',').filter(|ty| !ty.is_empty()).map(Param::of).collect();
        let given = args.len() + usize::from(piped);
        if given != params.len() {
            return self.error(format_args!("wrong number of args for {name}: want {} got {given}", params.len()));
        }
        let base = self.stack.len() - usize::from(piped);
        for (arg, param) in args.iter().zip(&params) {
            self.arg(dot, *param, arg)?;
        }
        if let (true, Some(param)) = (piped, params.last()) {
            self.stack[base..].rotate_left(1);
            self.fits(*param)?;
        }
        Ok(base)
    }
}

/// What names lead to through objects of JSON; `None` where anything else is in between or at the end.
fn in_json<'d>(receiver: &Value<'d>, names: &[String]) -> Option<&'d json::Value> {
    let Value::Map(Map { element: "interface {}", key: "string", members: Members::Json(members) }) = receiver else {
        return None;
    };
    let (first, rest) = names.split_first()?;
    rest.iter().try_fold(members.get(first)?, |found, name| found.get(name))
}
