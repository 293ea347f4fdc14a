//! Trees to output.

use std::borrow::Cow;
use std::fmt;

use super::ast::{Arg, Branch, Command, Node, Pipe, Term};
use super::error::{Error, ErrorKind};
use super::format;
use super::functions::{Call, Function, Host, Param};
use super::parse::{MissingKey, Template};
use super::value::{Int, Items, List, Map, Members, Text, Value};
use crate::go::{bytes, strconv};

/// How many bytes a template may write.
pub const MAX_OUTPUT: usize = 16 << 20;
/// How many nodes a rendering may evaluate.
pub const MAX_STEPS: u64 = 20_000_000;
/// How many bytes functions may give in one rendering, all their results together.
pub const MAX_MADE: usize = 64 << 20;
/// How deep lists and maps that a template makes may stand in one another.
pub const MAX_DEPTH: usize = 200;
/// How deep templates may call templates. Go stops at 100,000; here it is less, so that a thread's stack is never
/// exhausted.
pub const MAX_CALL_DEPTH: usize = 100;

impl Template {
    /// Renders the template. Functions ask `host` for what is outside the data.
    ///
    /// Errors: Go's text with name, line, column and context, or a limit; with what was written before.
    pub fn render<'d>(&'d self, data: &Value<'d>, host: &dyn Host) -> Result<String, Error> {
        self.render_named(&self.name, data, host)
    }

    /// Renders a template that is defined in this one.
    pub fn render_named<'d>(&'d self, name: &'d str, data: &Value<'d>, host: &dyn Host) -> Result<String, Error> {
        // Data that is nothing has no type either.
        let dot = Operand::concrete(if matches!(data, Value::Nil) { Value::Missing } else { data.clone() });
        let mut state = State {
            template: self,
            host,
            name,
            variables: vec![("$", dot.clone())],
            arguments: Vec::new(),
            out: String::with_capacity(self.text.len() / 2),
            steps: 0,
            made: 0,
            depth: 0,
            at: (0, &""),
        };
        let walked = match self.trees.get(name) {
            Some(root) => state.list(&dot, root),
            None => {
                let message = format!("template: {name}: {} is an incomplete or empty template", strconv::quote(name));
                return Err(Error { kind: ErrorKind::Exec, message, line: None, partial: String::new() });
            }
        };
        match walked {
            Ok(()) => Ok(finished(state.out)),
            Err(Stop::Error(mut error)) => {
                error.partial = finished(state.out);
                Err(*error)
            }
            Err(Stop::Break | Stop::Continue) => Ok(finished(state.out)),
        }
    }
}

/// An output without bytes that are no text.
fn finished(out: String) -> String {
    match bytes::shown(&out) {
        Cow::Borrowed(_) => out,
        Cow::Owned(shown) => shown,
    }
}

/// A value with whether Go knows it only as `interface {}` (an element of a list or map of anything): error texts and
/// nil checks differ there.
#[derive(Clone)]
struct Operand<'d> {
    value: Value<'d>,
    any: bool,
}

impl<'d> Operand<'d> {
    fn concrete(value: Value<'d>) -> Operand<'d> {
        Operand { value, any: false }
    }
}

/// Why a walk ends early.
enum Stop {
    Break,
    Continue,
    Error(Box<Error>),
}

type Walked<T> = Result<T, Stop>;

struct State<'d, 'h> {
    template: &'d Template,
    host: &'h dyn Host,
    name: &'d str,
    variables: Vec<(&'d str, Operand<'d>)>,
    arguments: Vec<Value<'d>>,
    out: String,
    steps: u64,
    made: usize,
    depth: usize,
    /// The node that is being evaluated: its offset and its text.
    at: (usize, &'d dyn fmt::Display),
}

impl<'d> State<'d, '_> {
    fn error<T>(&self, message: impl fmt::Display) -> Walked<T> {
        let (pos, node) = self.at;
        let before = &self.template.text[..pos.min(self.template.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |i| i + 1);
        let message = format!(
            "template: {}:{line}:{column}: executing {} at <{node}>: {message}",
            self.template.name,
            strconv::quote(self.name)
        );
        let message = finished(message);
        Err(Stop::Error(Box::new(Error { kind: ErrorKind::Exec, message, line: Some(line), partial: String::new() })))
    }

    fn limit<T>(&self, what: &str) -> Walked<T> {
        match self.error(what) {
            Err(Stop::Error(mut error)) => {
                error.kind = ErrorKind::Limit;
                Err(Stop::Error(error))
            }
            other => other,
        }
    }

    fn write(&mut self, text: &str) -> Walked<()> {
        if self.out.len() + text.len() > MAX_OUTPUT {
            return self.limit(&format!("the output is longer than {MAX_OUTPUT} bytes"));
        }
        self.out.push_str(text);
        Ok(())
    }

    fn list(&mut self, dot: &Operand<'d>, list: &'d [Node]) -> Walked<()> {
        list.iter().try_for_each(|node| self.node(dot, node))
    }

    fn node(&mut self, dot: &Operand<'d>, node: &'d Node) -> Walked<()> {
        self.steps += 1;
        self.within_limits()?;
        match node {
            Node::Text(text) => self.write(text),
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() { self.print(&value) } else { Ok(()) }
            }
            Node::If(branch) => self.choose(dot, branch, false),
            Node::With(branch) => self.choose(dot, branch, true),
            Node::Range(branch) => self.range(dot, branch),
            Node::Template { pos, name, pipe } => self.call_template(dot, node, *pos, name, pipe.as_ref()),
            Node::Break => Err(Stop::Break),
            Node::Continue => Err(Stop::Continue),
        }
    }

    fn print(&mut self, value: &Value<'d>) -> Walked<()> {
        match value {
            Value::Str(text) => {
                let text = text.clone();
                self.write(&text)
            }
            Value::Missing | Value::Nil => self.write("<no value>"),
            value => self.write(&format::print_dereferenced(value)),
        }
    }

    fn choose(&mut self, dot: &Operand<'d>, branch: &'d Branch, with: bool) -> Walked<()> {
        let variables = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let walked = if value.truth() {
            if with { self.list(&Operand::concrete(value), &branch.then) } else { self.list(dot, &branch.then) }
        } else {
            branch.otherwise.as_ref().map_or(Ok(()), |list| self.list(dot, list))
        };
        self.variables.truncate(variables);
        walked
    }

    fn range(&mut self, dot: &Operand<'d>, branch: &'d Branch) -> Walked<()> {
        let outer = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let value = match &value {
            Value::Object(object) if !object.is_nil() => object.pointee().unwrap_or(value),
            _ => value,
        };
        let ran = self.iterate(branch, &value)?;
        if !ran && let Some(list) = &branch.otherwise {
            self.list(dot, list)?;
        }
        self.variables.truncate(outer);
        Ok(())
    }

    /// Runs the body for each item; false when there was none.
    fn iterate(&mut self, branch: &'d Branch, value: &Value<'d>) -> Walked<bool> {
        match value {
            Value::List(list) => {
                let any = list.element == "interface {}";
                for i in 0..list.len() {
                    let item = Operand { value: list.get(i).unwrap_or(Value::Nil), any };
                    if self.iteration(branch, Some(Value::int(i as i64)), item)? {
                        break;
                    }
                }
                Ok(!list.is_empty())
            }
            Value::Map(map) => {
                let any = map.element == "interface {}";
                let members = map.keys_and_values();
                let some = !members.is_empty();
                for (key, value) in members {
                    if self.iteration(branch, Some(key), Operand { value, any })? {
                        break;
                    }
                }
                Ok(some)
            }
            Value::Int(..) | Value::Uint(..) => {
                if branch.pipe.variables.len() > 1 {
                    return self
                        .error(format!("can't use {} to iterate over more than one variable", format::print(value)));
                }
                let (n, make): (i128, fn(i128, &Value<'d>) -> Value<'d>) = match value {
                    Value::Int(n, _) => ((*n).into(), |i, like| match like {
                        Value::Int(_, kind) => Value::Int(i as i64, *kind),
                        _ => Value::int(i as i64),
                    }),
                    Value::Uint(n, _) => ((*n).into(), |i, like| match like {
                        Value::Uint(_, kind) => Value::Uint(i as u64, *kind),
                        _ => Value::int(i as i64),
                    }),
                    _ => (0, |i, _| Value::int(i as i64)),
                };
                let mut i = 0;
                while i < n {
                    self.steps += 1;
                    self.within_limits()?;
                    if self.iteration(branch, None, Operand::concrete(make(i, value)))? {
                        break;
                    }
                    i += 1;
                }
                Ok(n > 0)
            }
            Value::Missing | Value::Nil => Ok(false),
            _ => self.error(format!("range can't iterate over {}", format::print(value))),
        }
    }

    /// One run of a range's body; true when it breaks.
    fn iteration(&mut self, branch: &'d Branch, index: Option<Value<'d>>, item: Operand<'d>) -> Walked<bool> {
        let mark = self.variables.len();
        let names = &branch.pipe.variables;
        let index = Operand::concrete(index.unwrap_or(Value::Missing));
        if branch.pipe.assigns {
            match names.as_slice() {
                [one] => self.assign(one, item.clone())?,
                [first, second, ..] => {
                    self.assign(first, index)?;
                    self.assign(second, item.clone())?;
                }
                [] => {}
            }
        } else {
            if !names.is_empty() {
                self.variables[mark - 1].1 = item.clone();
            }
            if names.len() > 1 {
                self.variables[mark - 2].1 = index;
            }
        }
        let walked = self.list(&item, &branch.then);
        self.variables.truncate(mark);
        match walked {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn call_template(
        &mut self,
        dot: &Operand<'d>,
        node: &'d Node,
        pos: usize,
        name: &'d str,
        pipe: Option<&'d Pipe>,
    ) -> Walked<()> {
        self.at = (pos, node);
        let Some(root) = self.template.trees.get(name) else {
            return self.error(format!("template {} not defined", strconv::quote(name)));
        };
        if self.depth == MAX_CALL_DEPTH {
            return self.error("exceeded maximum template depth (100000)");
        }
        let dot = match pipe {
            Some(pipe) => Operand::concrete(self.pipe(dot, pipe)?),
            None => Operand::concrete(Value::Missing),
        };
        let outer_variables = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        let outer_name = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        self.list(&dot, root)?;
        self.depth -= 1;
        self.name = outer_name;
        self.variables = outer_variables;
        Ok(())
    }

    fn assign(&mut self, name: &str, value: Operand<'d>) -> Walked<()> {
        match self.variables.iter_mut().rev().find(|(n, _)| *n == name) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    /// A pipeline's value, dug out of its interface, with its variables set.
    fn pipe(&mut self, dot: &Operand<'d>, pipe: &'d Pipe) -> Walked<Value<'d>> {
        self.at = (pipe.pos, pipe);
        let mut last: Option<Operand<'d>> = None;
        for command in &pipe.commands {
            let value = self.command(dot, command, last.take())?.value;
            last = Some(Operand::concrete(if matches!(value, Value::Nil) { Value::Missing } else { value }));
        }
        let value = last.map_or(Value::Missing, |o| o.value);
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, Operand::concrete(value.clone()))?;
            } else {
                self.variables.push((name, Operand::concrete(value.clone())));
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Operand<'d>, command: &'d Command, last: Option<Operand<'d>>) -> Walked<Operand<'d>> {
        let first = &command.args[0];
        match &first.node {
            Term::Field(names) => {
                self.at = (first.pos, &first.node);
                return self.chain(dot, dot.clone(), names, &command.args, last);
            }
            Term::Chain(inner, names) => {
                self.at = (first.pos, &first.node);
                let receiver = self.chain_start(dot, first, inner)?;
                return self.chain(dot, receiver, names, &command.args, last);
            }
            Term::Identifier(name, function) => {
                self.at = (first.pos, &first.node);
                return self.call(dot, &function.0, name, (command.pos, command), &command.args[1..], last);
            }
            Term::Pipe(pipe) => {
                self.no_arguments(&command.args, &last)?;
                return self.pipe(dot, pipe).map(Operand::concrete);
            }
            Term::Variable(names) => {
                self.at = (first.pos, &first.node);
                return self.variable(dot, names, &command.args, last);
            }
            _ => {}
        }
        self.at = (first.pos, &first.node);
        self.no_arguments(&command.args, &last)?;
        match &first.node {
            Term::Dot => Ok(dot.clone()),
            Term::Nil => self.error("nil is not a command"),
            _ => self.constant(first).map(Operand::concrete),
        }
    }

    fn no_arguments(&self, args: &'d [Arg], last: &Option<Operand<'d>>) -> Walked<()> {
        if args.len() > 1 || last.is_some() {
            return self.error(format!("can't give argument to non-function {}", args[0].node));
        }
        Ok(())
    }

    /// What a literal is where nothing else is asked for.
    fn constant(&mut self, arg: &'d Arg) -> Walked<Value<'d>> {
        match &arg.node {
            Term::Bool(b) => Ok(Value::Bool(*b)),
            Term::String { text, .. } => Ok(Value::borrowed(text)),
            Term::Number(n) => {
                // With a sign before it Go takes the letter e for an exponent.
                let hex = (n.text.starts_with("0x") || n.text.starts_with("0X")) && !n.text.contains(['p', 'P']);
                let has_point = n.text.contains(['.', 'e', 'E', 'p', 'P']);
                if let Some((re, im)) = n.complex {
                    return Ok(Value::Complex(re, im));
                }
                match (n.float, n.int) {
                    (Some(float), _) if has_point && !hex && !n.is_char => Ok(Value::Float(float, false)),
                    (_, Some(int)) => Ok(Value::int(int)),
                    _ => self.error(format!("{} overflows int", n.text)),
                }
            }
            _ => Ok(Value::Missing),
        }
    }

    fn chain_start(&mut self, dot: &Operand<'d>, chain: &'d Arg, inner: &'d Arg) -> Walked<Operand<'d>> {
        if matches!(inner.node, Term::Nil) {
            return self.error(format!("indirection through explicit nil in {}", chain.node));
        }
        self.arg_operand(dot, inner)
    }

    fn variable(
        &mut self,
        dot: &Operand<'d>,
        names: &'d [String],
        args: &'d [Arg],
        last: Option<Operand<'d>>,
    ) -> Walked<Operand<'d>> {
        let found = self.variables.iter().rev().find(|(n, _)| *n == names[0]).map(|(_, v)| v.clone());
        let Some(value) = found else { return self.error(format!("undefined variable: {}", names[0])) };
        if names.len() == 1 {
            self.no_arguments(args, &last)?;
            return Ok(value);
        }
        self.chain(dot, value, &names[1..], args, last)
    }

    /// `.A.B.C` from a receiver on; the last one may be a method with arguments.
    fn chain(
        &mut self,
        dot: &Operand<'d>,
        receiver: Operand<'d>,
        names: &'d [String],
        args: &'d [Arg],
        last: Option<Operand<'d>>,
    ) -> Walked<Operand<'d>> {
        let mut value = receiver;
        let Some((method, fields)) = names.split_last() else { return Ok(value) };
        for name in fields {
            value = self.field(dot, value, name, &[], None)?;
        }
        self.field(dot, value, method, args.get(1..).unwrap_or(&[]), last)
    }

    fn field(
        &mut self,
        dot: &Operand<'d>,
        receiver: Operand<'d>,
        name: &'d str,
        args: &'d [Arg],
        last: Option<Operand<'d>>,
    ) -> Walked<Operand<'d>> {
        let (value, any) = (receiver.value, receiver.any);
        let has_args = !args.is_empty() || last.is_some();
        // The first thing in a pointer is looked into; errors name the pointer.
        let inner = match &value {
            Value::Object(object) => object.pointee().filter(|v| matches!(v, Value::Object(_) | Value::Map(_))),
            _ => None,
        };
        let type_name = || if any { "interface {}".to_owned() } else { value.type_name() };
        match inner.as_ref().unwrap_or(&value) {
            Value::Missing => {
                if self.template.missing_key == MissingKey::Error {
                    return self.error(format!("nil data; no entry for key {}", strconv::quote(name)));
                }
                return Ok(Operand::concrete(Value::Missing));
            }
            Value::Nil => return self.error(format!("nil pointer evaluating {}.{name}", type_name())),
            Value::Map(map) if map.key == "string" => {
                if has_args {
                    return self.error(format!("{name} is not a method but has arguments"));
                }
                let any = map.element == "interface {}";
                return match map.get(name) {
                    Some(value) => Ok(Operand { value, any }),
                    None if self.template.missing_key == MissingKey::Error => {
                        self.error(format!("map has no entry for key {}", strconv::quote(name)))
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
                let given = self.method_arguments(dot, name, takes, args, last)?;
                let unit = if let [Value::Int(unit, _)] = given[..] { unit } else { 0 };
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
                    let given = self.method_arguments(dot, name, takes, args, last)?;
                    return match object.call(name, &given) {
                        Some(Ok(value)) => Ok(Operand::concrete(value)),
                        Some(Err(message)) => self.error(format!("error calling {name}: {message}")),
                        None => self.error(format!("can't evaluate field {name} in type {}", type_name())),
                    };
                }
                if is_nil && (object.field(name).is_some() || object.fields().is_empty()) {
                    return self.error(format!("nil pointer evaluating {}.{name}", type_name()));
                }
                if object.field(name).is_some() {
                    return self.error(format!("{name} has arguments but cannot be invoked as function"));
                }
            }
            _ => {}
        }
        self.error(format!("can't evaluate field {name} in type {}", type_name()))
    }

    /// The arguments of a method that takes certain types.
    fn method_arguments(
        &mut self,
        dot: &Operand<'d>,
        name: &str,
        takes: &'static str,
        args: &'d [Arg],
        last: Option<Operand<'d>>,
    ) -> Walked<Vec<Value<'d>>> {
        let params: Vec<Param> = takes.split(',').filter(|ty| !ty.is_empty()).map(Param::of).collect();
        let given = args.len() + usize::from(last.is_some());
        if given != params.len() {
            return self.error(format!("wrong number of args for {name}: want {} got {given}", params.len()));
        }
        let mut values = Vec::with_capacity(given);
        for (arg, param) in args.iter().zip(&params) {
            values.push(self.arg(dot, *param, arg)?.value);
        }
        if let (Some(last), Some(param)) = (last, params.last()) {
            values.push(self.fits(last, *param)?);
        }
        Ok(values)
    }

    fn call(
        &mut self,
        dot: &Operand<'d>,
        function: &Function,
        name: &'d str,
        whole: (usize, &'d dyn fmt::Display),
        args: &'d [Arg],
        last: Option<Operand<'d>>,
    ) -> Walked<Operand<'d>> {
        self.steps += 1;
        let (fixed, variadic) = (function.fixed.len(), function.variadic);
        let given = args.len() + usize::from(last.is_some());
        if variadic.is_some() && given < fixed {
            return self.error(format!("wrong number of args for {name}: want at least {fixed} got {}", args.len()));
        }
        if variadic.is_none() && given != fixed {
            return self.error(format!("wrong number of args for {name}: want {fixed} got {given}"));
        }
        if let Some(stops_at) = function.short_circuit {
            let mut value = Value::Missing;
            for arg in args {
                value = self.arg(dot, Param::Any, arg)?.value;
                if value.truth() == stops_at {
                    return Ok(Operand::concrete(value));
                }
            }
            return Ok(Operand::concrete(last.map_or(value, |o| o.value)));
        }
        // The arguments stand on a stack of the whole rendering, above those of the calls that this one is part of.
        let base = self.arguments.len();
        let mut untyped = 0;
        for (i, arg) in args.iter().enumerate() {
            let operand = self.arg(dot, function.param(i), arg)?;
            self.steps += weight(&operand.value);
            untyped |= u64::from(operand.any) << i.min(63);
            self.arguments.push(operand.value);
        }
        if let Some(last) = last {
            self.steps += weight(&last.value);
            let value = self.fits(last, function.param(args.len()))?;
            self.arguments.push(value);
        }
        self.within_limits()?;
        let values = &self.arguments[base..];
        let piped = values.first().map(Printed);
        let first: &dyn fmt::Display = match (args.first(), &piped) {
            (Some(arg), _) => &arg.node,
            (None, Some(value)) => value,
            (None, None) => &"",
        };
        let result = (function.call)(&Call { args: values, host: self.host, first, untyped });
        self.arguments.truncate(base);
        match result {
            Ok(value) => {
                self.account(&value, 0)?;
                Ok(Operand::concrete(value))
            }
            Err(message) => {
                self.at = whole;
                self.error(format!("error calling {name}: {message}"))
            }
        }
    }

    /// Counts what a function gave, so that neither memory nor the stack ends: values double in loops, and a map may be
    /// put into itself.
    fn account(&mut self, value: &Value<'d>, depth: usize) -> Walked<()> {
        self.made += std::mem::size_of::<Value<'_>>();
        self.steps += 1;
        if depth > MAX_DEPTH {
            return self.limit(&format!("values are nested more than {MAX_DEPTH} deep"));
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

    #[inline]
    fn within_limits(&self) -> Walked<()> {
        match (self.made > MAX_MADE, self.steps > MAX_STEPS) {
            (false, false) => Ok(()),
            (true, _) => self.limit(&format!("functions give more than {MAX_MADE} bytes")),
            (_, true) => self.limit(&format!("the template takes more than {MAX_STEPS} steps")),
        }
    }

    /// An argument that is no literal.
    fn arg_operand(&mut self, dot: &Operand<'d>, arg: &'d Arg) -> Walked<Operand<'d>> {
        self.at = (arg.pos, &arg.node);
        match &arg.node {
            Term::Dot => Ok(dot.clone()),
            Term::Field(names) => self.chain(dot, dot.clone(), names, &[], None),
            Term::Variable(names) => self.variable(dot, names, &[], None),
            Term::Pipe(pipe) => self.pipe(dot, pipe).map(Operand::concrete),
            Term::Identifier(name, function) => self.call(dot, &function.0, name, (arg.pos, &arg.node), &[], None),
            Term::Chain(inner, names) => {
                let receiver = self.chain_start(dot, arg, inner)?;
                self.chain(dot, receiver, names, &[], None)
            }
            _ => self.constant(arg).map(Operand::concrete),
        }
    }

    /// An argument for a parameter.
    fn arg(&mut self, dot: &Operand<'d>, param: Param, arg: &'d Arg) -> Walked<Operand<'d>> {
        self.at = (arg.pos, &arg.node);
        let value = match (&arg.node, param) {
            (Term::Nil, Param::Any) => Ok(Value::Missing),
            (Term::Nil, Param::Typed(ty)) => match nil_of(ty) {
                Some(nil) => Ok(nil),
                None => self.error(format!("cannot assign nil to {ty}")),
            },
            (Term::Bool(_) | Term::String { .. } | Term::Number(_), Param::Any) => self.constant(arg),
            (Term::Bool(_) | Term::String { .. } | Term::Number(_), Param::Typed(ty)) => self.typed_constant(arg, ty),
            _ => {
                let operand = self.arg_operand(dot, arg)?;
                match param {
                    Param::Any => return Ok(operand),
                    param => self.fits(operand, param),
                }
            }
        };
        value.map(Operand::concrete)
    }

    /// A literal as a value of a certain type.
    fn typed_constant(&mut self, arg: &'d Arg, ty: &'static str) -> Walked<Value<'d>> {
        let value = match (&arg.node, ty) {
            (Term::Bool(b), "bool") => Some(Value::Bool(*b)),
            (Term::String { text, .. }, "string") => Some(Value::borrowed(text)),
            (Term::Number(n), "int" | "int64" | "int32" | "time.Duration") => {
                let kind = match ty {
                    "int64" => Int::Int64,
                    "int32" => Int::Int32,
                    "time.Duration" => Int::Duration,
                    _ => Int::Int,
                };
                n.int.map(|i| Value::Int(i, kind))
            }
            (Term::Number(n), "uint" | "uint64") => n.uint.map(|u| Value::Uint(u, super::value::Uint::Uint)),
            (Term::Number(n), "float64") => n.float.map(|f| Value::Float(f, false)),
            _ => None,
        };
        if let Some(value) = value {
            return Ok(value);
        }
        let wanted = match ty {
            "bool" => "bool",
            "string" => "string",
            "int" | "int64" | "int32" | "time.Duration" => "integer",
            "uint" | "uint64" => "unsigned integer",
            "float64" => "float",
            _ => return self.error(format!("can't handle {} for arg of type {ty}", arg.node)),
        };
        self.error(format!("expected {wanted}; found {}", arg.node))
    }

    /// A value for a parameter: it must be of the type, or a pointer to it.
    fn fits(&mut self, operand: Operand<'d>, param: Param) -> Walked<Value<'d>> {
        let Param::Typed(ty) = param else { return Ok(operand.value) };
        match &operand.value {
            Value::Nil => self.error(format!("wrong type for value; expected {ty}; got interface {{}}")),
            Value::Missing => match nil_of(ty) {
                Some(nil) => Ok(nil),
                None => self.error(format!("invalid value; expected {ty}")),
            },
            Value::Object(object) => {
                let name = object.type_name();
                let same = name == ty || name.strip_prefix('*') == Some(ty) || ty == "error" || ty == "proto.Message";
                if same && object.is_nil() && name != ty && ty != "proto.Message" {
                    return self.error(format!("dereference of nil pointer of type {ty}"));
                }
                match object.pointee() {
                    Some(inner) if name != ty && inner.type_name() == ty => Ok(inner),
                    _ if same => Ok(operand.value),
                    _ => self.error(format!("wrong type for value; expected {ty}; got {}", operand.value.type_name())),
                }
            }
            value if value.type_name() == ty => Ok(operand.value),
            value => self.error(format!("wrong type for value; expected {ty}; got {}", value.type_name())),
        }
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
        return Some(Value::Map(super::value::Map { element, key: "string", members: super::value::Members::Nil }));
    }
    (ty.starts_with('*') || ty == "proto.Message" || ty == "error").then_some(Value::Nil)
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Text(text) => f.write_str(text),
            Node::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Node::Template { name, pipe: Some(pipe), .. } => {
                write!(f, "{{{{template {} {pipe}}}}}", strconv::quote(name))
            }
            Node::Template { name, pipe: None, .. } => write!(f, "{{{{template {}}}}}", strconv::quote(name)),
            Node::If(b) => write!(f, "{{{{if {}}}}}", b.pipe),
            Node::With(b) => write!(f, "{{{{with {}}}}}", b.pipe),
            Node::Range(b) => write!(f, "{{{{range {}}}}}", b.pipe),
            Node::Break => f.write_str("{{break}}"),
            Node::Continue => f.write_str("{{continue}}"),
        }
    }
}
