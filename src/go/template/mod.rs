//! Go's `text/template` (Go 1.26) with Go's values, functions and error texts, and Masterminds' sprig in [`sprig`].
//!
//! ```
//! use conjector::go::json;
//! use conjector::go::template::{Functions, NoHost, Template, Value, sprig};
//!
//! let mut functions = Functions::builtin();
//! sprig::register(&mut functions);
//! functions.add("shout", "string", |call| Ok(Value::string(call.str(0).to_uppercase() + "!")));
//!
//! let text = r#"{{range .names}}<{{. | toString | shout}}>{{else}}none{{end}} {{printf "%08.3f" .pi}}"#;
//! let template = Template::parse("t", text, &functions).unwrap();
//! let data = json::parse(r#"{"names": ["a", 1e6], "pi": 3.14159}"#).unwrap();
//! assert_eq!(template.render(&Value::json(&data), &NoHost).unwrap(), "<A!><1E+06!> 0003.142");
//!
//! let error = Template::parse("t", "{{if}}", &functions).unwrap_err();
//! assert_eq!(error.to_string(), "template: t:1: missing value for if");
//!
//! let template = Template::parse("t", "a{{index .names 7}}", &functions).unwrap();
//! let error = template.render(&Value::json(&data), &NoHost).unwrap_err();
//! assert_eq!(error.partial, "a");
//! assert_eq!(
//!     error.to_string(),
//!     r#"template: t:1:3: executing "t" at <index .names 7>: error calling index: index out of range: 7"#
//! );
//! ```
//!
//! # Reading
//!
//! [`Template::parse`] reads a text with all that it defines; functions must be known then. [`Options`] has the
//! delimiters and what a missing map key gives. A template is read once and rendered often, from several threads.
//!
//! # Values
//!
//! A [`Value`] is what Go's reflection shows a template: integers of every size, floats, strings, lists and maps with
//! their element types, nil of a type. JSON is borrowed as it is ([`Value::json`]: Go's `any`, numbers are `float64`).
//! Structs, pointers and types with methods implement [`Object`]; nothing else is needed to show a template a type of
//! one's own. Strings of Go hold any bytes: those that are no UTF-8 are kept as [`bytes`](crate::go::bytes) tells and
//! come out as U+FFFD.
//!
//! # Functions
//!
//! [`Functions`] holds functions by name, with their parameters in Go's types, so that wrong arguments fail as in Go
//! before a function is called. What a function asks of the outside comes from the [`Host`]. Sprig's functions that need
//! the clock, the network, randomness or keys fail with a text that says so.
//!
//! # Errors and limits
//!
//! An [`Error`] has Go's text (name, line, column, node) and what was written before it. No template runs away: output
//! ([`MAX_OUTPUT`]), steps ([`MAX_STEPS`], to which long arguments add), bytes that functions give ([`MAX_MADE`]), calls
//! of templates ([`MAX_CALL_DEPTH`]) with all that is nested in them ([`MAX_LEVELS`]), nesting of values ([`MAX_DEPTH`])
//! and of actions ([`MAX_NESTING`]) and single texts ([`format::MAX_TEXT`]) are bounded. `docs/differences.md` lists where results differ from Go's.
//!
//! # Phases
//!
//! Text → tokens (`lex`) → tree (`ast`, `parse`) → output (`exec`), with Go's values in `value`, Go's printing in
//! [`format`](mod@format), Go's own functions in `builtins`.

mod ast;
mod builtins;
mod error;
mod exec;
pub mod format;
mod functions;
mod lex;
mod parse;
pub mod sprig;
#[cfg(test)]
mod tests;
mod value;

pub use error::{Error, ErrorKind};
pub use exec::{MAX_CALL_DEPTH, MAX_DEPTH, MAX_LEVELS, MAX_MADE, MAX_OUTPUT, MAX_STEPS};
pub use functions::{Call, Func, Function, Functions, Host, NoHost};
pub use parse::{MAX_NESTING, MissingKey, Options, Template};
pub use value::{Int, Items, Key, List, Map, Members, Object, Text, Uint, Value};
