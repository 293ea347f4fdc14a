//! What all commands share of reading arguments and printing.

use std::fmt;
use std::io::Write;

use conjector::injector::release::Release;

use crate::cli::Exit;
use crate::report::Style;

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one JSON document with a `version`.
    Json,
}

/// Prints to standard output with a line break at the end; a closed pipe is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    _ = write!(out, "{text}{end}");
}

/// Prints to standard error.
pub fn warn(text: &dyn fmt::Display) {
    _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints an error and gives back the exit code.
pub fn fail(exit: Exit, error: &dyn fmt::Display) -> Exit {
    warn(&format_args!("error: {error}"));
    exit
}

/// How text is printed: colours on a terminal, unless `NO_COLOR` is set.
pub fn style() -> Style {
    use std::io::IsTerminal;
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    Style { color: wanted && std::io::stdout().is_terminal() }
}

/// Reads a release name of the command line.
pub fn release(name: &str) -> Result<&'static Release, String> {
    Release::find(name).map_err(|e| e.to_string())
}
