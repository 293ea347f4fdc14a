//! Go's `regexp` patterns: checked with Go's error texts, then run by the `regex` crate, which agrees on the rest.
//!
//! ```
//! use conjector::go::regexp;
//!
//! assert!(regexp::compile(r"^\d{2}$").unwrap().is_match("42"));
//! assert_eq!(regexp::compile("a(b").unwrap_err(), "error parsing regexp: missing closing ): `a(b`");
//! ```

use std::iter::Peekable;
use std::str::CharIndices;

use regex::Regex;

/// How large a compiled pattern may become, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// How often Go repeats at most.
const MAX_REPEAT: u32 = 1000;

/// Compiles a pattern of Go's syntax.
///
/// Errors: Go's text, `error parsing regexp: …`.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let fail = |message: String| format!("error parsing regexp: {message}");
    let translated = Translator { pattern, rest: pattern.char_indices().peekable(), out: String::new() }
        .translate()
        .map_err(fail)?;
    regex::RegexBuilder::new(&translated)
        .size_limit(MAX_SIZE)
        .build()
        .map_err(|_| fail(format!("expression too large: `{pattern}`")))
}

/// Writes a pattern in the syntax of the `regex` crate, whose classes are Unicode's and whose braces must be escaped.
struct Translator<'a> {
    pattern: &'a str,
    rest: Peekable<CharIndices<'a>>,
    out: String,
}

/// What a repetition operator would repeat.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Piece,
    /// An operator that begins here.
    Operator(usize),
}

impl<'a> Translator<'a> {
    fn translate(mut self) -> Result<String, String> {
        let pattern = self.pattern;
        let mut last = Last::Nothing;
        let mut open = 0usize;
        while let Some((i, c)) = self.rest.next() {
            match c {
                '(' => {
                    let opens = self.group(i)?;
                    open += usize::from(opens);
                    last = Last::Nothing;
                }
                ')' => {
                    open = open.checked_sub(1).ok_or_else(|| format!("unexpected ): `{pattern}`"))?;
                    self.out.push(c);
                    last = Last::Piece;
                }
                '|' => {
                    self.out.push(c);
                    last = Last::Nothing;
                }
                '*' | '+' | '?' => {
                    self.repeat(i, &pattern[i..=i], &mut last)?;
                }
                '{' => match repetition(&pattern[i..]) {
                    Some((text, min, max)) => {
                        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
                            return Err(format!("invalid repeat count: `{text}`"));
                        }
                        for _ in 1..text.len() {
                            self.rest.next();
                        }
                        self.repeat(i, text, &mut last)?;
                    }
                    None => {
                        self.out.push_str("\\{");
                        last = Last::Piece;
                    }
                },
                '}' => {
                    self.out.push_str("\\}");
                    last = Last::Piece;
                }
                '[' => {
                    self.class(i)?;
                    last = Last::Piece;
                }
                '\\' => {
                    self.escape(i, false)?;
                    last = Last::Piece;
                }
                c => {
                    self.out.push(c);
                    last = Last::Piece;
                }
            }
        }
        if open > 0 {
            return Err(format!("missing closing ): `{pattern}`"));
        }
        Ok(self.out)
    }

    fn repeat(&mut self, at: usize, operator: &str, last: &mut Last) -> Result<(), String> {
        let end = at + operator.len();
        match *last {
            Last::Nothing => return Err(format!("missing argument to repetition operator: `{operator}`")),
            Last::Operator(first) => {
                return Err(format!("invalid nested repetition operator: `{}`", &self.pattern[first..end]));
            }
            Last::Piece => {}
        }
        self.out.push_str(operator);
        *last = Last::Operator(at);
        if self.rest.next_if(|(_, c)| *c == '?').is_some() {
            self.out.push('?');
        }
        Ok(())
    }

    /// What follows `(`; true where a group is opened, false for flags alone.
    fn group(&mut self, at: usize) -> Result<bool, String> {
        self.out.push('(');
        if self.rest.next_if(|(_, c)| *c == '?').is_none() {
            return Ok(true);
        }
        let rest = &self.pattern[at + 2..];
        for mark in ["P<", "<"] {
            let Some(named) = rest.strip_prefix(mark) else { continue };
            let whole = &self.pattern[at..];
            let Some(end) = named.find('>') else { return Err(format!("invalid named capture: `{whole}`")) };
            let name = &named[..end];
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                let length = 2 + mark.len() + end + 1;
                return Err(format!("invalid named capture: `{}`", &whole[..length]));
            }
            self.out.push_str("?P<");
            // The crate wants names to begin with a letter; nothing here asks for groups by name.
            self.out.push_str(&format!("n{name}>"));
            for _ in 0..mark.len() + end + 1 {
                self.rest.next();
            }
            return Ok(true);
        }
        let flags = rest.bytes().take_while(|b| matches!(b, b'i' | b'm' | b's' | b'U' | b'-')).count();
        let (flags, after) = rest.split_at(flags);
        let valid = flags.matches('-').count() <= 1 && !flags.ends_with('-');
        match after.chars().next() {
            Some(end @ (':' | ')')) if valid => {
                self.out.push('?');
                self.out.push_str(flags);
                self.out.push(end);
                for _ in 0..=flags.len() {
                    self.rest.next();
                }
                Ok(end == ':')
            }
            None => Err(format!("missing argument to repetition operator: `{}`", "?")),
            Some(bad) => {
                let length = 2 + flags.len() + bad.len_utf8();
                Err(format!("invalid or unsupported Perl syntax: `{}`", &self.pattern[at..at + length]))
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, at: usize, in_class: bool) -> Result<(), String> {
        let Some((_, c)) = self.rest.next() else {
            return Err("trailing backslash at end of expression: ``".into());
        };
        let bracketed = |inside: &str| if in_class { inside.to_owned() } else { format!("[{inside}]") };
        let text = match c {
            'd' => bracketed("0-9"),
            'D' => "[^0-9]".into(),
            'w' => bracketed("0-9A-Za-z_"),
            'W' => "[^0-9A-Za-z_]".into(),
            's' => bracketed("\\t\\n\\f\\r "),
            'S' => "[^\\t\\n\\f\\r ]".into(),
            'b' | 'B' if !in_class => format!("(?-u:\\{c})"),
            'A' | 'z' if !in_class => format!("\\{c}"),
            'Q' if !in_class => {
                let literal = &self.pattern[at + 2..];
                let literal = literal.split("\\E").next().unwrap_or(literal);
                let closed = self.pattern[at + 2 + literal.len()..].starts_with("\\E");
                for _ in 0..literal.chars().count() + if closed { 2 } else { 0 } {
                    self.rest.next();
                }
                regex::escape(literal)
            }
            'p' | 'P' | 'x' => format!("\\{c}"),
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => format!("\\{c}"),
            '0' => "\\x00".into(),
            c if c.is_ascii_punctuation() => format!("\\{c}"),
            c => return Err(format!("invalid escape sequence: `\\{c}`")),
        };
        self.out.push_str(&text);
        Ok(())
    }

    /// What follows `[`.
    fn class(&mut self, at: usize) -> Result<(), String> {
        self.out.push('[');
        if self.rest.next_if(|(_, c)| *c == '^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        let mut low: Option<(usize, char)> = None;
        while let Some((i, c)) = self.rest.next() {
            let plain = match c {
                ']' if !first => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' if self.pattern[i..].starts_with("[:") && self.pattern[i..].contains(":]") => {
                    let end = self.pattern[i..].find(":]").unwrap_or(0) + 2;
                    let name = &self.pattern[i..i + end];
                    if regex::Regex::new(&format!("[{name}]")).is_err() {
                        return Err(format!("invalid character class range: `{name}`"));
                    }
                    self.out.push_str(name);
                    for _ in 1..end {
                        self.rest.next();
                    }
                    None
                }
                '\\' => {
                    self.escape(i, true)?;
                    None
                }
                '-' if low.is_some() && self.rest.peek().is_some_and(|(_, next)| *next != ']') => {
                    self.out.push('-');
                    let Some((start, from)) = low else { continue };
                    if let Some(&(end, to)) = self.rest.peek()
                        && to != '\\'
                        && to < from
                    {
                        let range = &self.pattern[start..end + to.len_utf8()];
                        return Err(format!("invalid character class range: `{range}`"));
                    }
                    None
                }
                c => {
                    if matches!(c, '[' | ']' | '&' | '~' | '-' | '^') {
                        self.out.push('\\');
                    }
                    self.out.push(c);
                    Some((i, c))
                }
            };
            low = plain;
            first = false;
        }
        Err(format!("missing closing ]: `{}`", &self.pattern[at..]))
    }
}

/// `{n}`, `{n,}` or `{n,m}` at the beginning, with its bounds.
fn repetition(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let end = text.find('}')?;
    let inside = &text[1..end];
    let number = |digits: &str| {
        let valid = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'));
        valid.then(|| digits.parse::<u32>().unwrap_or(u32::MAX))
    };
    let (min, max) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((&text[..=end], min, max))
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn reads_as_go_does() {
        for (pattern, error) in [
            ("(", "missing closing ): `(`"),
            ("a)", "unexpected ): `a)`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("[a", "missing closing ]: `[a`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("\\y", "invalid escape sequence: `\\y`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("(?x)", "invalid or unsupported Perl syntax: `(?x`"),
            ("\\", "trailing backslash at end of expression: ``"),
        ] {
            assert_eq!(compile(pattern).unwrap_err(), format!("error parsing regexp: {error}"));
        }
        for (pattern, text) in
            [("{\"a\":[1,null]}", "{\"a\":,}"), ("a{,2}", "a{,2}"), (r"[\d\-x]+$", "1-x"), ("[[a]+", "[a")]
        {
            assert!(compile(pattern).unwrap().is_match(text), "{pattern}");
        }
        assert!(!compile(r"^\w$").unwrap().is_match("é"));
    }
}
