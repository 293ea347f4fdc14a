//! Text to tokens.

use crate::go::strconv;

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is wrong stands beside the tokens.
    Error,
    Eof,
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Bool,
    Char,
    CharConstant,
    Complex,
    Number,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    String,
    RawString,
    Identifier,
    Field,
    Variable,
    Dot,
    Keyword(Keyword),
}

/// Words with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("block", Keyword::Block),
    ("break", Keyword::Break),
    ("continue", Keyword::Continue),
    ("define", Keyword::Define),
    ("else", Keyword::Else),
    ("end", Keyword::End),
    ("if", Keyword::If),
    ("nil", Keyword::Nil),
    ("range", Keyword::Range),
    ("template", Keyword::Template),
    ("with", Keyword::With),
];

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) pos: usize,
    pub(super) line: usize,
}

impl Token<'_> {
    /// The token as error messages show it.
    pub(super) fn show(&self) -> String {
        match self.kind {
            Kind::Eof => "EOF".into(),
            Kind::Keyword(_) | Kind::Dot => format!("<{}>", self.text),
            _ if self.text.chars().count() > 10 => {
                format!("{}...", strconv::quote(&self.text.chars().take(10).collect::<String>()))
            }
            _ => strconv::quote(self.text),
        }
    }
}

/// Where actions begin and end.
#[derive(Clone, Debug)]
pub(super) struct Delims {
    pub(super) left: String,
    pub(super) right: String,
}

/// Splits a template into tokens. The last one is `Eof`, or `Error`, for which there is a message.
pub(super) fn lex<'a>(text: &'a str, delims: &Delims) -> (Vec<Token<'a>>, String) {
    let tokens = Vec::with_capacity(text.len() / 8 + 2);
    let mut lexer = Lexer { text, delims, at: 0, start: 0, line: 1, tokens };
    let message = lexer.run().err();
    if message.is_some() {
        lexer.tokens.push(Token { kind: Kind::Error, text: "", pos: lexer.start, line: lexer.line });
    }
    (lexer.tokens, message.unwrap_or_default())
}

struct Lexer<'a, 'o> {
    text: &'a str,
    delims: &'o Delims,
    at: usize,
    start: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn show_char(c: Option<char>) -> String {
    match c {
        None => "U+FFFFFFFFFFFFFFFF".into(),
        Some(c) if strconv::is_print(c) => format!("U+{:04X} '{c}'", c as u32),
        Some(c) => format!("U+{:04X}", c as u32),
    }
}

impl<'a> Lexer<'a, '_> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn emit(&mut self, kind: Kind) {
        let text = &self.text[self.start..self.at];
        self.tokens.push(Token { kind, text, pos: self.start, line: self.line });
        self.skip();
    }

    /// Passes over what was read; lines are counted.
    fn skip(&mut self) {
        self.line += self.text[self.start..self.at].matches('\n').count();
        self.start = self.at;
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let Some(x) = self.rest().find(&self.delims.left) else {
                self.at = self.text.len();
                if self.at > self.start {
                    self.emit(Kind::Text);
                }
                self.emit(Kind::Eof);
                return Ok(());
            };
            self.at += x;
            let after = &self.text[self.at + self.delims.left.len()..];
            let trim = after.starts_with('-') && after[1..].starts_with(is_space);
            if trim {
                let kept = self.text[self.start..self.at].trim_end_matches(is_space).len();
                let delim = self.at;
                self.at = self.start + kept;
                if kept > 0 {
                    self.emit(Kind::Text);
                }
                self.at = delim;
                self.skip();
            } else if x > 0 {
                self.emit(Kind::Text);
            }
            self.at += self.delims.left.len();
            let marker = if trim { 2 } else { 0 };
            if self.text[self.at + marker..].starts_with("/*") {
                self.at += marker;
                self.comment()?;
                continue;
            }
            self.emit(Kind::LeftDelim);
            self.at += marker;
            self.skip();
            self.action()?;
        }
    }

    /// Right delimiter here, with or without a trim marker.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        let mut chars = rest.chars();
        if chars.next().is_some_and(is_space) && chars.next() == Some('-') && rest[2..].starts_with(&self.delims.right)
        {
            return Some(true);
        }
        rest.starts_with(&self.delims.right).then_some(false)
    }

    fn comment(&mut self) -> Result<(), String> {
        let Some(end) = self.rest()[2..].find("*/") else { return Err("unclosed comment".into()) };
        self.at += end + 4;
        let Some(trim) = self.at_right_delim() else { return Err("comment ends before closing delimiter".into()) };
        self.at += if trim { 2 } else { 0 } + self.delims.right.len();
        self.skip();
        if trim {
            self.trim_left();
        }
        Ok(())
    }

    fn trim_left(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_space).len();
        self.skip();
    }

    fn right_delim(&mut self, trim: bool) {
        if trim {
            self.at += 2;
            self.skip();
        }
        self.at += self.delims.right.len();
        self.emit(Kind::RightDelim);
        if trim {
            self.trim_left();
        }
    }

    /// Everything up to and with the right delimiter.
    fn action(&mut self) -> Result<(), String> {
        let mut parens = 0usize;
        loop {
            if let Some(trim) = self.at_right_delim() {
                if parens > 0 {
                    return Err("unclosed left paren".into());
                }
                self.right_delim(trim);
                return Ok(());
            }
            let Some(c) = self.next() else { return Err("unclosed action".into()) };
            match c {
                c if is_space(c) => self.space(),
                '=' => self.emit(Kind::Assign),
                ':' => {
                    if self.next() != Some('=') {
                        return Err("expected :=".into());
                    }
                    self.emit(Kind::Declare);
                }
                '|' => self.emit(Kind::Pipe),
                '"' => self.quoted('"', "unterminated quoted string", Kind::String)?,
                '\'' => self.quoted('\'', "unterminated character constant", Kind::CharConstant)?,
                '`' => match self.rest().find('`') {
                    Some(end) => {
                        self.at += end + 1;
                        self.emit(Kind::RawString);
                    }
                    None => return Err("unterminated raw quoted string".into()),
                },
                '$' => self.field_or_variable(Kind::Variable)?,
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) && self.peek().is_some() => {
                    self.field_or_variable(Kind::Field)?;
                }
                '.' | '+' | '-' | '0'..='9' => {
                    self.at = self.start;
                    self.number()?;
                }
                c if is_word(c) => self.identifier()?,
                '(' => {
                    parens += 1;
                    self.emit(Kind::LeftParen);
                }
                ')' => {
                    if parens == 0 {
                        return Err("unexpected right paren".into());
                    }
                    parens -= 1;
                    self.emit(Kind::RightParen);
                }
                c if c.is_ascii() && strconv::is_print(c) => self.emit(Kind::Char),
                c => return Err(format!("unrecognized character in action: {}", show_char(Some(c)))),
            }
        }
    }

    /// A run of blanks; the last one may belong to a trimming right delimiter.
    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.next();
        }
        let last = self.at - 1;
        let rest = &self.text[last..];
        if rest[1..].starts_with('-') && rest[2..].starts_with(&self.delims.right) {
            self.at = last;
            if self.at == self.start {
                return;
            }
        }
        self.emit(Kind::Space);
    }

    fn quoted(&mut self, mark: char, message: &str, kind: Kind) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.peek(), None | Some('\n')) => {
                    self.next();
                }
                None | Some('\n' | '\\') => return Err(message.into()),
                Some(c) if c == mark => {
                    self.emit(kind);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) if is_space(c) => true,
            _ => self.rest().starts_with(&self.delims.right),
        }
    }

    fn words(&mut self) {
        while self.peek().is_some_and(is_word) {
            self.next();
        }
    }

    fn bad_character(&self) -> Result<(), String> {
        if self.at_terminator() { Ok(()) } else { Err(format!("bad character {}", show_char(self.peek()))) }
    }

    fn field_or_variable(&mut self, kind: Kind) -> Result<(), String> {
        if self.at_terminator() {
            self.emit(if kind == Kind::Variable { kind } else { Kind::Dot });
            return Ok(());
        }
        self.words();
        self.bad_character()?;
        self.emit(kind);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), String> {
        self.words();
        self.bad_character()?;
        let word = &self.text[self.start..self.at];
        let keyword = KEYWORDS.iter().find(|(w, _)| *w == word).map(|(_, k)| Kind::Keyword(*k));
        self.emit(match (keyword, word) {
            (Some(keyword), _) => keyword,
            (None, "true" | "false") => Kind::Bool,
            _ => Kind::Identifier,
        });
        Ok(())
    }

    fn accept(&mut self, any: &str) -> bool {
        let found = self.peek().is_some_and(|c| any.contains(c));
        if found {
            self.next();
        }
        found
    }

    fn accept_run(&mut self, any: &str) {
        while self.accept(any) {}
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_word) {
            self.next();
            return false;
        }
        true
    }

    fn number(&mut self) -> Result<(), String> {
        let syntax = |l: &Self| format!("bad number syntax: {}", strconv::quote(&l.text[l.start..l.at]));
        if !self.scan_number() {
            return Err(syntax(self));
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || !self.text[..self.at].ends_with('i') {
                return Err(syntax(self));
            }
            self.emit(Kind::Complex);
        } else {
            self.emit(Kind::Number);
        }
        Ok(())
    }
}
