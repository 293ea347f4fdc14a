//! The Common Expression Language as the API server runs it in matchConditions.
//!
//! The crate `cel` parses; what is declared, types, costs, values and texts are cel-go's and the API server's, so
//! checking and running are done here, on the objects themselves.

mod check;
mod eval;
mod library;
mod macros;
mod node;
mod types;
mod value;

use std::thread;

use cel::common::ast::SourceInfo;
use cel::parser::{ParseErrors, Parser};

use crate::go::json::Value;
use crate::k8s::Authorizer;
use node::{Node, Variable};
use types::Type;
use value::Val;

/// What one evaluation may cost.
pub(super) const CALL_COST_LIMIT: u64 = 1_000_000;
/// How deeply parts may be nested.
const MAX_NESTING: u16 = 100;
/// How many operators, dots and brackets an expression may have: they bound how deep it is parsed to.
const MAX_PARTS: usize = 2000;
/// Up to so many of them any stack will do.
const FEW_PARTS: usize = 20;
/// The stack for expressions with more, in bytes; only what is used of it is ever taken.
const STACK: usize = 256 << 20;
const TOO_DEEP: &str = "compilation failed: ERROR: <input>:-1:0: max recursion depth exceeded";
/// How many problems an error lists.
const MAX_PROBLEMS: usize = 100;

/// An expression, ready to run.
#[derive(Clone, Debug)]
pub(super) struct Program {
    node: Node,
    /// It looks at the request.
    uses_request: bool,
}

/// What an expression can look at.
pub(super) struct Variables<'a> {
    pub object: &'a Value,
    pub old_object: &'a Value,
    pub request: &'a Value,
    pub authorizer: Authorizer,
}

/// What an evaluation came to.
pub(super) enum Evaluated {
    True,
    False,
    /// The text of an error.
    Failed(String),
}

impl Program {
    /// Compiles an expression that must be true or false.
    ///
    /// Errors: the API server's text.
    pub(super) fn compile(source: &str) -> Result<Program, String> {
        let parts = source.bytes().filter(|b| b".[({?+-*/%<>=!&|,".contains(b)).count();
        if parts > MAX_PARTS {
            return Err(TOO_DEEP.into());
        }
        if parts <= FEW_PARTS {
            return Program::compile_here(source);
        }
        // The parser recurses; where there is much to parse it gets a stack of its own.
        let builder = thread::Builder::new().stack_size(STACK);
        thread::scope(|scope| {
            let compiler = builder.spawn_scoped(scope, || Program::compile_here(source));
            match compiler.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(compiled)) => compiled,
                _ => Err("compilation failed: the expression is too large".into()),
            }
        })
    }

    fn compile_here(source: &str) -> Result<Program, String> {
        let parser = Parser::new().enable_optional_syntax(true).max_recursion_depth(MAX_NESTING);
        let (expr, info) = parser.parse_with_source_info(source).map_err(|e| parse_errors(source, &e))?;
        let checked = check::check(&expr);
        if checked.too_deep {
            return Err(TOO_DEEP.into());
        }
        for problems in [checked.problems, checked.literals] {
            if !problems.is_empty() {
                let located = problems.into_iter().map(|(id, text)| (place(source, &info, id), text)).collect();
                return Err(compilation_failed(source, located));
            }
        }
        if checked.ty != Type::Bool {
            return Err(format!("must evaluate to bool but got {}", checked.ty));
        }
        match checked.instantiation {
            Some(text) => Err(format!("program instantiation failed: {text}")),
            None => Ok(Program { uses_request: checked.node.uses(Variable::Request), node: checked.node }),
        }
    }

    /// True when it looks at the request.
    pub(super) fn uses_request(&self) -> bool {
        self.uses_request
    }

    /// Evaluates, and tells what it cost.
    pub(super) fn evaluate(&self, variables: &Variables<'_>) -> (Evaluated, u64) {
        let (outcome, cost) = eval::run(&self.node, variables);
        let evaluated = match outcome {
            Ok(Val::Bool(true)) => Evaluated::True,
            Ok(Val::Bool(false)) => Evaluated::False,
            Ok(_) => Evaluated::Failed("no such overload".into()),
            Err(failure) => Evaluated::Failed(failure.into_text()),
        };
        (evaluated, cost)
    }
}

/// Line and column, from 1 and from 0.
type Place = (usize, usize);

fn place(source: &str, info: &SourceInfo, id: u64) -> Place {
    let start = info.offset_for(id).map_or(0, |(start, _)| start as usize);
    let before = source.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |text| text.chars().count());
    (line, column)
}

fn parse_errors(source: &str, errors: &ParseErrors) -> String {
    // Where the grammar was broken, what the parser itself misses afterwards says nothing.
    let own = |text: &str| text.starts_with("Incomplete `") || text.starts_with("No `");
    let located = errors.errors.iter().filter(|error| !own(&error.msg)).map(|error| {
        let (line, column) = error.pos;
        let place = (usize::try_from(line).unwrap_or(1).max(1), usize::try_from(column - 1).unwrap_or(0));
        (place, cel_go_text(source, place, &error.msg))
    });
    compilation_failed(source, located.collect())
}

/// A message of the parser in the words of cel-go.
fn cel_go_text(source: &str, (line, column): Place, text: &str) -> String {
    if text.contains("InvalidUnicode") {
        return "invalid unicode code point".into();
    }
    let before: String = source.split('\n').nth(line - 1).unwrap_or_default().chars().take(column).collect();
    let mapping = ["map(", "filter("].iter().any(|start| before.contains(start));
    if text == "argument must be a simple name" && mapping {
        return "argument is not an identifier".into();
    }
    match text.split_once(" expecting {") {
        Some((start, set)) if set.contains("'=='") => {
            // Any operator may follow an operand, which cel-go takes for granted.
            let rest: Vec<&str> = set.trim_end_matches('}').split(", ").filter(|t| !OPERATORS.contains(t)).collect();
            match rest.as_slice() {
                [only] => format!("{start} expecting {only}"),
                several => format!("{start} expecting {{{}}}", several.join(", ")),
            }
        }
        _ => text.to_owned(),
    }
}

/// Tokens that may follow an operand.
const OPERATORS: [&str; 17] = [
    "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "'.'", "'-'", "'?'", "'+'", "'*'",
    "'/'", "'%'",
];

/// All problems in order of place, each with its line and a mark below it.
fn compilation_failed(source: &str, mut problems: Vec<(Place, String)>) -> String {
    problems.sort_by_key(|(place, _)| *place);
    let shown: Vec<String> =
        problems.iter().take(MAX_PROBLEMS).map(|(place, text)| problem(source, *place, text)).collect();
    format!("compilation failed: {}", shown.join("\n"))
}

fn problem(source: &str, (line, column): Place, text: &str) -> String {
    // Of an empty expression there is nothing to show, and its first column is none.
    if source.is_empty() {
        return format!("ERROR: <input>:{line}:{column}: {text}");
    }
    let snippet = source.split('\n').nth(line - 1).unwrap_or_default().replace('\t', " ");
    let mut mark = String::new();
    let mut chars = snippet.chars();
    for c in chars.by_ref().take(column) {
        mark.push(if c.len_utf8() > 1 { '．' } else { '.' });
    }
    mark.push(if chars.next().is_some_and(|c| c.len_utf8() > 1) { '＾' } else { '^' });
    format!("ERROR: <input>:{line}:{}: {text}\n | {snippet}\n | {mark}", column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        Program::compile(source).err().unwrap_or_default()
    }

    /// Nothing that can be written down overflows a stack.
    #[test]
    fn nesting_is_bounded() {
        let deep = Program::compile(&format!("{} > 0", vec!["size(object)"; 200].join(" + "))).unwrap();
        let (object, null) = (Value::object(), Value::Null);
        let variables = Variables { object: &object, old_object: &null, request: &null, authorizer: Authorizer::Deny };
        assert!(matches!(deep.evaluate(&variables).0, Evaluated::False));
        assert_eq!(error(&format!("{} > 0", vec!["1"; 300].join(" + "))), TOO_DEEP);
        let parts = MAX_PARTS;
        let nested = [("(", "true", ")"), ("[", "1", "]"), ("f(", "1", ")"), ("{1: ", "1", "}"), ("!(", "true", ")")];
        for (open, inner, close) in nested {
            for n in [60, 90, 500, parts] {
                let _ = Program::compile(&format!("{}{inner}{}", open.repeat(n), close.repeat(n)));
            }
            let _ = Program::compile(&open.repeat(parts));
        }
        for chain in [".a", "[0]", ".a()", " + 1", " ? 1 : 1", " && true", " == 1"] {
            let _ = Program::compile(&format!("object{}", chain.repeat(parts / 2)));
        }
        let _ = Program::compile(&"-".repeat(parts));
        assert_eq!(error(&"!".repeat(parts + 1)), TOO_DEEP);
    }

    #[test]
    fn problems_are_shown_in_the_source() {
        assert_eq!(
            error("true &&\n 'é' == nope"),
            "compilation failed: ERROR: <input>:2:9: undeclared reference to 'nope' (in container '')\n |  'é' == nope\n | ..．.....^"
        );
        assert_eq!(error("1 + 1"), "must evaluate to bool but got int");
        assert!(
            error("").starts_with("compilation failed: ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>'")
        );
    }

    #[test]
    fn costs_are_limited() {
        let list = "[0,1,2,3,4,5,6,7,8,9]";
        let names = ["a", "b", "c", "d", "e", "f"];
        let open: String = names.iter().map(|n| format!("{list}.all({n}, ")).collect();
        let program =
            Program::compile(&format!("{open}a + b + c + d + e + f >= 0{}", ")".repeat(names.len()))).unwrap();
        let null = Value::Null;
        let variables = Variables { object: &null, old_object: &null, request: &null, authorizer: Authorizer::Allow };
        let (evaluated, cost) = program.evaluate(&variables);
        assert!(
            matches!(evaluated, Evaluated::Failed(text) if text == "operation cancelled: actual cost limit exceeded")
        );
        assert!(cost > CALL_COST_LIMIT);
        for source in ["lists.range(2000000000).size() > 0", "lists.range(100000).distinct().size() > 0"] {
            let (evaluated, _) = Program::compile(source).unwrap().evaluate(&variables);
            assert!(matches!(evaluated, Evaluated::Failed(_)), "{source}");
        }
    }
}
