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
//!
//! # Reading
//!
//! [`parse`] takes one document, [`parse_prefix`] one out of many in a row, [`parse_with`] keeps members that come
//! twice when it is told to. An [`Error`] has Go's text and [`Error::offset`], the place that Go counts. Nesting ends at
//! [`MAX_DEPTH`], before Go's does; bytes that are no UTF-8 come out as U+FFFD, as they do in Go.
//!
//! # The tree
//!
//! Reading a tree never fails: `pod["spec"]["containers"][0]["name"]` is null where anything on the way is not there,
//! [`Value::items`] is empty for what is no list, [`Value::pointer`] follows an RFC 6901 pointer. Writing makes what is
//! missing: [`Value::entry`] for members, [`Object::insert`], which keeps a member's place, and [`Object::push`] for keys
//! that are known to be new. Objects are equal whatever their order.
//!
//! ```
//! use conjector::go::json;
//!
//! let mut pod = json::parse(r#"{"spec": {"containers": [{"name": "web"}]}}"#).unwrap();
//! assert_eq!(pod["spec"]["containers"][0]["name"].as_str(), Some("web"));
//! assert!(pod["status"]["phase"].is_null());
//! *pod.entry("metadata").entry("labels").entry("app") = "web".into();
//! assert_eq!(pod.pointer("/metadata/labels/app"), Some(&"web".into()));
//! ```
//!
//! # Numbers
//!
//! A [`Number`] prints as it was written: `1e3`, `1.0` and integers of any length survive. [`Number::as_i64`] gives
//! integers that fit, [`Number::as_f64`] what Go's `float64` holds, [`format_float`] how Go prints that.
//!
//! # Writing
//!
//! [`to_string`] is `json.Marshal` for a struct (members as they stand, `<`, `>` and `&` escaped), [`to_string_sorted`]
//! for a map, [`to_string_unescaped`] an encoder with `SetEscapeHTML(false)`.

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
