//! A short way through plain YAML: what templates of manifests usually render to.
//!
//! It reads block mappings and sequences, flow collections on one line, one-line scalars and literal blocks, in printable
//! ASCII. At anything else it gives up, and the full reader takes over, with its errors. What it does read, it reads as the
//! full reader does: the tests hold both against each other.

use super::resolve::resolve;
use super::scalar::{Exponents, Scalar};
use crate::go::json::{Number, Object, Str, Value, format_float};

/// How deep collections may nest here.
const MAX_DEPTH: usize = 60;

/// The longest key; the full reader has a limit too.
const MAX_KEY: usize = 128;

/// Reads a text whose root is a block mapping; members are sorted; with `floats`, floats stay such. `None` where the full
/// reader is needed.
pub(super) fn to_json(text: &str, floats: bool, exponents: Exponents) -> Option<Value> {
    if !text.bytes().all(|b| b == b'\n' || (0x20..0x7f).contains(&b)) {
        return None;
    }
    let mut lines: Vec<Line<'_>> = Vec::with_capacity(text.len() / 24);
    for content in text.split('\n') {
        let trimmed = content.trim_start_matches(' ');
        lines.push(Line { indent: content.len() - trimmed.len(), text: trimmed });
    }
    let mut reader =
        Reader { lines, at: 0, ends_with_break: text.ends_with('\n'), numbers: Numbers { floats, exponents } };
    reader.skip_blank();
    let first = reader.current()?;
    if first.is_item()
        || reader.lines.iter().any(|l| l.indent == 0 && (l.text.starts_with("---") || l.text.starts_with("...")))
    {
        return None;
    }
    let root = reader.mapping(first.indent, None, 0)?;
    reader.current().is_none().then_some(root)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    /// The line without the blanks before it.
    text: &'a str,
}

impl Line<'_> {
    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
    ends_with_break: bool,
    numbers: Numbers,
}

/// What counts as a number, and what becomes of it.
#[derive(Clone, Copy)]
struct Numbers {
    floats: bool,
    exponents: Exponents,
}

impl<'a> Reader<'a> {
    fn skip_blank(&mut self) {
        while self.lines.get(self.at).is_some_and(Line::is_blank) {
            self.at += 1;
        }
    }

    /// The line that is read next, blank ones and comments passed over.
    fn current(&mut self) -> Option<Line<'a>> {
        self.skip_blank();
        self.lines.get(self.at).copied()
    }

    /// A block mapping at a column; `first` is what of its first line stands behind a dash.
    fn mapping(&mut self, column: usize, first: Option<&'a str>, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut members = Object::new();
        let mut pending = first;
        loop {
            let text = match pending.take() {
                Some(text) => text,
                None => match self.current() {
                    Some(line) if line.indent == column && !line.is_item() => line.text,
                    // Deeper lines belong to nothing.
                    Some(line) if line.indent > column => return None,
                    _ => break,
                },
            };
            let (key, rest) = key(text)?;
            self.at += 1;
            let value = self.value(rest, column, depth)?;
            members.insert(key, value);
        }
        members.sort();
        Some(Value::Object(members))
    }

    /// What follows a key: on the same line, or below it.
    fn value(&mut self, rest: &'a str, column: usize, depth: usize) -> Option<Value> {
        if !rest.is_empty() {
            return self.inline(rest, column, depth);
        }
        match self.current() {
            Some(line) if line.is_item() && line.indent >= column => self.sequence(line.indent, depth + 1),
            Some(line) if line.indent > column => self.mapping(line.indent, None, depth + 1),
            _ => Some(Value::Null),
        }
    }

    fn sequence(&mut self, column: usize, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        while let Some(line) = self.current() {
            if line.indent > column {
                return None;
            }
            if line.indent < column || !line.is_item() {
                break;
            }
            let rest = line.text[1..].trim_start_matches(' ');
            if rest.is_empty() {
                self.at += 1;
                items.push(match self.current() {
                    Some(below) if below.indent > column && !below.is_item() => {
                        self.mapping(below.indent, None, depth + 1)?
                    }
                    Some(below) if below.indent > column => return None,
                    _ => Value::Null,
                });
                continue;
            }
            if rest == "-" || rest.starts_with("- ") {
                return None;
            }
            if key(rest).is_some() {
                let inner = column + (line.text.len() - rest.len());
                items.push(self.mapping(inner, Some(rest), depth + 1)?);
            } else {
                self.at += 1;
                items.push(self.inline(rest, column, depth)?);
            }
        }
        Some(Value::Array(items))
    }

    /// A value on the rest of a line; the lines below must not continue it.
    fn inline(&mut self, rest: &'a str, column: usize, depth: usize) -> Option<Value> {
        if rest.starts_with('|') {
            return self.literal(rest, column);
        }
        let value = match rest.as_bytes()[0] {
            b'{' | b'[' => {
                let (value, after) = flow(rest, depth, self.numbers)?;
                after.trim_start_matches(' ').is_empty().then_some(value)?
            }
            b'"' | b'\'' => {
                let (text, after) = quoted(rest)?;
                after.trim_start_matches(' ').is_empty().then_some(Value::String(text))?
            }
            _ => {
                let text = rest.trim_end_matches(' ');
                if !is_plain(text) || has_comment(text) || colon(text).is_some() {
                    return None;
                }
                scalar(text, self.numbers)?
            }
        };
        match self.current() {
            Some(line) if line.indent > column => None,
            _ => Some(value),
        }
    }

    /// A literal block, `|` or `|-`.
    fn literal(&mut self, header: &str, column: usize) -> Option<Value> {
        let strip = match header {
            "|" => false,
            "|-" => true,
            _ => return None,
        };
        let indent = self.lines.get(self.at)?.indent;
        if self.lines[self.at].text.is_empty() || indent <= column {
            return None;
        }
        let mut text = String::new();
        let mut breaks = 0;
        while let Some(line) = self.lines.get(self.at) {
            if line.text.is_empty() {
                // Blanks beyond the indent would be content.
                if line.indent > indent {
                    return None;
                }
                breaks += 1;
            } else if line.indent < indent {
                break;
            } else {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.extend(std::iter::repeat_n('\n', std::mem::take(&mut breaks)));
                text.extend(std::iter::repeat_n(' ', line.indent - indent));
                text.push_str(line.text);
            }
            self.at += 1;
        }
        // The break of the last line is part of the text, unless the text ends before it.
        let at_end = self.at == self.lines.len() && breaks == 0 && !self.ends_with_break;
        if !strip && !at_end {
            text.push('\n');
        }
        match self.lines.get(self.at) {
            Some(line) if line.indent > column => None,
            _ => Some(Value::String(text.into())),
        }
    }
}

/// Whether a plain scalar may begin like this and means nothing special.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'-') => bytes.get(1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'/'),
        Some(b) => b.is_ascii_alphanumeric() || b"/._$(+~".contains(b),
        None => false,
    }
}

/// Where the first colon stands that ends a key.
fn colon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&i| bytes[i] == b':' && matches!(bytes.get(i + 1), None | Some(b' ')))
}

fn has_comment(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair == b" #")
}

fn scalar(text: &str, numbers: Numbers) -> Option<Value> {
    Some(match resolve(text, "", true, numbers.exponents).ok()? {
        Scalar::Null => Value::Null,
        Scalar::Bool(b) => b.into(),
        Scalar::Int(n) => n.into(),
        Scalar::Uint(n) => n.into(),
        Scalar::Float(n) if numbers.floats => Value::Number(n.into()),
        Scalar::Float(n) if n.is_finite() => Value::Number(Number::parse(&format_float(n))?),
        Scalar::Float(_) => return None,
        Scalar::Timestamp | Scalar::Text => Value::String(text.into()),
    })
}

/// The key at the beginning of a line, and what follows its colon.
fn key(text: &str) -> Option<(Str, &str)> {
    let (key, rest) = match text.as_bytes().first()? {
        b'"' | b'\'' => {
            let (key, rest) = quoted(text)?;
            (key, rest.strip_prefix(':')?)
        }
        _ => {
            let end = colon(text)?;
            let key = &text[..end];
            if !is_plain(key) || key.ends_with(' ') || has_comment(key) {
                return None;
            }
            // Keys that are no text are written in a way of their own.
            matches!(resolve(key, "", true, Exponents::Any).ok()?, Scalar::Text).then_some(())?;
            (Str::from(key), &text[end + 1..])
        }
    };
    if key.len() > MAX_KEY || !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let rest = rest.trim_start_matches(' ');
    Some((key, if rest.starts_with('#') { return None } else { rest }))
}

/// A quoted scalar at the beginning of a text, and what follows it.
fn quoted(text: &str) -> Option<(Str, &str)> {
    let quote = text.as_bytes()[0];
    let inside = &text[1..];
    if quote == b'"' {
        let end = inside.find(['"', '\\'])?;
        if inside.as_bytes()[end] == b'"' {
            return Some((inside[..end].into(), &inside[end + 1..]));
        }
        return escaped(inside);
    }
    let mut out = String::new();
    let mut rest = inside;
    loop {
        let end = rest.find('\'')?;
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Some((out.into(), rest)),
        }
    }
}

/// A double-quoted scalar with the common escapes.
fn escaped(inside: &str) -> Option<(Str, &str)> {
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((out.into(), &inside[i + 1..])),
            '\\' => out.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '"' => '"',
                '\\' => '\\',
                'u' => {
                    let digits = chars.as_str().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                    chars.nth(3);
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                _ => return None,
            }),
            c => out.push(c),
        }
    }
    None
}

/// A flow collection at the beginning of a text, and what follows it.
fn flow(text: &str, depth: usize, numbers: Numbers) -> Option<(Value, &str)> {
    if depth > MAX_DEPTH {
        return None;
    }
    let is_mapping = text.starts_with('{');
    let close = if is_mapping { '}' } else { ']' };
    let mut rest = text[1..].trim_start_matches(' ');
    if let Some(after) = rest.strip_prefix(close) {
        let empty = if is_mapping { Value::object() } else { Value::Array(Vec::new()) };
        return Some((empty, after));
    }
    let (mut members, mut items) = (Object::new(), Vec::new());
    loop {
        if is_mapping {
            let (key, after) = flow_key(rest)?;
            let (value, after) = flow_value(after.trim_start_matches(' '), depth, numbers)?;
            members.insert(key, value);
            rest = after;
        } else {
            let (value, after) = flow_value(rest, depth, numbers)?;
            items.push(value);
            rest = after;
        }
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix(close) {
            members.sort();
            return Some((if is_mapping { Value::Object(members) } else { Value::Array(items) }, after));
        }
        rest = rest.strip_prefix(',')?.trim_start_matches(' ');
    }
}

fn flow_key(text: &str) -> Option<(Str, &str)> {
    if text.starts_with(['"', '\'']) {
        // Behind a quoted key no blank is needed: JSON stands in YAML as it is.
        let (key, after) = quoted(text)?;
        return (key.len() <= MAX_KEY).then_some((key, after.strip_prefix(':')?));
    }
    let (key, after) = flow_plain(text);
    if !is_plain(key) || key.len() > MAX_KEY || !matches!(resolve(key, "", true, Exponents::Any).ok()?, Scalar::Text) {
        return None;
    }
    Some((Str::from(key), after.strip_prefix(": ")?))
}

/// The plain scalar at the beginning of a text inside a flow collection.
fn flow_plain(text: &str) -> (&str, &str) {
    let mut end = text.len();
    for (i, b) in text.bytes().enumerate() {
        let ends = match b {
            b',' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'#' | b'?' => true,
            b':' => !text.as_bytes().get(i + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'/'),
            _ => false,
        };
        if ends {
            end = i;
            break;
        }
    }
    (text[..end].trim_end_matches(' '), &text[end..])
}

fn flow_value(text: &str, depth: usize, numbers: Numbers) -> Option<(Value, &str)> {
    match text.as_bytes().first()? {
        b'{' | b'[' => flow(text, depth + 1, numbers),
        b'"' | b'\'' => quoted(text).map(|(text, rest)| (Value::String(text), rest)),
        _ => {
            let (plain, rest) = flow_plain(text);
            if !is_plain(plain) || !rest.trim_start_matches(' ').starts_with([',', ']', '}']) {
                return None;
            }
            Some((scalar(plain, numbers)?, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read the short way must be what the full reader reads.
    #[test]
    fn agrees_with_the_full_reader() {
        for text in [
            "a: 1\nb: [x, 'y', \"z\\n\", {c: d, e: 1.5}]\n",
            "a:\n- b: 1\n  c: |\n    x\n      y\n\n    z\n- d\n-\n  e: f\nz: ~\n",
            "a: |-\n  {\"x\": 1}\nb: $(X).y:z\n",
            "a:\n  b:\n  - c\n\n  # note\n  - d\n  e: 'it''s'\n",
            "a: |\n  x",
            "a: 012\nb: 0x1F\nc: yes\nd: 1e3\ne: 2020-01-01\n",
            "\"a b\": {}\nc: []\nd:\n",
            "a: {\"b\":{\"c\":\"d\",\"e\":1.5,\"f\":[true,null]},'g':\"\\u003c\\u00e9\"}\n",
        ] {
            let short = to_json(text, false, Exponents::Any).unwrap_or_else(|| panic!("not read: {text:?}"));
            assert_eq!(Some(short), full(text), "{text:?}");
            let document = super::super::node::first_document(text).unwrap().unwrap();
            assert_eq!(
                to_json(text, true, Exponents::Any),
                document.to_json_with_floats(Exponents::Any).ok(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn gives_up_where_it_must() {
        for text in [
            "",
            "a",
            "- a\n",
            "a: [b?c]\n",
            "a: &x b\n",
            "a: *x\n",
            "a: !!str b\n",
            "a: >\n  b\n",
            "a: b\n  c\n",
            "a: b: c\n",
            "a: b # c\n",
            "---\na: b\n",
            "a:\tb\n",
            "a: \"x\n",
            "? a\n",
            "1: a\n",
            "a: {b}\n",
            "a: [b\n",
            "a: é\n",
            "a: .inf\n",
            "<<: {}\n",
            "a: b\n c: d\n",
            "a: |+\n  b\n",
            "a: `x`\n",
            "a: @x\n",
            "a: %x\n",
            "true: b\n",
        ] {
            assert!(to_json(text, false, Exponents::Any).is_none(), "{text:?}");
        }
    }

    fn full(text: &str) -> Option<Value> {
        let document = super::super::node::first_document(text).ok()??;
        document.to_json(false).ok()
    }

    /// Texts made of the pieces of YAML, many of them broken.
    #[test]
    fn agrees_on_random_texts() {
        const PIECES: &[&str] = &[
            "a",
            "b: ",
            "- ",
            "\n",
            "\n  ",
            "\n    ",
            "c:\n",
            ": ",
            "'",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "|\n",
            "|-\n",
            "# x",
            " ",
            "1",
            "0.5",
            "true",
            "~",
            "x: y\n",
            "- z\n",
            "\n\n",
            "  ",
            "\\n",
            "-",
            "?",
            "k: {l: m}\n",
            "n: [o, p]\n",
            "''",
            ":",
            "$(q)",
            "/r",
            "{\"s\":",
            "\"t\":",
            "\\u0041",
        ];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut read = 0;
        for _ in 0..200_000 {
            let count = 1 + random() % 14;
            let text: String = (0..count).map(|_| PIECES[(random() % PIECES.len() as u64) as usize]).collect();
            if let Some(short) = to_json(&text, false, Exponents::Any) {
                read += 1;
                assert_eq!(Some(short), full(&text), "{text:?}");
                let document = super::super::node::first_document(&text).unwrap().unwrap();
                assert_eq!(
                    to_json(&text, true, Exponents::Any),
                    document.to_json_with_floats(Exponents::Any).ok(),
                    "{text:?}"
                );
            }
        }
        assert!(read > 1000, "only {read} texts were read");
    }
}
