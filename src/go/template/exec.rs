//! Trees to output.
//!
//! What is evaluated leaves its value on top of one stack, where it is looked at, printed or handed to a function without
//! being moved: a call's arguments stand next to each other there.

mod call;
mod literal;
mod member;
mod range;
mod variables;

use std::borrow::Cow;
use std::fmt;

use super::ast::{Arg, Branch, Command, Node, Pipe, Term};
use super::error::{Error, ErrorKind};
use super::format;
use super::functions::Host;
use super::parse::Template;
use super::value::Value;
use crate::go::{bytes, strconv};
use variables::Variables;

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
/// How deep the templates, branches and loops may stand in one another that are running, all calls together.
pub const MAX_LEVELS: usize = 1000;

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
            variables: Variables::new(dot.clone()),
            stack: Vec::new(),
            out: String::with_capacity(self.text.len() / 2),
            steps: 0,
            made: 0,
            depth: 0,
            levels: 0,
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
    variables: Variables<'d>,
    /// Values that are being computed.
    stack: Vec<Value<'d>>,
    out: String,
    steps: u64,
    made: usize,
    depth: usize,
    levels: usize,
    /// The node that is being evaluated: its offset and its text.
    at: (usize, &'d dyn fmt::Display),
}

/// Whether Go knows the value on top of the stack only as `interface {}`.
type Any = bool;

impl<'d> State<'d, '_> {
    #[cold]
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

    #[cold]
    fn limit<T>(&self, what: impl fmt::Display) -> Walked<T> {
        match self.error(what) {
            Err(Stop::Error(mut error)) => {
                error.kind = ErrorKind::Limit;
                Err(Stop::Error(error))
            }
            other => other,
        }
    }

    #[inline]
    fn within_limits(&self) -> Walked<()> {
        if self.made > MAX_MADE {
            return self.limit(format_args!("functions give more than {MAX_MADE} bytes"));
        }
        if self.steps > MAX_STEPS {
            return self.limit(format_args!("the template takes more than {MAX_STEPS} steps"));
        }
        Ok(())
    }

    fn push(&mut self, operand: Operand<'d>) -> Walked<Any> {
        self.stack.push(operand.value);
        Ok(operand.any)
    }

    fn push_concrete(&mut self, value: Value<'d>) -> Walked<Any> {
        self.stack.push(value);
        Ok(false)
    }

    fn top(&self) -> &Value<'d> {
        self.stack.last().unwrap_or(&Value::Missing)
    }

    fn pop(&mut self) -> Value<'d> {
        self.stack.pop().unwrap_or(Value::Missing)
    }

    fn drop_top(&mut self) {
        self.stack.truncate(self.stack.len().saturating_sub(1));
    }

    fn list(&mut self, dot: &Operand<'d>, list: &'d [Node]) -> Walked<()> {
        if self.levels == MAX_LEVELS {
            return self.limit(format_args!("templates and branches are nested more than {MAX_LEVELS} deep"));
        }
        self.levels += 1;
        let mut walked = Ok(());
        for node in list {
            walked = self.node(dot, node);
            if walked.is_err() {
                break;
            }
        }
        self.levels -= 1;
        walked
    }

    fn node(&mut self, dot: &Operand<'d>, node: &'d Node) -> Walked<()> {
        self.steps += 1;
        self.within_limits()?;
        match node {
            Node::Text(text) => {
                self.out.push_str(text);
                self.written(self.out.len() - text.len())
            }
            Node::Action(pipe) => {
                self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.print()?;
                }
                self.drop_top();
                Ok(())
            }
            Node::If(branch) => self.choose(dot, branch, false),
            Node::With(branch) => self.choose(dot, branch, true),
            Node::Range(branch) => self.range(dot, branch),
            Node::Template { pos, name, pipe } => self.call_template(dot, node, *pos, name, pipe.as_ref()),
            Node::Break => Err(Stop::Break),
            Node::Continue => Err(Stop::Continue),
        }
    }

    /// Prints the value on top of the stack.
    fn print(&mut self) -> Walked<()> {
        let start = self.out.len();
        match self.stack.last().unwrap_or(&Value::Missing) {
            Value::Str(text) => self.out.push_str(text),
            Value::Missing | Value::Nil => self.out.push_str("<no value>"),
            value => format::print_dereferenced(value, &mut self.out),
        }
        self.written(start)
    }

    /// Holds what was written from `start` on to the limit.
    fn written(&mut self, start: usize) -> Walked<()> {
        if self.out.len() > MAX_OUTPUT {
            self.out.truncate(start);
            return self.limit(format_args!("the output is longer than {MAX_OUTPUT} bytes"));
        }
        Ok(())
    }

    fn choose(&mut self, dot: &Operand<'d>, branch: &'d Branch, with: bool) -> Walked<()> {
        let outer = self.variables.mark();
        self.pipe(dot, &branch.pipe)?;
        let truth = self.top().truth();
        let walked = if truth && with {
            let dot = Operand::concrete(self.pop());
            self.list(&dot, &branch.then)
        } else {
            self.drop_top();
            match &branch.otherwise {
                _ if truth => self.list(dot, &branch.then),
                Some(list) => self.list(dot, list),
                None => Ok(()),
            }
        };
        self.variables.leave(outer);
        walked
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
            return self.error(format_args!("template {} not defined", strconv::quote(name)));
        };
        if self.depth == MAX_CALL_DEPTH {
            return self.error("exceeded maximum template depth (100000)");
        }
        let mut value = Value::Missing;
        if let Some(pipe) = pipe {
            self.pipe(dot, pipe)?;
            value = self.pop();
        }
        let dot = Operand::concrete(value);
        let outer_variables = self.variables.enter(dot.clone());
        let outer_name = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        self.list(&dot, root)?;
        self.depth -= 1;
        self.name = outer_name;
        self.variables.exit(outer_variables);
        Ok(())
    }

    /// Leaves a pipeline's value, dug out of its interface, and sets its variables.
    fn pipe(&mut self, dot: &Operand<'d>, pipe: &'d Pipe) -> Walked<()> {
        self.at = (pipe.pos, pipe);
        for (i, command) in pipe.commands.iter().enumerate() {
            self.command(dot, command, i > 0)?;
            if let Some(value @ Value::Nil) = self.stack.last_mut() {
                *value = Value::Missing;
            }
        }
        for variable in &pipe.variables {
            let value = Operand::concrete(self.top().clone());
            match pipe.assigns {
                true => self.assign(variable, value)?,
                false => self.variables.declare(variable, value),
            }
        }
        Ok(())
    }

    /// Runs a command; when it is `piped`, the value on top of the stack is its last argument, which it replaces.
    fn command(&mut self, dot: &Operand<'d>, command: &'d Command, piped: bool) -> Walked<Any> {
        let (first, args) = (&command.args[0], &command.args[1..]);
        if let Term::Pipe(pipe) = &first.node {
            if !args.is_empty() || piped {
                return self.no_arguments(&first.node);
            }
            return self.pipe(dot, pipe).map(|()| false);
        }
        self.at = (first.pos, &first.node);
        match &first.node {
            Term::Identifier(name, function) => self.call(dot, &function.0, name, (command.pos, command), args, piped),
            Term::Field(names) => self.chain(dot, dot, names, args, piped),
            Term::Chain(inner, names) => {
                let receiver = self.chain_start(dot, first, inner)?;
                self.chain(dot, &receiver, names, args, piped)
            }
            Term::Variable(variable, names) => self.variable(dot, variable, names, args, piped),
            _ if !args.is_empty() || piped => self.no_arguments(&first.node),
            Term::Dot => self.push(dot.clone()),
            Term::Nil => self.error("nil is not a command"),
            _ => {
                let value = self.constant(first)?;
                self.push_concrete(value)
            }
        }
    }

    fn no_arguments<T>(&self, term: impl fmt::Display) -> Walked<T> {
        self.error(format_args!("can't give argument to non-function {term}"))
    }

    /// Leaves the value of an argument that is no literal.
    fn operand(&mut self, dot: &Operand<'d>, arg: &'d Arg) -> Walked<Any> {
        self.at = (arg.pos, &arg.node);
        match &arg.node {
            Term::Dot => self.push(dot.clone()),
            Term::Field(names) => self.chain(dot, dot, names, &[], false),
            Term::Variable(variable, names) => self.variable(dot, variable, names, &[], false),
            Term::Pipe(pipe) => self.pipe(dot, pipe).map(|()| false),
            Term::Identifier(name, function) => self.call(dot, &function.0, name, (arg.pos, &arg.node), &[], false),
            Term::Chain(inner, names) => {
                let receiver = self.chain_start(dot, arg, inner)?;
                self.chain(dot, &receiver, names, &[], false)
            }
            _ => {
                let value = self.constant(arg)?;
                self.push_concrete(value)
            }
        }
    }

    /// What stands before the names of a chain.
    fn chain_start(&mut self, dot: &Operand<'d>, chain: &'d Arg, inner: &'d Arg) -> Walked<Operand<'d>> {
        if matches!(inner.node, Term::Nil) {
            return self.error(format_args!("indirection through explicit nil in {}", chain.node));
        }
        let any = self.operand(dot, inner)?;
        Ok(Operand { value: self.pop(), any })
    }
}
