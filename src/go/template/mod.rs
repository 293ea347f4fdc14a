//! Go's `text/template` with Go's values, functions and error texts.
//!
//! ```
//! use conjector::go::json;
//! use conjector::go::template::{Functions, NoHost, Template, Value};
//!
//! let template = Template::parse("t", "{{range .names}}<{{.}}>{{else}}none{{end}}", &Functions::builtin()).unwrap();
//! let data = json::parse(r#"{"names": ["a", 1e6]}"#).unwrap();
//! assert_eq!(template.render(&Value::json(&data), &NoHost).unwrap(), "<a><1e+06>");
//!
//! let error = Template::parse("t", "{{if}}", &Functions::builtin()).unwrap_err();
//! assert_eq!(error.to_string(), "template: t:1: missing value for if");
//! ```
//!
//! Phases: text → tokens (`lex`) → tree (`ast`, `parse`) → output (`exec`), with Go's values in `value`, Go's printing
//! in `format`, Go's own functions in `builtins` and Masterminds' in [`sprig`].

mod ast;
mod builtins;
mod error;
mod exec;
pub mod format;
mod functions;
mod lex;
mod parse;
pub mod sprig;
mod value;

pub use error::{Error, ErrorKind};
pub use exec::{MAX_CALL_DEPTH, MAX_OUTPUT, MAX_STEPS};
pub use functions::{Call, Func, Function, Functions, Host, NoHost};
pub use parse::{MAX_NESTING, MissingKey, Options, Template};
pub use value::{Int, Items, Key, List, Map, Members, Object, Text, Uint, Value};
