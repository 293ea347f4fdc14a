//! The tree of a template. `Display` gives each node the text that Go's error messages quote.

use std::fmt;

use super::functions::Function;
use crate::go::strconv;

/// A node with the byte offset that errors point to.
#[derive(Debug)]
pub(super) struct At<T> {
    pub(super) pos: usize,
    pub(super) node: T,
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    /// `{{template "name" pipeline}}`
    Template {
        pos: usize,
        name: String,
        pipe: Option<Pipe>,
    },
    Break,
    Continue,
}

/// A pipeline with what is run when it is true and when not.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) then: Vec<Node>,
    pub(super) otherwise: Option<Vec<Node>>,
}

/// `$a, $b := command | command`
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) pos: usize,
    pub(super) assigns: bool,
    pub(super) variables: Vec<Variable>,
    pub(super) commands: Vec<Command>,
}

/// A variable where it is declared, set or read.
#[derive(Debug)]
pub(super) struct Variable {
    /// With `$`.
    pub(super) name: String,
    /// The place among the variables that its template has by then, where that is known without running it.
    pub(super) slot: Option<usize>,
}

/// A function, field or value with its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) pos: usize,
    pub(super) args: Vec<Arg>,
}

/// An operand.
pub(super) type Arg = At<Term>;

/// The kinds of operands.
#[derive(Debug)]
pub(super) enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String {
        quoted: String,
        text: String,
    },
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A.B`
    Variable(Variable, Vec<String>),
    /// `(…).A.B`
    Chain(Box<Arg>, Vec<String>),
    Identifier(String, Called),
    Pipe(Box<Pipe>),
}

/// The function behind an identifier.
pub(super) struct Called(pub(super) Function);

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

/// A constant number: all the types that it can be without loss.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) text: String,
    pub(super) int: Option<i64>,
    pub(super) uint: Option<u64>,
    pub(super) float: Option<f64>,
    /// Real and imaginary part of what is written with an `i`.
    pub(super) complex: Option<(f64, f64)>,
    /// Written as a character.
    pub(super) is_char: bool,
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

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            for (i, variable) in self.variables.iter().enumerate() {
                write!(f, "{}{}", if i > 0 { ", " } else { "" }, variable.name)?;
            }
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (i, command) in self.commands.iter().enumerate() {
            if i > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.args.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match &arg.node {
                Term::Pipe(pipe) => write!(f, "({pipe})")?,
                term => term.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Dot => f.write_str("."),
            Term::Nil => f.write_str("nil"),
            Term::Bool(b) => b.fmt(f),
            Term::Number(n) => f.write_str(&n.text),
            Term::String { quoted, .. } => f.write_str(quoted),
            Term::Field(names) => names.iter().try_for_each(|n| write!(f, ".{n}")),
            Term::Variable(variable, names) => {
                f.write_str(&variable.name)?;
                names.iter().try_for_each(|n| write!(f, ".{n}"))
            }
            Term::Chain(inner, names) => {
                match &inner.node {
                    Term::Pipe(pipe) => write!(f, "({pipe})")?,
                    term => term.fmt(f)?,
                }
                names.iter().try_for_each(|n| write!(f, ".{n}"))
            }
            Term::Identifier(name, _) => f.write_str(name),
            Term::Pipe(pipe) => pipe.fmt(f),
        }
    }
}
