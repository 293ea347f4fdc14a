//! JSON to YAML as go-yaml v2 writes it: two blanks of indentation, lists not indented below their key, keys in natural
//! order, plain text where it reads back as the same text, lines folded after 80 columns.

use std::cmp::Ordering;

use super::scalar::{Exponents, Scalar, meaning};
use super::{Error, to_json};
use crate::go::json::{Number, Object, Value, format_float};
use crate::go::strconv;

/// Where text is folded unless otherwise said.
const WIDTH: usize = 80;

/// What depends on the release of go-yaml.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Long lines are folded; not by 2.3.
    pub folds_lines: bool,
    /// What is a number as plain text, and so written in quotes where it is text.
    pub exponents: Exponents,
}

impl Default for Style {
    fn default() -> Style {
        Style { folds_lines: true, exponents: Exponents::Any }
    }
}

/// What `sigs.k8s.io/yaml.Marshal` gives: keys sorted as go-yaml sorts them, a line break at the end.
pub fn from_json(value: &Value) -> String {
    from_json_in(value, Style::default())
}

/// [`from_json`] by another release of go-yaml.
pub fn from_json_in(value: &Value, style: Style) -> String {
    write(value, true, style)
}

/// What `sigs.k8s.io/yaml.JSONToYAML` makes of the text of a JSON document, which it reads as YAML.
///
/// Errors: where YAML takes less than JSON, such as keys of more than 1024 bytes.
pub fn from_json_text(text: &str) -> Result<String, Error> {
    Ok(from_json(&to_json(text)?))
}

/// What `sigs.k8s.io/yaml.Marshal` gives for a decoded JSON document: [`from_json`], all numbers as `float64`.
pub fn from_decoded(value: &Value) -> String {
    fn decode(value: &mut Value) {
        match value {
            Value::Number(n) if n.as_f64().is_finite() => {
                if let Some(float) = Number::parse(&format_float(n.as_f64())) {
                    *n = float;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(decode),
            Value::Object(members) => members.iter_mut().for_each(|(_, value)| decode(value)),
            _ => {}
        }
    }
    let mut value = value.clone();
    decode(&mut value);
    from_json(&value)
}

/// [`from_json`] with members in their own order, for people.
pub fn from_json_ordered(value: &Value) -> String {
    write(value, false, Style::default())
}

fn write(value: &Value, sort: bool, style: Style) -> String {
    let width = if style.folds_lines { WIDTH } else { usize::MAX };
    let mut out = Emitter { out: String::new(), column: 0, sort, width, exponents: style.exponents };
    out.value(value, 0, Place::Root);
    out.out.push('\n');
    out.out
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the top.
    Root,
    /// After `- `.
    Item,
    /// After `key:`.
    Member,
}

struct Emitter {
    out: String,
    column: usize,
    sort: bool,
    /// The column after which text is folded.
    width: usize,
    exponents: Exponents,
}

impl Emitter {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// Writes a value whose own lines are indented by `indent`.
    fn value(&mut self, value: &Value, indent: usize, place: Place) {
        let space = if place == Place::Member { " " } else { "" };
        match value {
            Value::Array(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 || place == Place::Member {
                        self.line(indent);
                    }
                    self.put("- ");
                    self.value(item, indent + 2, Place::Item);
                }
            }
            Value::Object(object) if !object.is_empty() => self.mapping(object, indent, place),
            Value::Array(_) => self.put(&format!("{space}[]")),
            Value::Object(_) => self.put(&format!("{space}{{}}")),
            Value::String(text) => {
                self.put(space);
                self.text(text, indent, false, place);
            }
            Value::Null => self.put(&format!("{space}null")),
            Value::Bool(b) => self.put(&format!("{space}{b}")),
            Value::Number(n) => self.put(&format!("{space}{}", number(n))),
        }
    }

    fn mapping(&mut self, object: &Object, indent: usize, place: Place) {
        let mut members: Vec<_> = object.iter().collect();
        if self.sort {
            sort(&mut members, |a, b| natural(a.0, b.0));
        }
        for (i, (key, value)) in members.into_iter().enumerate() {
            if i > 0 || place == Place::Member {
                self.line(indent);
            }
            if is_simple_key(key) {
                self.text(key, indent, true, place);
                self.put(":");
            } else {
                self.put("? ");
                self.text(key, indent + 2, false, Place::Item);
                self.line(indent);
                self.put(":");
            }
            // Lists stand below their key at the same column, mappings two blanks further.
            let inner = if matches!(value, Value::Array(_)) { indent } else { indent + 2 };
            self.value(value, inner, Place::Member);
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool, place: Place) {
        let scan = Scan::of(text);
        let multiline = text.contains('\n');
        if multiline && !key && scan.block_allowed {
            return self.literal(text, indent, place);
        }
        let reads_back = reads_back(text, self.exponents);
        let plain = !multiline && reads_back && scan.plain_allowed && !(text.is_empty());
        if plain {
            self.folded(text, indent, key, |c| c.to_string());
        } else if !multiline && reads_back && scan.single_allowed {
            self.put("'");
            self.folded(text, indent, key, |c| if c == '\'' { "''".into() } else { c.to_string() });
            self.put("'");
        } else {
            self.double_quoted(text, indent, key);
        }
    }

    /// Plain or single-quoted text: a single blank after the last column becomes a line break.
    fn folded(&mut self, text: &str, indent: usize, key: bool, write: impl Fn(char) -> String) {
        let mut chars = text.chars().peekable();
        let mut blank_before = false;
        let mut first = true;
        while let Some(c) = chars.next() {
            if c == ' ' {
                let fold = !key
                    && !blank_before
                    && self.column > self.width
                    && !first
                    && chars.peek().is_some_and(|n| *n != ' ');
                if fold {
                    self.line(indent.max(2))
                } else {
                    self.put(" ")
                }
                blank_before = true;
            } else {
                self.put(&write(c));
                blank_before = false;
                if is_break(c) {
                    self.column = 0;
                    if chars.peek().is_some_and(|next| !is_break(*next)) {
                        self.put(&" ".repeat(indent.max(2)));
                    }
                }
            }
            first = false;
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, key: bool) {
        self.put("\"");
        let chars: Vec<char> = text.chars().collect();
        let mut blank_before = false;
        // Behind a byte order mark at the beginning, go-yaml takes every character for one.
        let escape_all = text.starts_with('\u{feff}');
        for (i, &c) in chars.iter().enumerate() {
            if escape_all {
                self.put(&escaped(c, true));
                continue;
            }
            if c == ' ' {
                if !key && !blank_before && self.column > self.width && i > 0 && i + 1 < chars.len() {
                    self.line(indent.max(2));
                    if chars[i + 1] == ' ' {
                        self.put("\\");
                    }
                } else {
                    self.put(" ");
                }
                blank_before = true;
                continue;
            }
            blank_before = false;
            self.put(&escaped(c, false));
        }
        self.put("\"");
    }

    /// `|` with its hints, the lines indented.
    fn literal(&mut self, text: &str, indent: usize, place: Place) {
        let indent = if place == Place::Root { 2 } else { indent };
        self.put("|");
        if text.starts_with([' ', '\n']) {
            self.put("2");
        }
        if !text.ends_with('\n') {
            self.put("-");
        } else if text.ends_with("\n\n") || text == "\n" {
            self.put("+");
        }
        let body = text.strip_suffix('\n').unwrap_or(text);
        for line in body.split('\n') {
            if line.is_empty() {
                self.out.push('\n');
                self.column = 0;
            } else {
                self.line(indent);
                let mut rest = line;
                // Other line breaks stay, and the text after them is indented too.
                while let Some(at) = rest.find(is_break) {
                    let (text, after) = rest.split_at(at + rest[at..].chars().next().map_or(1, char::len_utf8));
                    self.put(text);
                    self.column = 0;
                    if !after.is_empty() && !after.starts_with(is_break) {
                        self.put(&" ".repeat(indent));
                    }
                    rest = after;
                }
                self.put(rest);
            }
        }
    }
}

/// A number as go-yaml prints what it read from JSON: integers as they are, floats in Go's `g` form.
fn number(n: &Number) -> String {
    let text = n.to_string();
    match meaning(&text, Exponents::Any) {
        Scalar::Int(n) => n.to_string(),
        Scalar::Uint(n) => n.to_string(),
        Scalar::Float(n) => strconv::format_float(n, 'g', 64),
        _ => text,
    }
}

/// True when the plain text is read as the same text.
fn reads_back(text: &str, exponents: Exponents) -> bool {
    meaning(text, exponents) == Scalar::Text && !is_base_60(text)
}

/// Numbers such as `190:20:30`, which other YAML 1.1 readers take for sexagesimal.
fn is_base_60(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or_default();
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !first.chars().all(|c| c.is_ascii_digit() || c == '_') {
        return false;
    }
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return false };
    let sixty = |p: &str| {
        let b = p.as_bytes();
        match b.len() {
            1 => b[0].is_ascii_digit(),
            2 => (b'0'..=b'5').contains(&b[0]) && b[1].is_ascii_digit(),
            _ => false,
        }
    };
    let (whole, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.iter().all(|p| sixty(p)) && sixty(whole) && fraction.chars().all(|c| c.is_ascii_digit() || c == '_')
}

fn is_simple_key(key: &str) -> bool {
    key.len() <= 128 && !key.contains(is_break)
}

/// Which styles a text can be written in, by the rules of libyaml, which go-yaml follows.
struct Scan {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Scan {
    fn of(text: &str) -> Scan {
        let chars: Vec<char> = text.chars().collect();
        let mut indicator = text.starts_with("---") || text.starts_with("...");
        let (mut break_space, mut space_break, mut special, mut breaks) = (false, false, false, false);
        let (mut leading_space, mut trailing_space, mut trailing_break) = (false, false, false);
        let mut leading_break = false;
        let mut previous_space = false;
        let mut previous_break = false;
        for (i, &c) in chars.iter().enumerate() {
            let next_blank = chars.get(i + 1).is_none_or(|n| matches!(n, ' ' | '\t' | '\n' | '\r'));
            let before_blank = i == 0 || matches!(chars[i - 1], ' ' | '\t' | '\n' | '\r');
            if i == 0 {
                match c {
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                        indicator = true
                    }
                    '?' | ':' | '-' if next_blank => indicator = true,
                    _ => {}
                }
            } else {
                match c {
                    ':' if next_blank => indicator = true,
                    '#' if before_blank => indicator = true,
                    _ => {}
                }
            }
            let is_break = is_break(c);
            if !is_printable(c) {
                special = true;
            }
            if c == ' ' {
                leading_space |= i == 0;
                trailing_space |= i + 1 == chars.len();
                break_space |= previous_break;
                previous_space = true;
                previous_break = false;
            } else if is_break {
                breaks = true;
                leading_break |= i == 0;
                trailing_break |= i + 1 == chars.len();
                space_break |= previous_space;
                previous_break = true;
                previous_space = false;
            } else {
                previous_space = false;
                previous_break = false;
            }
        }
        let edge = leading_space || leading_break || trailing_space || trailing_break;
        Scan {
            plain_allowed: !edge && !breaks && !space_break && !special && !indicator,
            single_allowed: !break_space && !space_break && !special,
            block_allowed: !trailing_space && !space_break && !special,
        }
    }
}

/// Line breaks of YAML 1.1.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that go-yaml prints without an escape.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// A character inside double quotes; `always` with an escape.
fn escaped(c: char, always: bool) -> String {
    let short = match c {
        '\0' => "\\0",
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\x0b' => "\\v",
        '\x0c' => "\\f",
        '\r' => "\\r",
        '\x1b' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    if always && !short.is_empty() {
        return short.to_owned();
    }
    if !short.is_empty() && (!is_printable(c) || matches!(c, '"' | '\\' | '\n' | '\u{2028}' | '\u{2029}' | '\u{a0}')) {
        return if c == '\u{a0}' { c.to_string() } else { short.to_owned() };
    }
    match c as u32 {
        _ if !always && is_printable(c) => c.to_string(),
        n @ ..=0xff => format!("\\x{n:02X}"),
        n @ ..=0xffff => format!("\\u{n:04X}"),
        n => format!("\\U{n:08X}"),
    }
}

/// How many items are sorted by insertion, as Go does with so few.
const FEW: usize = 12;

/// Sorts by an order that need not be one: go-yaml's of keys goes in circles for some, at which the standard library's
/// sorting panics.
fn sort<T: Copy>(items: &mut [T], order: impl Fn(&T, &T) -> Ordering + Copy) {
    if items.len() <= FEW {
        for i in 1..items.len() {
            for j in (1..=i).rev() {
                if order(&items[j], &items[j - 1]).is_ge() {
                    break;
                }
                items.swap(j, j - 1);
            }
        }
        return;
    }
    let middle = items.len() / 2;
    sort(&mut items[..middle], order);
    sort(&mut items[middle..], order);
    let (left, right) = (items[..middle].to_vec(), items[middle..].to_vec());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    for item in items {
        let from_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => order(b, a).is_lt(),
            (a, _) => a.is_none(),
        };
        if let Some(next) = if from_right { right.next() } else { left.next() } {
            *item = next;
        }
    }
}

/// go-yaml's key order: numbers inside keys by value, letters after other characters except behind digits.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut digits = false;
    for i in 0..a.len().min(b.len()) {
        if a[i] == b[i] {
            digits = a[i].is_ascii_digit();
            continue;
        }
        match (a[i].is_alphabetic(), b[i].is_alphabetic()) {
            (true, true) => return a[i].cmp(&b[i]),
            (true, false) => return if digits { Ordering::Less } else { Ordering::Greater },
            (false, true) => return if digits { Ordering::Greater } else { Ordering::Less },
            (false, false) => {}
        }
        // After a digit other than 0, a 0 here is a digit like any other and no padding.
        let inside =
            (a[i] == '0' || b[i] == '0') && a[..i].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let run = |chars: &[char]| {
            let digits: Vec<char> = chars[i..].iter().copied().take_while(char::is_ascii_digit).collect();
            let start = u64::from(inside);
            let n =
                digits.iter().fold(start, |n, c| n.wrapping_mul(10).wrapping_add(u64::from(*c as u32 - '0' as u32)));
            (n as i64, digits.len())
        };
        let (an, bn) = (run(&a), run(&b));
        return an.cmp(&bn).then(a[i].cmp(&b[i]));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_whose_order_goes_in_circles_are_printed() {
        let keys = [
            ".a:",
            ".c1+z",
            "0+z,7 ~- &.a",
            "0+z7,.c",
            "0+z7,.v",
            "0- a k\".v",
            "1- .v",
            "1- a k\".v",
            "1- a k\".v~",
            "2-2.v",
            "71_0q!,",
            "_0q$$s$oEEEE...EEEEEEEEE- &.a",
            "~-",
            "~- !c(.",
            "~- !c(..",
            "~- .(..c",
            "~- .c(..",
            "~- 666.c(..",
            "~- 66s', <<:]",
            "~..a",
            "~..a:",
            "~..aEEEE,",
            "~..az",
        ];
        let value = Value::Object(keys.iter().map(|k| (*k, 1)).collect());
        let read = crate::go::yaml::to_json(&from_json(&value)).unwrap();
        assert_eq!(read.as_object().map(|o| o.len()), Some(keys.len()));
    }

    #[test]
    fn line_breaks_of_other_systems() {
        // What yaml.Marshal of sigs.k8s.io/yaml's goyaml.v2 gives.
        for (text, want) in [
            ("\r", "\"\\r\"\n"),
            ("a\r\nb", "\"a\\r\\nb\"\n"),
            ("a\nb\rc", "\"a\\nb\\rc\"\n"),
            ("\u{85}", "\"\\N\"\n"),
            ("a\nb\u{85}", "\"a\\nb\\N\"\n"),
            ("\u{2028}", "'\u{2028}'\n"),
            ("a\u{2028}b", "'a\u{2028}  b'\n"),
            ("a\nb\u{2028}c", "|-\n  a\n  b\u{2028}  c\n"),
        ] {
            assert_eq!(from_json(&text.into()), want, "{text:?}");
        }
    }
}
