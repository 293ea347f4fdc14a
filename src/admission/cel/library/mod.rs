//! The functions that expressions may call: a table a topic, a row a function with the signatures that a check accepts,
//! what it does and what it costs.
//!
//! Source: cel-go 0.26, standard library and extensions; apiserver 1.36, CEL libraries, as far as its environment for
//! stored expressions has them.

mod costs;
mod format;
pub(super) mod kubernetes;
mod lists;
mod network;
mod operators;
mod optional;
mod strings;
mod time;
mod versions;

pub(super) use format::{fill, wanted};
pub(super) use operators::CONVERSIONS;
pub(super) use strings::{PATTERNS, run_pattern};

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use super::types::Type;
use super::value::{Failure, Outcome, Val};

/// A row.
pub(super) struct Function {
    pub name: &'static str,
    /// Signatures, separated by blanks; `@` marks those that are called on their first argument.
    signatures: &'static str,
    pub run: for<'a, 'b> fn(&'b [Val<'a>]) -> Outcome<'a>,
    cost: for<'a, 'b> fn(&'b [Val<'a>], &'b Outcome<'a>) -> u64,
}

impl Function {
    /// What a call costs, from its arguments and result.
    pub(super) fn cost<'a>(&self, args: &[Val<'a>], result: &Outcome<'a>) -> u64 {
        (self.cost)(args, result)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One signature of a function.
#[derive(Debug)]
pub(super) struct Overload {
    /// Called on its first argument.
    pub member: bool,
    pub args: Vec<Type>,
    pub result: Type,
}

/// A function with what a check accepts.
pub(super) struct Declaration {
    pub function: &'static Function,
    pub overloads: Vec<Overload>,
}

/// All functions.
const TABLES: [&[Function]; 8] = [
    operators::FUNCTIONS,
    strings::FUNCTIONS,
    lists::FUNCTIONS,
    time::FUNCTIONS,
    optional::FUNCTIONS,
    kubernetes::FUNCTIONS,
    network::FUNCTIONS,
    versions::FUNCTIONS,
];

/// Looks a function up.
pub(super) fn declaration(name: &str) -> Option<&'static Declaration> {
    static ALL: LazyLock<HashMap<&str, Declaration>> = LazyLock::new(|| {
        let declared = |function: &'static Function| {
            let overloads = function.signatures.split_whitespace().filter_map(signature).collect();
            (function.name, Declaration { function, overloads })
        };
        TABLES.into_iter().flatten().map(declared).collect()
    });
    ALL.get(name.strip_prefix('.').unwrap_or(name))
}

/// Reads `@(string,list<A>)bool`.
fn signature(text: &str) -> Option<Overload> {
    let (member, text) = match text.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (args, result) = text.strip_prefix('(')?.split_once(')')?;
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in args.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&args[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    if start < args.len() {
        parts.push(&args[start..]);
    }
    let args = parts.into_iter().map(Type::read).collect::<Option<_>>()?;
    Some(Overload { member, args, result: Type::read(result)? })
}

/// The failure of operators on values that do not have them at all.
fn unsupported<'a>(operator: &str, first: &Val<'_>) -> Outcome<'a> {
    match first {
        Val::String(_) | Val::Timestamp(_) | Val::Duration(_) => Err(Failure::overload()),
        _ => Err(Failure::new(format!("no such overload: {operator}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_can_be_read() {
        for table in TABLES {
            for function in table {
                for text in function.signatures.split_whitespace() {
                    assert!(signature(text).is_some(), "{} {text}", function.name);
                }
                let declared = declaration(function.name).map(|d| d.function.signatures);
                assert_eq!(declared, Some(function.signatures), "{} stands in two rows", function.name);
            }
        }
    }
}
