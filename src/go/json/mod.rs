//! JSON as Go's `encoding/json` reads and writes it.
//!
//! One tree type, [`Value`], goes through the whole house. It differs from the usual JSON trees where Go programs
//! show the difference: objects keep their member order (and, on request, duplicate keys), numbers keep their
//! spelling, syntax errors carry Go's text and offset, and printing escapes what `json.Marshal` escapes.
//!
//! ```
//! use conjector::go::json;
//!
//! let pod = json::parse(r#"{"b": 1e3, "a": "x<y"}"#).unwrap();
//! assert_eq!(pod["a"].as_str(), Some("x<y"));
//! assert_eq!(json::to_string(&pod), r#"{"b":1e3,"a":"x\u003cy"}"#);
//! assert_eq!(json::parse("{").unwrap_err().to_string(), "unexpected end of JSON input");
//! ```

mod interop;
mod number;
mod object;
mod parse;
mod print;
mod value;

pub use number::Number;
pub use object::{Iter, Object};
pub use parse::{Error, MAX_DEPTH, ParseOptions, parse, parse_prefix, parse_with};
pub use print::{format_float, to_string, to_string_sorted, to_string_unescaped, write_string};
pub use value::{Str, Value};
