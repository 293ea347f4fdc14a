//! The suite of scenario files with its goldens, built into the library (feature `suite`).

/// All files by path: `cases/…` and `golden/…`, sorted.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/suite.rs"));
