use std::fmt;

use super::cursor::Mark;
use super::parse::Parser;

/// How deep collections may nest. Go stops at 10,000; here it is less, so that a thread's stack is never exhausted.
pub const MAX_DEPTH: usize = 1_000;

/// A YAML document that cannot be read, with Go's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub(super) message: String,
    /// Line and column, from 1, where they are known.
    pub(super) place: Option<(usize, usize)>,
}

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Error {
        Error { message: message.into(), place: None }
    }

    /// Line and column, both from 1, where they are known. Go's own text sometimes names the line before or after.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A node of a document, with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its explicit tag (`tag:yaml.org,2002:str`, `!foo`), empty when it has none.
    pub tag: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The column at which it begins, from 1, in characters.
    pub column: usize,
}

/// The kinds of nodes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A scalar; `plain` when neither quoted nor tagged, so that its text decides its type.
    Scalar {
        /// The text.
        text: String,
        /// Written without quotes and tag.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in order.
    Mapping(Vec<(Node, Node)>),
    /// `*name`, and where the anchored node is (`Document::anchors`).
    Alias(usize),
}

/// A document: its root and its anchored nodes.
#[derive(Debug)]
pub struct Document {
    /// The root.
    pub root: Node,
    /// Copies of the anchored nodes, in the order in which they begin; `None` while one is still being read, so that
    /// an alias inside its own anchor finds nothing.
    pub(super) anchors: Vec<(String, Option<Node>)>,
}

impl Document {
    pub(super) fn anchor(&self, alias: usize) -> (&str, Option<&Node>) {
        self.anchors.get(alias).map_or(("", None), |(name, node)| (name, node.as_ref()))
    }
}

/// Reads all documents of a stream.
///
/// Errors: syntax, unknown anchors, nesting deeper than [`MAX_DEPTH`].
pub fn documents(text: &str) -> Result<Vec<Document>, Error> {
    let mut parser = Parser::new(text);
    std::iter::from_fn(|| parser.document().transpose()).collect()
}

/// The first document of a stream; `None` when there is none. What follows it is not looked at.
pub(super) fn first_document(text: &str) -> Result<Option<Document>, Error> {
    Parser::new(text).document()
}

/// go-yaml's text for a syntax error: with the line, unless it is the first one. `plus` is what is added to the line,
/// which counts from 0.
pub(super) fn syntax_error(problem: &str, at: Mark, plus: usize) -> Error {
    let message = match at.line {
        0 => format!("yaml: {problem}"),
        line => format!("yaml: line {}: {problem}", line + plus),
    };
    Error { message, place: Some((at.line + 1, at.column + 1)) }
}
