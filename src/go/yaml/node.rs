use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{ErrorKind, Event, EventData, Mark, Parser, ScalarStyle};

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
    /// `*name`, and where the anchored node is ([`Document::anchors`]).
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
    let mut documents = Vec::new();
    read(text, |document| {
        documents.push(document);
        true
    })?;
    Ok(documents)
}

/// The first document of a stream; `None` when there is none. What follows it is not looked at.
pub(super) fn first_document(text: &str) -> Result<Option<Document>, Error> {
    let mut first = None;
    read(text, |document| {
        first = Some(document);
        false
    })?;
    Ok(first)
}

fn read(text: &str, mut take: impl FnMut(Document) -> bool) -> Result<(), Error> {
    // The parser cannot end inside a block scalar without a line break: such a text gets one, which is taken off the
    // scalar again.
    if !text.ends_with(['\n', '\r']) && text.contains(['|', '>']) {
        let mut documents = Vec::new();
        let padded = format!("{text}\n");
        let result = read_terminated(&padded, text.len() as u64, |document| {
            documents.push(document);
            true
        });
        if result.is_ok() {
            documents.into_iter().all(&mut take);
            return result;
        }
    }
    read_terminated(text, u64::MAX, take)
}

fn read_terminated(text: &str, end: u64, mut take: impl FnMut(Document) -> bool) -> Result<(), Error> {
    let mut input = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    // The parser has a few unfinished corners that panic; to its callers that is a document it cannot read.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let slashes = text.contains("\\/").then_some(text);
        let mut reader = Reader { parser, end, slashes };
        while let Some(document) = reader.document()? {
            if !take(document) {
                break;
            }
        }
        Ok(())
    }));
    read.unwrap_or_else(|_| Err(Error::new("yaml: did not find expected node content")))
}

struct Reader<'a, 'b> {
    parser: Parser<&'a mut &'b [u8]>,
    /// Where the text ends; a line break from there on was added.
    end: u64,
    /// The text, where it may have escaped slashes, which are newer than go-yaml.
    slashes: Option<&'b str>,
}

/// A collection that is still open: its node so far, a key waiting for its value, its anchor.
struct Open {
    node: Node,
    key: Option<Node>,
    anchor: Option<usize>,
}

fn place(mark: Mark) -> (usize, usize) {
    (mark.line as usize + 1, mark.column as usize + 1)
}

/// go-yaml's text for a syntax error: the line of the problem or else of its context, unless it is the first one.
/// Scanner errors count lines from 0 there, parser errors effectively name the line before.
fn syntax(error: &libyaml_safer::Error) -> Error {
    let line = |mark: Option<Mark>| mark.map(|m| m.line).filter(|line| *line != 0);
    let in_scanner = u64::from(error.kind() == ErrorKind::Scanner);
    let line = line(error.problem_mark()).map(|line| line + in_scanner).or_else(|| line(error.context_mark()));
    let problem = match error.problem() {
        "" => "unknown problem parsing YAML content",
        problem => problem,
    };
    let message = match line {
        Some(line) => format!("yaml: line {line}: {problem}"),
        None => format!("yaml: {problem}"),
    };
    Error { message, place: error.problem_mark().map(place) }
}

impl Reader<'_, '_> {
    fn event(&mut self) -> Result<Event, Error> {
        self.parser.parse().map_err(|e| syntax(&e))
    }

    /// Refuses `\/` in a quoted scalar.
    fn check_slashes(&self, start: Mark, end: Mark) -> Result<(), Error> {
        let Some(text) = self.slashes else { return Ok(()) };
        let mut line = start.line;
        let mut chars = text.chars().skip(start.index as usize).take((end.index - start.index) as usize);
        while let Some(c) = chars.next() {
            line += u64::from(c == '\n');
            if c != '\\' {
                continue;
            }
            match chars.next() {
                Some('/') if line == 0 => return Err(Error::new("yaml: found unknown escape character")),
                Some('/') => {
                    return Err(Error::new(format!("yaml: line {}: found unknown escape character", line + 1)));
                }
                Some('\n') => line += 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// The next document, or `None` at the end of the stream.
    fn document(&mut self) -> Result<Option<Document>, Error> {
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: Vec<(String, Option<Node>)> = Vec::new();
        let mut root = None;
        loop {
            let event = self.event()?;
            let (line, column) = place(event.start_mark);
            let node = |kind, tag: Option<String>| Node { kind, tag: tag.unwrap_or_default(), line, column };
            let mut remember = |anchor: Option<String>| {
                anchor.map(|name| {
                    anchors.push((name, None));
                    anchors.len() - 1
                })
            };
            let (done, anchor) = match event.data {
                EventData::StreamEnd => return Ok(None),
                EventData::DocumentStart { version_directive: Some(version), .. }
                    if (version.major, version.minor) != (1, 1) =>
                {
                    return Err(Error::new("yaml: found incompatible YAML document"));
                }
                EventData::StreamStart { .. } | EventData::DocumentStart { .. } => continue,
                EventData::DocumentEnd { .. } => return Ok(root.map(|root| Document { root, anchors })),
                EventData::Alias { anchor } => match anchors.iter().rposition(|(name, _)| *name == anchor) {
                    Some(i) => (node(Kind::Alias(i), None), None),
                    None => {
                        let message = format!("yaml: unknown anchor '{anchor}' referenced");
                        return Err(Error { message, place: Some((line, column)) });
                    }
                },
                EventData::Scalar { anchor, tag, mut value, plain_implicit, style, .. } => {
                    if style == ScalarStyle::DoubleQuoted {
                        self.check_slashes(event.start_mark, event.end_mark)?;
                    }
                    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                    if block && event.end_mark.index > self.end && value.ends_with('\n') {
                        value.pop();
                    }
                    let plain = plain_implicit && (style == ScalarStyle::Plain || tag.is_none());
                    (node(Kind::Scalar { text: value, plain }, tag), remember(anchor))
                }
                EventData::SequenceStart { anchor, tag, .. } => {
                    let anchor = remember(anchor);
                    open.push(Open { node: node(Kind::Sequence(Vec::new()), tag), key: None, anchor });
                    if open.len() > MAX_DEPTH {
                        return Err(Error::new("yaml: exceeded max depth of 10000"));
                    }
                    continue;
                }
                EventData::MappingStart { anchor, tag, .. } => {
                    let anchor = remember(anchor);
                    open.push(Open { node: node(Kind::Mapping(Vec::new()), tag), key: None, anchor });
                    if open.len() > MAX_DEPTH {
                        return Err(Error::new("yaml: exceeded max depth of 10000"));
                    }
                    continue;
                }
                EventData::SequenceEnd | EventData::MappingEnd => match open.pop() {
                    Some(collection) => (collection.node, collection.anchor),
                    None => continue,
                },
            };
            if let Some(slot) = anchor.and_then(|i| anchors.get_mut(i)) {
                slot.1 = Some(done.clone());
            }
            match open.last_mut() {
                None => root = Some(done),
                Some(parent) => match &mut parent.node.kind {
                    Kind::Sequence(items) => items.push(done),
                    Kind::Mapping(members) => match parent.key.take() {
                        None => parent.key = Some(done),
                        Some(key) => members.push((key, done)),
                    },
                    Kind::Scalar { .. } | Kind::Alias(_) => {}
                },
            }
        }
    }
}
