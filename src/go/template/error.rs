use std::fmt;

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The template's text is no template.
    Parse,
    /// Running it failed.
    Exec,
    /// A limit was reached: output, steps or depth.
    Limit,
}

/// A template that cannot be parsed or run, with Go's text: name, line, column, context, reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    pub(super) message: String,
    /// The line, from 1, where known.
    pub line: Option<usize>,
    /// What was written before the error.
    pub partial: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
