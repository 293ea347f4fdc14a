use std::fmt;

use super::{Number, Object, Str, Value};

/// How deep lists and objects may nest. Go stops at 10,000; here it is less, so that a thread's stack is never
/// exhausted by a hostile document.
pub const MAX_DEPTH: usize = 1_000;

/// What the parser does beyond the defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions {
    /// Keep every member of an object that names a key twice (in order), instead of only the last value. Go's typed
    /// decoding sees them all.
    pub keep_duplicates: bool,
}

/// A syntax error with the text and the offset of Go's `json.SyntaxError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
    offset: usize,
}

impl Error {
    /// How many bytes were read before the error was noticed, the offending byte included (Go's `Offset`).
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Parses one JSON document; bytes that are not UTF-8 inside strings become U+FFFD, as in Go.
///
/// Errors: the text of Go's `encoding/json` scanner, with the offset.
pub fn parse(text: impl AsRef<[u8]>) -> Result<Value, Error> {
    parse_with(text, ParseOptions::default())
}

/// [`parse`] with options.
pub fn parse_with(text: impl AsRef<[u8]>, options: ParseOptions) -> Result<Value, Error> {
    let mut parser = Parser { text: text.as_ref(), at: 0, depth: 0, options };
    let value = parser.document()?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(value),
        Some(c) => Err(parser.invalid(c, "after top-level value")),
    }
}

/// Parses the first JSON value of `text` and tells how many bytes it took. For streams of values.
pub fn parse_prefix(text: &[u8]) -> Result<(Value, usize), Error> {
    let mut parser = Parser { text, at: 0, depth: 0, options: ParseOptions::default() };
    let value = parser.document()?;
    Ok((value, parser.at))
}

/// True when `text` is a number by JSON's grammar.
pub(super) fn is_number(text: &str) -> bool {
    let mut parser = Parser { text: text.as_bytes(), at: 0, depth: 0, options: ParseOptions::default() };
    matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9')) && parser.number().is_ok() && parser.at == text.len()
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    options: ParseOptions,
}

/// A character the way Go's scanner quotes it in messages.
fn quote(c: u8) -> String {
    match c {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        7 => r"'\a'".to_owned(),
        8 => r"'\b'".to_owned(),
        12 => r"'\f'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        11 => r"'\v'".to_owned(),
        0..32 | 127 => format!("'\\x{c:02x}'"),
        // The scanner works on bytes and prints each as the rune of that number.
        0x80..=0xa0 | 0xad => format!("'\\u{c:04x}'"),
        _ => format!("'{}'", c as char),
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn end(&self) -> Error {
        Error { message: "unexpected end of JSON input".into(), offset: self.text.len() }
    }

    fn invalid(&self, c: u8, context: &str) -> Error {
        Error { message: format!("invalid character {} {context}", quote(c)), offset: self.at + 1 }
    }

    fn unexpected(&self, context: &str) -> Error {
        self.peek().map_or_else(|| self.end(), |c| self.invalid(c, context))
    }

    /// `unexpected` within a token: Go ends the text with a blank, which does not belong there.
    fn broken(&self, context: &str) -> Error {
        self.invalid(self.peek().unwrap_or(b' '), context)
    }

    fn document(&mut self) -> Result<Value, Error> {
        self.skip_space();
        self.value()
    }

    fn value(&mut self) -> Result<Value, Error> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b't') => self.literal("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.literal("null").map(|()| Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error { message: "exceeded max depth".into(), offset: self.at });
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Error> {
        for (i, &want) in word.as_bytes().iter().enumerate() {
            if self.peek() != Some(want) {
                let context = format!("in literal {word} (expecting {})", quote(word.as_bytes()[i]));
                return Err(self.broken(&context));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Number, Error> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.broken("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            match self.peek() {
                Some(b'0'..=b'9') => self.digits(),
                _ => return Err(self.broken("after decimal point in numeric literal")),
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            match self.peek() {
                Some(b'0'..=b'9') => self.digits(),
                _ => return Err(self.broken("in exponent of numeric literal")),
            }
        }
        Ok(Number::from_text(std::str::from_utf8(&self.text[start..self.at]).unwrap_or("0")))
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut members = Object::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value()?;
            if self.options.keep_duplicates {
                members.push(key, value);
            } else {
                members.insert(key, value);
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn string(&mut self) -> Result<Str, Error> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Str::from_utf8_lossy(raw));
                }
                Some(b'\\') => return self.escaped(start),
                Some(0..32) => return Err(self.unexpected("in string literal")),
                Some(_) => self.at += 1,
                None => return Err(self.end()),
            }
        }
    }

    /// The rest of a string from its first backslash on; `start` is where its text begins.
    fn escaped(&mut self, start: usize) -> Result<Str, Error> {
        let mut out: Vec<u8> = self.text[start..self.at].to_vec();
        loop {
            let Some(c) = self.peek() else { return Err(self.end()) };
            match c {
                b'"' => {
                    self.at += 1;
                    return Ok(Str::from_utf8_lossy(&out));
                }
                b'\\' => {
                    self.at += 1;
                    let Some(c) = self.peek() else { return Err(self.broken("in string escape code")) };
                    let plain = match c {
                        b'"' | b'\\' | b'/' => c,
                        b'b' => 8,
                        b'f' => 12,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'u' => {
                            self.at += 1;
                            let c = self.unicode()?;
                            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                            continue;
                        }
                        _ => return Err(self.invalid(c, "in string escape code")),
                    };
                    out.push(plain);
                    self.at += 1;
                }
                0..32 => return Err(self.invalid(c, "in string literal")),
                _ => {
                    out.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let mut n = 0;
        for _ in 0..4 {
            match self.peek().and_then(|c| (c as char).to_digit(16)) {
                Some(digit) => n = n * 16 + digit,
                None => return Err(self.broken("in \\u hexadecimal character escape")),
            }
            self.at += 1;
        }
        Ok(n)
    }

    /// After `\u`: one character, surrogate pairs joined, lone surrogates replaced.
    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                return Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).unwrap_or('\u{fffd}'));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str, message: &str) {
        assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
    }

    #[test]
    fn errors_read_as_go() {
        fails("", "unexpected end of JSON input");
        fails("nul", "invalid character ' ' in literal null (expecting 'l')");
        fails("[1.", "invalid character ' ' after decimal point in numeric literal");
        fails("nulx", "invalid character 'x' in literal null (expecting 'l')");
        fails("{\"a\" 1}", "invalid character '1' after object key");
        fails("{a:1}", "invalid character 'a' looking for beginning of object key string");
        fails("[1 2]", "invalid character '2' after array element");
        fails("[1,]", "invalid character ']' looking for beginning of value");
        fails("01", "invalid character '1' after top-level value");
        fails("1.x", "invalid character 'x' after decimal point in numeric literal");
        fails("\"\\q\"", "invalid character 'q' in string escape code");
        fails("\"\u{1}\"", "invalid character '\\x01' in string literal");
        fails(&"[".repeat(2000), "exceeded max depth");
    }

    #[test]
    fn strings_and_duplicates() {
        assert_eq!(parse(r#""\ud83d\ude00\u00e9\ud800x""#).unwrap().as_str(), Some("😀é\u{fffd}x"));
        assert_eq!(parse(r#"{"a":1,"a":2}"#).unwrap().to_string(), r#"{"a":2}"#);
        let both = parse_with(r#"{"a":1,"a":2}"#, ParseOptions { keep_duplicates: true }).unwrap();
        assert_eq!(both.to_string(), r#"{"a":1,"a":2}"#);
    }
}
