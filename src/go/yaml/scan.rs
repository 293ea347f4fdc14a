//! Text to tokens: indentation becomes tokens of its own, and simple keys are marked once their `:` is found.
//!
//! Source: go.yaml.in/yaml v2.4.3, whose ways with simple keys in flow collections are followed to the last: a flow
//! collection without any possible key inside forgets that it could be a key itself.

mod scalars;
mod tags;

use std::collections::{HashMap, VecDeque};

use super::cursor::{Cursor, Mark};
use super::node::Error;

/// How far behind a simple key its `:` may stand.
const MAX_KEY: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    Version(u8, u8),
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { text: String, plain: bool },
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// Where a key without `?` may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    /// Nothing else can stand there.
    required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    /// Tokens that are ready, and how many were taken before them.
    tokens: VecDeque<Token>,
    taken: usize,
    /// The column of the innermost block collection, -1 for none, and those around it.
    indent: i64,
    indents: Vec<i64>,
    flow_level: usize,
    key_allowed: bool,
    /// One for the block level and one for each flow level; and which of them waits for which token.
    keys: Vec<SimpleKey>,
    waiting: HashMap<usize, usize>,
    ended: bool,
}

/// A syntax error of the scanner, which counts lines from 0.
fn error(problem: &str, at: Mark) -> Error {
    super::node::syntax_error(problem, at, 1)
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            // The token for the beginning of the stream is taken as read.
            taken: 1,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            key_allowed: true,
            keys: vec![SimpleKey::default()],
            waiting: HashMap::new(),
            ended: false,
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&Token, Error> {
        self.fetch()?;
        let end = || Error::new("yaml: unknown problem parsing YAML content");
        self.tokens.front().ok_or_else(end)
    }

    /// Takes the next token, which was peeked at.
    pub(super) fn take(&mut self) -> Option<Token> {
        self.taken += 1;
        self.tokens.pop_front()
    }

    /// Reads on until the next token is sure: as long as it may turn out to be a key.
    fn fetch(&mut self) -> Result<(), Error> {
        loop {
            if !self.tokens.is_empty() {
                let Some(level) = self.waiting.get(&self.taken).copied() else { return Ok(()) };
                if !self.is_valid(level)? {
                    return Ok(());
                }
            }
            if self.ended {
                return Ok(());
            }
            self.fetch_next()?;
        }
    }

    fn push(&mut self, kind: Kind, start: Mark) {
        let end = self.cursor.mark;
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Puts a token of no width before the one of that number; at the end when that one is gone.
    fn insert(&mut self, number: usize, kind: Kind, mark: Mark) {
        let token = Token { kind, start: mark, end: mark };
        match number.checked_sub(self.taken) {
            Some(at) if at <= self.tokens.len() => self.tokens.insert(at, token),
            _ => self.tokens.push_back(token),
        }
    }

    fn fetch_next(&mut self) -> Result<(), Error> {
        self.skip_to_token()?;
        self.unroll(self.cursor.mark.column as i64);
        self.cursor.look()?;
        let mark = self.cursor.mark;
        if self.cursor.at_end() {
            return self.end_stream();
        }
        let block = self.flow_level == 0;
        let next_is_space = self.cursor.is_space(1);
        match self.cursor.byte(0) {
            b'%' if mark.column == 0 => {
                self.unroll(-1);
                self.remove_key()?;
                self.key_allowed = false;
                let kind = self.directive()?;
                self.push(kind, mark);
                self.cursor.skip_break();
            }
            b'-' | b'.' if self.cursor.is_document_indicator() => {
                let kind = if self.cursor.byte(0) == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
                self.unroll(-1);
                self.remove_key()?;
                self.key_allowed = false;
                self.cursor.skip_many(3);
                self.push(kind, mark);
            }
            open @ (b'[' | b'{') => {
                self.save_key()?;
                self.keys.push(SimpleKey { token: self.taken + self.tokens.len(), mark, ..SimpleKey::default() });
                self.flow_level += 1;
                if self.flow_level > super::MAX_DEPTH {
                    return Err(error("exceeded max depth of 10000", mark));
                }
                self.key_allowed = true;
                self.indicator(if open == b'[' { Kind::FlowSequenceStart } else { Kind::FlowMappingStart });
            }
            close @ (b']' | b'}') => {
                self.remove_key()?;
                if self.flow_level > 0 {
                    self.flow_level -= 1;
                    if let Some(key) = self.keys.pop() {
                        self.waiting.remove(&key.token);
                    }
                }
                self.key_allowed = false;
                self.indicator(if close == b']' { Kind::FlowSequenceEnd } else { Kind::FlowMappingEnd });
            }
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.indicator(Kind::FlowEntry);
            }
            b'-' if next_is_space => {
                if block {
                    self.demand_key("block sequence entries are not allowed in this context")?;
                    self.roll(mark.column as i64, None, Kind::BlockSequenceStart, mark)?;
                }
                self.remove_key()?;
                self.key_allowed = true;
                self.indicator(Kind::BlockEntry);
            }
            b'?' if !block || next_is_space => {
                if block {
                    self.demand_key("mapping keys are not allowed in this context")?;
                    self.roll(mark.column as i64, None, Kind::BlockMappingStart, mark)?;
                }
                self.remove_key()?;
                self.key_allowed = block;
                self.indicator(Kind::Key);
            }
            b':' if !block || next_is_space => self.value()?,
            b'*' => self.keyed(|scanner| scanner.anchor().map(Kind::Alias))?,
            b'&' => self.keyed(|scanner| scanner.anchor().map(Kind::Anchor))?,
            b'!' => self.keyed(Scanner::tag)?,
            style @ (b'|' | b'>') if block => {
                self.remove_key()?;
                self.key_allowed = true;
                let (text, end) = self.block_scalar(style == b'|')?;
                self.tokens.push_back(Token { kind: Kind::Scalar { text, plain: false }, start: mark, end });
            }
            quote @ (b'\'' | b'"') => self.keyed(|scanner| {
                let text = scanner.quoted_scalar(quote)?;
                Ok(Kind::Scalar { text, plain: false })
            })?,
            first => {
                let plain = match first {
                    b'-' => !self.cursor.is_blank(1),
                    b'?' | b':' => block && !next_is_space,
                    b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' => false,
                    b'%' | b'@' | b'`' => false,
                    _ => !self.cursor.is_space(0),
                };
                if !plain {
                    return Err(error("found character that cannot start any token", mark));
                }
                self.save_key()?;
                self.key_allowed = false;
                let (text, end) = self.plain_scalar()?;
                self.tokens.push_back(Token { kind: Kind::Scalar { text, plain: true }, start: mark, end });
            }
        }
        Ok(())
    }

    /// A token of one character.
    fn indicator(&mut self, kind: Kind) {
        let mark = self.cursor.mark;
        self.cursor.skip();
        self.push(kind, mark);
    }

    /// A token that may be a simple key.
    fn keyed(&mut self, scan: impl FnOnce(&mut Scanner<'a>) -> Result<Kind, Error>) -> Result<(), Error> {
        let mark = self.cursor.mark;
        self.save_key()?;
        self.key_allowed = false;
        let kind = scan(self)?;
        self.push(kind, mark);
        Ok(())
    }

    /// `:`, which makes what stands before it a key.
    fn value(&mut self) -> Result<(), Error> {
        let mark = self.cursor.mark;
        let level = self.keys.len() - 1;
        if self.is_valid(level)? {
            let key = self.keys[level];
            self.insert(key.token, Kind::Key, key.mark);
            self.roll(key.mark.column as i64, Some(key.token), Kind::BlockMappingStart, key.mark)?;
            self.keys[level].possible = false;
            self.waiting.remove(&key.token);
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.demand_key("mapping values are not allowed in this context")?;
                self.roll(mark.column as i64, None, Kind::BlockMappingStart, mark)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.indicator(Kind::Value);
        Ok(())
    }

    fn end_stream(&mut self) -> Result<(), Error> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(Kind::StreamEnd, self.cursor.mark);
        Ok(())
    }

    /// Goes over blanks, comments and line breaks.
    fn skip_to_token(&mut self) -> Result<(), Error> {
        loop {
            self.cursor.look()?;
            let tabs = self.flow_level > 0 || !self.key_allowed;
            while self.cursor.byte(0) == b' ' || (tabs && self.cursor.byte(0) == b'\t') {
                self.cursor.skip();
                self.cursor.look()?;
            }
            self.cursor.skip_comment()?;
            if !self.cursor.is_break(0) {
                return Ok(());
            }
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn demand_key(&self, problem: &str) -> Result<(), Error> {
        let mark = self.cursor.mark;
        if self.key_allowed { Ok(()) } else { Err(error(problem, mark)) }
    }

    /// True when a simple key may still be one: its `:` must follow on the same line and not too far away.
    fn is_valid(&mut self, level: usize) -> Result<bool, Error> {
        let mark = self.cursor.mark;
        let Some(key) = self.keys.get_mut(level).filter(|key| key.possible) else { return Ok(false) };
        if key.mark.line < mark.line || key.mark.index + MAX_KEY < mark.index {
            if key.required {
                return Err(error("could not find expected ':'", mark));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && self.indent == mark.column as i64;
        let key = SimpleKey { possible: true, required, token: self.taken + self.tokens.len(), mark };
        self.remove_key()?;
        let level = self.keys.len() - 1;
        self.keys[level] = key;
        self.waiting.insert(key.token, level);
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), Error> {
        let mark = self.cursor.mark;
        let Some(key) = self.keys.last_mut().filter(|key| key.possible) else { return Ok(()) };
        if key.required {
            return Err(error("could not find expected ':'", mark));
        }
        key.possible = false;
        let token = key.token;
        self.waiting.remove(&token);
        Ok(())
    }

    /// Opens a block collection where a column is further right than the one around it.
    fn roll(&mut self, column: i64, number: Option<usize>, kind: Kind, mark: Mark) -> Result<(), Error> {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > super::MAX_DEPTH {
            return Err(error("exceeded max depth of 10000", mark));
        }
        self.insert(number.unwrap_or(usize::MAX), kind, mark);
        Ok(())
    }

    /// Closes the block collections that are further right than a column.
    fn unroll(&mut self, column: i64) {
        while self.flow_level == 0 && self.indent > column {
            self.push(Kind::BlockEnd, self.cursor.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}
