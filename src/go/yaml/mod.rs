//! YAML as `sigs.k8s.io/yaml` (go-yaml v2) reads and writes it: YAML 1.1 scalars (`yes`, `017`, `1_000`), merge keys,
//! the last of duplicate keys, Go's error texts.
//!
//! ```
//! use conjector::go::{json, yaml};
//!
//! let value = yaml::to_json("a: yes\nb: 0x1F\nc: [x, ~]\n").unwrap();
//! assert_eq!(json::to_string(&value), r#"{"a":true,"b":31,"c":["x",null]}"#);
//! assert_eq!(yaml::from_json(&value), "a: true\nb: 31\nc:\n- x\n- null\n");
//! let error = yaml::to_json("a: b: c").unwrap_err();
//! assert_eq!(error.to_string(), "yaml: mapping values are not allowed in this context");
//! ```
//!
//! Phases: text → characters (`cursor`) → tokens (`scan`) → [`Node`] tree with places (`parse`, `node`) →
//! [`json::Value`](crate::go::json::Value) (`decode`, scalars by `resolve`); and back by `emit`. Plain texts take a short
//! way (`plain`).

mod cursor;
mod decode;
mod emit;
mod node;
mod parse;
mod plain;
mod resolve;
mod scalar;
mod scan;

pub use decode::{to_json, to_json_strict, to_json_with_floats};
pub use emit::{Style, from_decoded, from_json, from_json_in, from_json_ordered, from_json_text};
pub use node::{Document, Error, Kind, MAX_DEPTH, Node, documents};
pub use scalar::Exponents;
