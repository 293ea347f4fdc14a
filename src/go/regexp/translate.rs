//! Go's pattern syntax, checked and written in that of the `regex` crate, whose classes are Unicode's, whose braces must
//! be escaped and whose names must differ.

use regex::Regex;

/// How often Go repeats at most, nested repetitions multiplied.
const MAX_REPEAT: u32 = 1000;

/// The names that may stand in `[[:name:]]`.
const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// A pattern for the `regex` crate, and Go's names of its groups.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// For each group the name, empty where it has none.
    pub(super) names: Vec<String>,
}

/// Translates a pattern. Errors: Go's text behind `error parsing regexp: `.
pub(super) fn translate(pattern: &str) -> Result<Translated, String> {
    let mut translator = Translator {
        pattern,
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
        names: Vec::new(),
        groups: Vec::new(),
        piece: None,
        factor: 0,
    };
    translator.run()?;
    Ok(Translated { pattern: translator.out, names: translator.names })
}

struct Translator<'a> {
    pattern: &'a str,
    rest: &'a str,
    out: String,
    names: Vec<String>,
    /// For each open group the factor so far of what stands before it, within the same group.
    groups: Vec<u32>,
    /// What an operator would repeat: how often it repeats itself.
    piece: Option<u32>,
    /// The largest factor in the current group.
    factor: u32,
}

fn wrong<T>(what: &str, text: &str) -> Result<T, String> {
    Err(format!("{what}: `{text}`"))
}

impl<'a> Translator<'a> {
    fn run(&mut self) -> Result<(), String> {
        // The operator before this place.
        let mut operator: Option<&'a str> = None;
        while let Some(c) = self.rest.chars().next() {
            let here = self.rest;
            let last = operator.take();
            match c {
                '(' => self.group()?,
                ')' => {
                    let Some(outer) = self.groups.pop() else { return wrong("unexpected )", self.pattern) };
                    self.take(1);
                    self.out.push(')');
                    let inner = self.factor;
                    self.factor = outer;
                    self.add(inner);
                }
                '|' => {
                    self.take(1);
                    self.out.push('|');
                    self.piece = None;
                }
                '*' | '+' | '?' => {
                    self.repeat(1, 1, last)?;
                    operator = Some(here);
                }
                '{' => match repetition(here) {
                    Some((length, min, max)) => {
                        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
                            return wrong("invalid repeat count", &here[..length]);
                        }
                        self.repeat(length, max.unwrap_or(min), last)?;
                        operator = Some(here);
                    }
                    None => self.literal(c),
                },
                '[' => {
                    self.class()?;
                    self.add(1);
                }
                '\\' => self.backslash()?,
                '^' | '$' | '.' => {
                    self.take(1);
                    self.out.push(c);
                    self.add(1);
                }
                c => self.literal(c),
            }
        }
        if self.groups.is_empty() { Ok(()) } else { wrong("missing closing )", self.pattern) }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Something that can be repeated was written.
    fn add(&mut self, factor: u32) {
        self.piece = Some(factor.max(1));
        self.factor = self.factor.max(factor);
    }

    fn literal(&mut self, c: char) {
        self.take(c.len_utf8());
        self.push_literal(c);
        self.add(1);
    }

    fn push_literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    /// An operator of some length that repeats at most so often; more than `max` is only counted for braces.
    fn repeat(&mut self, length: usize, max: u32, last: Option<&'a str>) -> Result<(), String> {
        let before = self.rest;
        self.take(length);
        let lazy = self.rest.starts_with('?');
        self.take(usize::from(lazy));
        let whole = &before[..before.len() - self.rest.len()];
        if let Some(last) = last {
            return wrong("invalid nested repetition operator", &last[..last.len() - self.rest.len()]);
        }
        let Some(inner) = self.piece else { return wrong("missing argument to repetition operator", whole) };
        let factor = inner.saturating_mul(max);
        if max >= 2 && factor > MAX_REPEAT {
            return wrong("invalid repeat count", whole);
        }
        self.out.push_str(whole);
        self.add(factor);
        Ok(())
    }

    /// What begins with `(`.
    fn group(&mut self) -> Result<(), String> {
        let here = self.rest;
        if !here.starts_with("(?") {
            self.take(1);
            self.out.push('(');
            self.open(String::new());
            return Ok(());
        }
        for (mark, least) in [("(?P<", 5), ("(?<", 4)] {
            if !here.starts_with(mark) || here.len() < least {
                continue;
            }
            let Some(end) = here.find('>') else { return wrong("invalid named capture", here) };
            let name = &here[mark.len()..end];
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return wrong("invalid named capture", &here[..=end]);
            }
            self.take(end + 1);
            self.out.push('(');
            self.open(name.to_owned());
            return Ok(());
        }
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negative, mut saw) = (false, false);
        self.take(2);
        while let Some(c) = self.rest.chars().next() {
            self.take(c.len_utf8());
            match c {
                'i' | 'm' | 's' | 'U' => {
                    saw = true;
                    let flags = if negative { &mut off } else { &mut on };
                    if !flags.contains(c) {
                        flags.push(c);
                    }
                }
                '-' if !negative => (negative, saw) = (true, false),
                ':' | ')' if saw || !negative => {
                    on.retain(|c| !off.contains(c));
                    let minus = if off.is_empty() { "" } else { "-" };
                    if c == ':' {
                        self.out.push_str(&format!("(?{on}{minus}{off}:"));
                        self.groups.push(self.factor);
                        (self.factor, self.piece) = (0, None);
                    } else if !on.is_empty() || !off.is_empty() {
                        self.out.push_str(&format!("(?{on}{minus}{off})"));
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        wrong("invalid or unsupported Perl syntax", &here[..here.len() - self.rest.len()])
    }

    fn open(&mut self, name: String) {
        self.names.push(name);
        self.groups.push(self.factor);
        (self.factor, self.piece) = (0, None);
    }

    /// What begins with a backslash, outside of classes.
    fn backslash(&mut self) -> Result<(), String> {
        let here = self.rest;
        match here[1..].chars().next() {
            Some(c @ ('b' | 'B')) => {
                self.take(2);
                self.out.push_str(&format!("(?-u:\\{c})"));
            }
            Some(c @ ('A' | 'z')) => {
                self.take(2);
                self.out.push_str(&format!("\\{c}"));
            }
            Some('C') => return wrong("invalid escape sequence", &here[..2]),
            Some('Q') => {
                let literal = here[2..].split("\\E").next().unwrap_or_default();
                let closing = if here[2 + literal.len()..].is_empty() { 0 } else { 2 };
                self.take(2 + literal.len() + closing);
                self.out.push_str(&regex::escape(literal));
                if literal.is_empty() {
                    return Ok(());
                }
            }
            _ => {
                if !self.group_of_characters(false)? {
                    let c = self.escape()?;
                    self.push_literal(c);
                }
            }
        }
        self.add(1);
        Ok(())
    }

    /// `\d`, `\pL` and the like; false where there is none.
    fn group_of_characters(&mut self, in_class: bool) -> Result<bool, String> {
        let here = self.rest;
        let Some(c) = here.strip_prefix('\\').and_then(|r| r.chars().next()) else { return Ok(false) };
        let bracketed = |inside: &str| if in_class { inside.to_owned() } else { format!("[{inside}]") };
        let text = match c {
            'd' => bracketed("0-9"),
            'D' => "[^0-9]".into(),
            'w' => bracketed("0-9A-Za-z_"),
            'W' => "[^0-9A-Za-z_]".into(),
            's' => bracketed("\\t\\n\\f\\r "),
            'S' => "[^\\t\\n\\f\\r ]".into(),
            'p' | 'P' => return self.property(c == 'P').map(|()| true),
            _ => return Ok(false),
        };
        self.take(2);
        self.out.push_str(&text);
        Ok(true)
    }

    /// `\pN`, `\p{Greek}`, `\p{^Greek}`: categories and scripts.
    fn property(&mut self, negated: bool) -> Result<(), String> {
        let here = self.rest;
        let (name, length) = match here[2..].chars().next() {
            Some('{') => match here.find('}') {
                Some(end) => (&here[3..end], end + 1),
                None => return wrong("invalid character class range", here),
            },
            Some(c) => (&here[2..2 + c.len_utf8()], 2 + c.len_utf8()),
            None => return wrong("invalid character class range", here),
        };
        let (name, negated) = name.strip_prefix('^').map_or((name, negated), |name| (name, !negated));
        let known = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b' ' | b'-'))
            && ["", "gc=", "sc="]
                .iter()
                .filter(|kind| !kind.is_empty() || name.eq_ignore_ascii_case("any"))
                .any(|kind| Regex::new(&format!("\\p{{{kind}{name}}}")).is_ok());
        if !known {
            return wrong("invalid character class range", &here[..length]);
        }
        self.take(length);
        self.out.push_str(&format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' }));
        Ok(())
    }

    /// A backslash and what stands for one character.
    fn escape(&mut self) -> Result<char, String> {
        let here = self.rest;
        self.take(1);
        let Some(c) = self.rest.chars().next() else { return wrong("trailing backslash at end of expression", "") };
        self.take(c.len_utf8());
        let found = match c {
            '1'..='7' if !self.rest.starts_with(|c: char| matches!(c, '0'..='7')) => None,
            '0'..='7' => {
                let mut code = c as u32 - '0' as u32;
                for _ in 0..2 {
                    let Some(digit) = self.rest.chars().next().and_then(|c| c.to_digit(8)) else { break };
                    self.take(1);
                    code = code * 8 + digit;
                }
                char::from_u32(code)
            }
            'x' => self.hexadecimal(),
            'a' => Some('\x07'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        };
        match found {
            Some(c) => Ok(c),
            None => wrong("invalid escape sequence", &here[..here.len() - self.rest.len()]),
        }
    }

    /// What follows `\x`: two digits, or braces around some.
    fn hexadecimal(&mut self) -> Option<char> {
        let digit = |translator: &mut Self| {
            let c = translator.rest.chars().next()?;
            translator.take(c.len_utf8());
            Some(c)
        };
        let first = digit(self)?;
        if first != '{' {
            let second = digit(self);
            return char::from_u32(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let (mut code, mut digits) = (0, 0);
        loop {
            match digit(self)? {
                '}' => return char::from_u32(code).filter(|_| digits > 0),
                c => code = code * 16 + c.to_digit(16)?,
            }
            if code > char::MAX as u32 {
                return None;
            }
            digits += 1;
        }
    }

    /// What begins with `[`.
    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        self.take(1);
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.take(1);
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            let here = self.rest;
            if here.starts_with("[:")
                && let Some(end) = here[2..].find(":]")
            {
                let name = &here[..end + 4];
                let known = name[2..name.len() - 2].trim_start_matches('^');
                if !CLASSES.contains(&known) || name.starts_with("[:^^") {
                    return wrong("invalid character class range", name);
                }
                self.take(name.len());
                self.out.push_str(name);
                continue;
            }
            if self.group_of_characters(true)? {
                continue;
            }
            let low = self.class_character(whole)?;
            self.push_in_class(low);
            if self.rest.starts_with('-') && self.rest.len() >= 2 && !self.rest.starts_with("-]") {
                self.take(1);
                let high = self.class_character(whole)?;
                if high < low {
                    return wrong("invalid character class range", &here[..here.len() - self.rest.len()]);
                }
                self.out.push('-');
                self.push_in_class(high);
            }
        }
        self.take(1);
        self.out.push(']');
        Ok(())
    }

    fn class_character(&mut self, whole: &str) -> Result<char, String> {
        match self.rest.chars().next() {
            None => wrong("missing closing ]", whole),
            Some('\\') => self.escape(),
            Some(c) => {
                self.take(c.len_utf8());
                Ok(c)
            }
        }
    }

    fn push_in_class(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.out.push('\\');
        }
        self.out.push(c);
    }
}

/// `{n}`, `{n,}` or `{n,m}` at the beginning: its length and its bounds.
fn repetition(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let end = text.find('}')?;
    let number = |digits: &str| {
        let valid = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'));
        valid.then(|| digits.parse::<u32>().unwrap_or(u32::MAX))
    };
    let (min, max) = match text[1..end].split_once(',') {
        None => (number(&text[1..end])?, Some(number(&text[1..end])?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((end + 1, min, max))
}
