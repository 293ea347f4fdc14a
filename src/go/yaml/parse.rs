//! Tokens to nodes, one document at a time.

use super::cursor::Mark;
use super::node::{Document, Error, Kind, Node, syntax_error};
use super::scan::{Kind as Token, Scanner};

/// A syntax error of the parser; its texts name the line before.
fn error(problem: &str, at: Mark) -> Error {
    syntax_error(problem, at, 0)
}

pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    /// Handles of tags and what they stand for, in this document.
    handles: Vec<(String, String)>,
    anchors: Vec<(String, Option<Node>)>,
    first: bool,
}

/// What is being read inside a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    BlockSequence,
    /// A sequence at the column of the mapping around it.
    Indentless,
    BlockMapping,
    FlowSequence,
    FlowMapping,
    /// `a: b` as an item of a flow sequence.
    FlowPair,
}

/// A collection that is still open.
struct Open {
    node: Node,
    style: Style,
    anchor: Option<usize>,
    /// A key that waits for its value.
    key: Option<Node>,
    /// The key came without `?` and `:`, so that it has no value.
    bare: bool,
    /// Nothing was read yet.
    empty: bool,
}

enum Found {
    /// A whole node, and its anchor.
    Node(Node, Option<usize>),
    Collection(Open),
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { scanner: Scanner::new(text), handles: Vec::new(), anchors: Vec::new(), first: true }
    }

    fn peek(&mut self) -> Result<&Token, Error> {
        Ok(&self.scanner.peek()?.kind)
    }

    /// Where the next token begins and ends.
    fn place(&mut self) -> Result<(Mark, Mark), Error> {
        self.scanner.peek().map(|token| (token.start, token.end))
    }

    fn take(&mut self) -> Token {
        self.scanner.take().map_or(Token::StreamEnd, |token| token.kind)
    }

    /// Takes the next token when it is of that kind.
    fn takes(&mut self, kind: &Token) -> Result<bool, Error> {
        let there = self.peek()? == kind;
        if there {
            self.take();
        }
        Ok(there)
    }

    /// The next document, or none at the end of the stream.
    pub(super) fn document(&mut self) -> Result<Option<Document>, Error> {
        let first = std::mem::replace(&mut self.first, false);
        while !first && self.takes(&Token::DocumentEnd)? {}
        let root = match self.peek()? {
            Token::StreamEnd => return Ok(None),
            Token::Version(..) | Token::TagDirective { .. } | Token::DocumentStart => self.explicit()?,
            _ if first => {
                self.directives()?;
                Some(self.node(true, false)?)
            }
            _ => self.explicit()?,
        };
        let root = match root {
            Some(root) => self.whole(root)?,
            None => empty(self.place()?.0),
        };
        self.takes(&Token::DocumentEnd)?;
        self.handles.clear();
        Ok(Some(Document { root, anchors: std::mem::take(&mut self.anchors) }))
    }

    /// A document with directives or `---`; none when nothing follows.
    fn explicit(&mut self) -> Result<Option<Found>, Error> {
        self.directives()?;
        let (start, _) = self.place()?;
        if !self.takes(&Token::DocumentStart)? {
            return Err(error("did not find expected <document start>", start));
        }
        match self.peek()? {
            Token::Version(..)
            | Token::TagDirective { .. }
            | Token::DocumentStart
            | Token::DocumentEnd
            | Token::StreamEnd => Ok(None),
            _ => self.node(true, false).map(Some),
        }
    }

    fn directives(&mut self) -> Result<(), Error> {
        let mut version = false;
        loop {
            let (start, _) = self.place()?;
            match self.peek()?.clone() {
                Token::Version(..) if version => return Err(error("found duplicate %YAML directive", start)),
                Token::Version(1, 1) => version = true,
                Token::Version(..) => return Err(error("found incompatible YAML document", start)),
                Token::TagDirective { handle, prefix } => {
                    if self.handles.iter().any(|(known, _)| *known == handle) {
                        return Err(error("found duplicate %TAG directive", start));
                    }
                    self.handles.push((handle, prefix));
                }
                _ => break,
            }
            self.take();
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.handles.iter().any(|(known, _)| known == handle) {
                self.handles.push((handle.into(), prefix.into()));
            }
        }
        Ok(())
    }

    /// Reads a node to its end, whatever is nested inside.
    fn whole(&mut self, root: Found) -> Result<Node, Error> {
        let mut open: Vec<Open> = Vec::new();
        let mut found = root;
        loop {
            let (node, anchor) = match found {
                Found::Node(node, anchor) => (node, anchor),
                Found::Collection(collection) => {
                    open.push(collection);
                    if open.len() > super::MAX_DEPTH {
                        return Err(Error::new("yaml: exceeded max depth of 10000"));
                    }
                    found = self.step(&mut open)?;
                    continue;
                }
            };
            if let Some(slot) = anchor.and_then(|i| self.anchors.get_mut(i)) {
                slot.1 = Some(node.clone());
            }
            let Some(parent) = open.last_mut() else { return Ok(node) };
            parent.empty = false;
            match &mut parent.node.kind {
                Kind::Sequence(items) => items.push(node),
                Kind::Mapping(members) => match parent.key.take() {
                    None => parent.key = Some(node),
                    Some(key) => members.push((key, node)),
                },
                Kind::Scalar { .. } | Kind::Alias(_) => {}
            }
            found = self.step(&mut open)?;
        }
    }

    /// The next thing inside the innermost open collection, or that collection when it ends.
    fn step(&mut self, open: &mut Vec<Open>) -> Result<Found, Error> {
        let Some(top) = open.last_mut() else { return Err(Error::new("yaml: unknown problem parsing YAML content")) };
        let (style, empty, has_key) = (top.style, top.empty, top.key.is_some());
        let next = match style {
            Style::BlockSequence | Style::Indentless => self.block_item(style)?,
            Style::BlockMapping if has_key => Some(self.block_value()?),
            Style::BlockMapping => self.block_key()?,
            Style::FlowSequence => self.flow_item(empty)?,
            Style::FlowMapping if has_key => {
                let bare = std::mem::take(&mut top.bare);
                Some(self.flow_value(bare)?)
            }
            Style::FlowMapping => self.flow_key(empty, &mut top.bare)?,
            Style::FlowPair if has_key => Some(self.pair_value()?),
            Style::FlowPair if empty => Some(self.pair_key()?),
            Style::FlowPair => {
                self.peek()?;
                None
            }
        };
        match next {
            Some(found) => Ok(found),
            None => match open.pop() {
                Some(closed) => Ok(Found::Node(closed.node, closed.anchor)),
                None => Err(Error::new("yaml: unknown problem parsing YAML content")),
            },
        }
    }

    fn empty_at(mark: Mark) -> Found {
        Found::Node(empty(mark), None)
    }

    fn block_item(&mut self, style: Style) -> Result<Option<Found>, Error> {
        let (start, end) = self.place()?;
        if self.takes(&Token::BlockEntry)? {
            let nothing = match self.peek()? {
                Token::BlockEntry | Token::BlockEnd => true,
                Token::Key | Token::Value => style == Style::Indentless,
                _ => false,
            };
            return match nothing {
                true => Ok(Some(Self::empty_at(end))),
                false => self.node(true, false).map(Some),
            };
        }
        match style {
            Style::Indentless => Ok(None),
            _ if self.takes(&Token::BlockEnd)? => Ok(None),
            _ => Err(error("did not find expected '-' indicator", start)),
        }
    }

    /// What follows `?` or `:` in a block mapping; `mark` is where nothing stands.
    fn block_content(&mut self, mark: Mark) -> Result<Found, Error> {
        match self.peek()? {
            Token::Key | Token::Value | Token::BlockEnd => Ok(Self::empty_at(mark)),
            _ => self.node(true, true),
        }
    }

    fn block_key(&mut self) -> Result<Option<Found>, Error> {
        let (start, end) = self.place()?;
        if self.takes(&Token::Key)? {
            return self.block_content(end).map(Some);
        }
        match self.takes(&Token::BlockEnd)? {
            true => Ok(None),
            false => Err(error("did not find expected key", start)),
        }
    }

    fn block_value(&mut self) -> Result<Found, Error> {
        let (start, end) = self.place()?;
        match self.takes(&Token::Value)? {
            true => self.block_content(end),
            false => Ok(Self::empty_at(start)),
        }
    }

    /// Goes over the comma before an item that is not the first one.
    fn comma(&mut self, first: bool, close: &Token, problem: &str) -> Result<(), Error> {
        let (start, _) = self.place()?;
        if first || self.peek()? == close || self.takes(&Token::FlowEntry)? {
            return Ok(());
        }
        Err(error(problem, start))
    }

    fn flow_item(&mut self, first: bool) -> Result<Option<Found>, Error> {
        if self.takes(&Token::FlowSequenceEnd)? {
            return Ok(None);
        }
        self.comma(first, &Token::FlowSequenceEnd, "did not find expected ',' or ']'")?;
        let (start, _) = self.place()?;
        if self.takes(&Token::Key)? {
            let node = node(Kind::Mapping(Vec::new()), String::new(), start);
            return Ok(Some(Found::Collection(Open::new(node, Style::FlowPair, None))));
        }
        match self.takes(&Token::FlowSequenceEnd)? {
            true => Ok(None),
            false => self.node(false, false).map(Some),
        }
    }

    fn pair_key(&mut self) -> Result<Found, Error> {
        let (_, end) = self.place()?;
        match self.peek()? {
            // go-yaml takes the token for the missing key.
            Token::Value | Token::FlowEntry | Token::FlowSequenceEnd => {
                self.take();
                Ok(Self::empty_at(end))
            }
            _ => self.node(false, false),
        }
    }

    fn pair_value(&mut self) -> Result<Found, Error> {
        let (start, _) = self.place()?;
        if self.takes(&Token::Value)? && !matches!(self.peek()?, Token::FlowEntry | Token::FlowSequenceEnd) {
            return self.node(false, false);
        }
        Ok(Self::empty_at(start))
    }

    fn flow_key(&mut self, first: bool, bare: &mut bool) -> Result<Option<Found>, Error> {
        if self.takes(&Token::FlowMappingEnd)? {
            return Ok(None);
        }
        self.comma(first, &Token::FlowMappingEnd, "did not find expected ',' or '}'")?;
        if self.takes(&Token::Key)? {
            let (start, _) = self.place()?;
            return match self.peek()? {
                Token::Value | Token::FlowEntry | Token::FlowMappingEnd => Ok(Some(Self::empty_at(start))),
                _ => self.node(false, false).map(Some),
            };
        }
        if self.takes(&Token::FlowMappingEnd)? {
            return Ok(None);
        }
        *bare = true;
        self.node(false, false).map(Some)
    }

    fn flow_value(&mut self, bare: bool) -> Result<Found, Error> {
        if !bare && self.takes(&Token::Value)? && !matches!(self.peek()?, Token::FlowEntry | Token::FlowMappingEnd) {
            return self.node(false, false);
        }
        Ok(Self::empty_at(self.place()?.0))
    }

    /// A scalar, an alias or the beginning of a collection, with its anchor and tag.
    fn node(&mut self, block: bool, indentless: bool) -> Result<Found, Error> {
        let (start, _) = self.place()?;
        if let Token::Alias(name) = self.peek()? {
            let name = name.clone();
            self.take();
            let Some(i) = self.anchors.iter().rposition(|(known, _)| *known == name) else {
                let place = Some((start.line + 1, start.column + 1));
                return Err(Error { message: format!("yaml: unknown anchor '{name}' referenced"), place });
            };
            return Ok(Found::Node(node(Kind::Alias(i), String::new(), start), None));
        }
        let (mut anchor, mut tag) = (None, None);
        loop {
            match self.peek()? {
                Token::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                Token::Tag { handle, suffix } if tag.is_none() => {
                    let (handle, suffix) = (handle.clone(), suffix.clone());
                    let (mark, _) = self.place()?;
                    tag = Some((handle, suffix, mark));
                }
                _ => break,
            }
            self.take();
        }
        let tag = match tag {
            None => String::new(),
            Some((handle, suffix, _)) if handle.is_empty() => suffix,
            Some((handle, suffix, mark)) => {
                let prefix = self.handles.iter().find(|(known, _)| *known == handle);
                match prefix.map(|(_, prefix)| format!("{prefix}{suffix}")) {
                    Some(tag) if !tag.is_empty() => tag,
                    _ => return Err(error("found undefined tag handle", mark)),
                }
            }
        };
        let tagged = !tag.is_empty();
        let (problem_at, _) = self.place()?;
        let collection = match self.peek()? {
            Token::BlockEntry if indentless => Some(Style::Indentless),
            Token::FlowSequenceStart => Some(Style::FlowSequence),
            Token::FlowMappingStart => Some(Style::FlowMapping),
            Token::BlockSequenceStart if block => Some(Style::BlockSequence),
            Token::BlockMappingStart if block => Some(Style::BlockMapping),
            Token::Scalar { .. } => None,
            _ if anchor.is_some() || tagged => {
                let anchor = self.remember(anchor);
                let scalar = Kind::Scalar { text: String::new(), plain: !tagged };
                return Ok(Found::Node(node(scalar, tag, start), anchor));
            }
            _ => return Err(error("did not find expected node content", problem_at)),
        };
        let anchor = self.remember(anchor);
        let Some(style) = collection else {
            let Token::Scalar { text, plain } = self.take() else { return Ok(Self::empty_at(start)) };
            // The tag `!` leaves it to the text what it is, unless that is quoted.
            let plain = plain && (!tagged || tag == "!");
            return Ok(Found::Node(node(Kind::Scalar { text, plain }, tag, start), anchor));
        };
        if style != Style::Indentless {
            self.take();
        }
        let kind = match style {
            Style::BlockSequence | Style::Indentless | Style::FlowSequence => Kind::Sequence(Vec::new()),
            Style::BlockMapping | Style::FlowMapping | Style::FlowPair => Kind::Mapping(Vec::new()),
        };
        Ok(Found::Collection(Open::new(node(kind, tag, start), style, anchor)))
    }

    /// Makes an anchor known; its node follows.
    fn remember(&mut self, name: Option<String>) -> Option<usize> {
        self.anchors.push((name?, None));
        Some(self.anchors.len() - 1)
    }
}

impl Open {
    fn new(node: Node, style: Style, anchor: Option<usize>) -> Open {
        Open { node, style, anchor, key: None, bare: false, empty: true }
    }
}

fn node(kind: Kind, tag: String, start: Mark) -> Node {
    Node { kind, tag, line: start.line + 1, column: start.column + 1 }
}

/// What stands where nothing is written.
fn empty(mark: Mark) -> Node {
    node(Kind::Scalar { text: String::new(), plain: true }, String::new(), mark)
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_DEPTH, documents, to_json};

    fn reads(text: &str, json: &str) {
        assert_eq!(to_json(text).map(|v| v.to_string()), Ok(json.to_owned()), "{text:?}");
    }

    fn fails(text: &str, message: &str) {
        assert_eq!(to_json(text).map_err(|e| e.to_string()), Err(message.to_owned()), "{text:?}");
    }

    #[test]
    fn flow_collections_as_go_yaml_takes_them() {
        reads("{a: 1:, b: [1:]}\n", r#"{"a":"1:","b":["1:"]}"#);
        reads("[a: b, {c}, d: ]\n", r#"[{"a":"b"},{"c":null},{"d":null}]"#);
        // The collection is no key, as it held none that could be one; a second document is not looked at.
        reads("{? a : b}: 1\n", r#"{"a":"b"}"#);
        fails("v: {a? 1,}\n", "yaml: did not find expected ',' or '}'");
        fails("[a, b\n", "yaml: line 1: did not find expected ',' or ']'");
    }

    #[test]
    fn scalars_and_their_ends() {
        reads("a: |\n  x", r#"{"a":"x"}"#);
        reads("a: >-\n  x\n  y\n\n  z\n", r#"{"a":"x y\nz"}"#);
        reads("a: |2+\n   x\n\n", r#"{"a":" x\n\n"}"#);
        reads("a: \"x \\\n  y\\u00e9\\L\"\n", "{\"a\":\"x yé\\u2028\"}");
        fails("a: \"\\/\"\n", "yaml: found unknown escape character");
        fails("a: 'x\n", "yaml: line 2: found unexpected end of stream");
        fails("a: \u{1}\n", "yaml: control characters are not allowed");
        reads("v: !!map,", r#"{"v":""}"#);
    }

    #[test]
    fn several_documents_have_their_places() {
        let all = documents("--- a\n---\n  b: c\n...\n%YAML 1.1\n---\n").unwrap();
        let places: Vec<_> = all.iter().map(|d| (d.root.line, d.root.column)).collect();
        assert_eq!(places, [(1, 5), (3, 3), (7, 1)]);
        let error = documents("a: b\nc: d: e\n").unwrap_err();
        assert_eq!(error.place(), Some((2, 5)));
    }

    #[test]
    fn depth_is_limited() {
        for deep in ["[".repeat(MAX_DEPTH + 1), "- ".repeat(MAX_DEPTH + 1), "{a: ".repeat(MAX_DEPTH + 1)] {
            let message = to_json(&deep).unwrap_err().to_string();
            assert!(message.ends_with("exceeded max depth of 10000"), "{message}");
        }
    }
}
