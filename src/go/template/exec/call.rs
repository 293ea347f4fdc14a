//! Calls of functions, and values as their arguments.

use std::fmt;

use super::{Any, MAX_DEPTH, Operand, State, Walked};
use crate::go::template::ast::{Arg, Term};
use crate::go::template::functions::{Call, Function, Param};
use crate::go::template::value::{Items, List, Map, Members, Text, Value};

impl<'d> State<'d, '_> {
    /// Calls a function with arguments and, when it is `piped`, the value on top of the stack as the last one.
    pub(super) fn call(
        &mut self,
        dot: &Operand<'d>,
        function: &Function,
        name: &'d str,
        whole: (usize, &'d dyn fmt::Display),
        args: &'d [Arg],
        piped: bool,
    ) -> Walked<Any> {
        self.steps += 1;
        let (fixed, variadic) = (function.fixed.len(), function.variadic);
        let given = args.len() + usize::from(piped);
        if variadic.is_some() && given < fixed {
            return self
                .error(format_args!("wrong number of args for {name}: want at least {fixed} got {}", args.len()));
        }
        if variadic.is_none() && given != fixed {
            return self.error(format_args!("wrong number of args for {name}: want {fixed} got {given}"));
        }
        if let Some(stops_at) = function.short_circuit {
            return self.first_that_decides(dot, stops_at, args, piped);
        }
        let base = self.stack.len() - usize::from(piped);
        let mut untyped = 0;
        for (i, arg) in args.iter().enumerate() {
            let any = self.arg(dot, function.param(i), arg)?;
            self.steps += weight(self.top());
            untyped |= u64::from(any) << i.min(63);
        }
        if piped {
            if !args.is_empty() {
                self.stack[base..].rotate_left(1);
            }
            self.steps += weight(self.top());
            self.fits(function.param(args.len()))?;
        }
        self.within_limits()?;
        let values = &self.stack[base..];
        let piped = values.first().map(Printed);
        let first: &dyn fmt::Display = match (args.first(), &piped) {
            (Some(arg), _) => &arg.node,
            (None, Some(value)) => value,
            (None, None) => &"",
        };
        let result = (function.call)(&Call { args: values, host: self.host, first, untyped });
        self.stack.truncate(base);
        match result {
            Ok(value) => {
                self.account(&value, 0)?;
                self.push_concrete(value)
            }
            Err(message) => {
                self.at = whole;
                self.error(format_args!("error calling {name}: {message}"))
            }
        }
    }

    /// `and` and `or`: leaves the first argument with a certain truth, or else the last one.
    fn first_that_decides(&mut self, dot: &Operand<'d>, truth: bool, args: &'d [Arg], piped: bool) -> Walked<Any> {
        let base = self.stack.len() - usize::from(piped);
        for (i, arg) in args.iter().enumerate() {
            self.arg(dot, Param::Any, arg)?;
            if self.top().truth() == truth || (i + 1 == args.len() && !piped) {
                if piped {
                    self.stack.swap_remove(base);
                }
                break;
            }
            self.drop_top();
        }
        Ok(false)
    }

    /// Counts what a function gave, so that neither memory nor the stack ends: values double in loops, and a map may be
    /// put into itself.
    fn account(&mut self, value: &Value<'d>, depth: usize) -> Walked<()> {
        self.made += std::mem::size_of::<Value<'_>>();
        self.steps += 1;
        if depth > MAX_DEPTH {
            return self.limit(format_args!("values are nested more than {MAX_DEPTH} deep"));
        }
        self.within_limits()?;
        match value {
            Value::Str(Text::Shared(text)) => self.made += text.len(),
            Value::List(List { items: Items::Shared(items), .. }) => {
                for item in items.iter() {
                    self.account(item, depth + 1)?;
                }
            }
            Value::Map(Map { members: Members::Shared(members), .. }) => {
                for item in members.borrow().values() {
                    self.account(item, depth + 1)?;
                }
            }
            _ => {}
        }
        self.within_limits()
    }

    /// Leaves an argument for a parameter.
    pub(super) fn arg(&mut self, dot: &Operand<'d>, param: Param, arg: &'d Arg) -> Walked<Any> {
        self.at = (arg.pos, &arg.node);
        let value = match (&arg.node, param) {
            (Term::String { text, .. }, Param::Any | Param::Text) => Value::borrowed(text),
            (Term::Nil, Param::Any) => Value::Missing,
            (Term::Nil, param) => match nil_of(param.name()) {
                Some(nil) => nil,
                None => return self.error(format_args!("cannot assign nil to {}", param.name())),
            },
            (Term::Bool(_) | Term::Number(_), Param::Any) => self.constant(arg)?,
            (Term::Bool(_) | Term::String { .. } | Term::Number(_), param) => self.typed_constant(arg, param.name())?,
            (_, Param::Any) => return self.operand(dot, arg),
            (_, param) => {
                self.operand(dot, arg)?;
                return self.fits(param).map(|()| false);
            }
        };
        self.push_concrete(value)
    }

    /// Makes the value on top of the stack one for a parameter: it must be of the type, or a pointer to it.
    pub(super) fn fits(&mut self, param: Param) -> Walked<()> {
        let ty = match (param, self.top()) {
            (Param::Any, _) | (Param::Text, Value::Str(_)) => return Ok(()),
            (param, _) => param.name(),
        };
        let fitting = match self.top() {
            Value::Nil => return self.error(format_args!("wrong type for value; expected {ty}; got interface {{}}")),
            Value::Missing => match nil_of(ty) {
                Some(nil) => nil,
                None => return self.error(format_args!("invalid value; expected {ty}")),
            },
            Value::Object(object) => {
                let name = object.type_name();
                let same = name == ty || name.strip_prefix('*') == Some(ty) || ty == "error" || ty == "proto.Message";
                if same && object.is_nil() && name != ty && ty != "proto.Message" {
                    return self.error(format_args!("dereference of nil pointer of type {ty}"));
                }
                match object.pointee() {
                    Some(inner) if name != ty && inner.is_type(ty) => inner,
                    _ if same => return Ok(()),
                    _ => return self.error(format_args!("wrong type for value; expected {ty}; got {name}")),
                }
            }
            value if value.is_type(ty) => return Ok(()),
            value => return self.error(format_args!("wrong type for value; expected {ty}; got {}", value.type_name())),
        };
        self.drop_top();
        self.stack.push(fitting);
        Ok(())
    }
}

/// A value as reflection prints it, made only when it is asked for.
struct Printed<'v, 'd>(&'v Value<'d>);

impl fmt::Display for Printed<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Str(text) => f.write_str(text),
            value => write!(f, "<{} Value>", value.type_name()),
        }
    }
}

/// How many steps it counts to hand a value to a function, which may look at all of it.
fn weight(value: &Value<'_>) -> u64 {
    let size = match value {
        Value::Str(text) => text.len() / 32,
        Value::List(list) => list.len() / 4,
        Value::Map(map) => map.len() / 4,
        _ => 0,
    };
    size as u64
}

/// The nil of a type, where it has one.
fn nil_of<'d>(ty: &'static str) -> Option<Value<'d>> {
    if let Some(element) = ty.strip_prefix("[]") {
        return Some(Value::List(List { element, array: None, items: Items::Nil }));
    }
    if let Some(element) = ty.strip_prefix("map[string]") {
        return Some(Value::Map(Map { element, key: "string", members: Members::Nil }));
    }
    (ty.starts_with('*') || ty == "proto.Message" || ty == "error").then_some(Value::Nil)
}
