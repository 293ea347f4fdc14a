//! Any value by any verb.

use super::verb::{MAX_TEXT, Spec};
use super::{duration, number};
use crate::go::template::value::{Int, Items, Key, List, Map, Object, Value};
use crate::go::{bytes, strconv};

/// Stands for addresses, which differ from run to run.
const ADDRESS: &str = "0xc000000000";

/// Writes values by the flags of one verb.
pub(super) struct Formatter<'o> {
    out: &'o mut String,
    spec: Spec,
    /// Inside of `%!d(…)` values print without their methods.
    erroring: bool,
}

impl<'o> Formatter<'o> {
    pub(super) fn new(out: &'o mut String, spec: Spec) -> Formatter<'o> {
        Formatter { out, spec, erroring: false }
    }

    /// An argument.
    pub(super) fn arg(&mut self, arg: &Value<'_>, verb: char) {
        match (arg, verb) {
            (Value::Missing | Value::Nil, 'T' | 'v') => self.pad("<nil>"),
            (Value::Missing | Value::Nil, _) => self.bad(arg, verb),
            (_, 'T') => self.text(&arg.type_name(), 's'),
            (_, 'p') if arg.is_nil() => {
                let spec = Spec { sharp: !self.spec.sharp, ..self.spec };
                self.pad_blank(&number::integer(false, 0, 'x', &spec));
            }
            // Addresses are not known here.
            (_, 'p') => self.bad(arg, verb),
            (Value::List(list), _) if list.element == "uint8" && list.array.is_none() => self.bytes(list, verb),
            _ => {
                if !self.method(arg, verb) {
                    self.value(arg, verb, 0);
                }
            }
        }
    }

    /// What a pointer points to, without the `&` before it.
    pub(super) fn target(&mut self, value: &Value<'_>) {
        match value {
            Value::Object(object) if object.number().is_none() => self.structure(&**object, 'v', 0),
            value => self.arg(value, 'v'),
        }
    }

    /// The value's own `String` method; false when there is none that counts here.
    fn method(&mut self, value: &Value<'_>, verb: char) -> bool {
        if self.erroring {
            return false;
        }
        if verb == 'w' && !matches!(value, Value::Bool(_) | Value::Float(..) | Value::Complex(..) | Value::Str(_)) {
            // Only Errorf wraps errors.
            let basic =
                matches!(value, Value::Int(_, kind) if *kind != Int::Duration) || matches!(value, Value::Uint(..));
            if !basic {
                self.bad(value, verb);
                return true;
            }
        }
        if self.spec.sharp_v
            && let Value::Object(object) = value
            && let Some(text) = object.go_syntax()
        {
            self.text(&text, 's');
            return true;
        }
        if self.spec.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return false;
        }
        let text = match value {
            Value::Int(n, Int::Duration) => duration(*n),
            Value::Object(object) => match object.text() {
                Some(text) => text,
                None => return false,
            },
            _ => return false,
        };
        self.text(&text, verb);
        true
    }

    fn value(&mut self, value: &Value<'_>, verb: char, depth: usize) {
        if self.out.len() > MAX_TEXT {
            return;
        }
        if depth > 0 && self.method(value, verb) {
            return;
        }
        match value {
            Value::Missing | Value::Nil if self.spec.sharp_v => self.out.push_str("interface {}(nil)"),
            Value::Missing | Value::Nil => self.out.push_str("<nil>"),
            Value::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { "true" } else { "false" }),
                _ => self.bad(value, verb),
            },
            Value::Int(n, _) => self.integer(value, *n < 0, n.unsigned_abs(), verb),
            Value::Uint(n, _) => self.integer(value, false, *n, verb),
            Value::Float(n, is32) => self.float(value, *n, if *is32 { 32 } else { 64 }, verb),
            Value::Complex(re, im) => match verb {
                'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E' => {
                    let plus = self.spec.plus;
                    self.out.push('(');
                    self.float(value, *re, 64, verb);
                    self.spec.plus = true;
                    self.float(value, *im, 64, verb);
                    self.spec.plus = plus;
                    self.out.push_str("i)");
                }
                _ => self.bad(value, verb),
            },
            Value::Str(s) => match verb {
                'v' if self.spec.sharp_v => self.text(s, 'q'),
                'v' | 's' | 'x' | 'X' | 'q' => self.text(s, verb),
                _ => self.bad(value, verb),
            },
            Value::List(list) => self.list(list, &value.type_name(), verb, depth),
            Value::Map(map) => self.map(map, &value.type_name(), verb, depth),
            Value::Object(object) => self.object(value, &**object, verb, depth),
        }
    }

    fn list(&mut self, list: &List<'_>, type_name: &str, verb: char, depth: usize) {
        if list.element == "uint8" && matches!(verb, 's' | 'q' | 'x' | 'X') {
            return self.raw(&bytes_of(list), verb);
        }
        let (open, between, close) = match self.spec.sharp_v {
            true => ("{", ", ", "}"),
            false => ("[", " ", "]"),
        };
        if self.spec.sharp_v {
            self.out.push_str(type_name);
            if matches!(list.items, Items::Nil) && list.array.is_none() {
                return self.out.push_str("(nil)");
            }
        }
        self.out.push_str(open);
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.out.push_str(between);
            }
            self.value(&item, verb, depth + 1);
        }
        self.out.push_str(close);
    }

    fn map(&mut self, map: &Map<'_>, type_name: &str, verb: char, depth: usize) {
        let (open, between, close) = match self.spec.sharp_v {
            true => ("{", ", ", "}"),
            false => ("map[", " ", "]"),
        };
        if self.spec.sharp_v {
            self.out.push_str(type_name);
            if map.is_nil() {
                return self.out.push_str("(nil)");
            }
        }
        self.out.push_str(open);
        for (i, (key, item)) in map.sorted().into_iter().enumerate() {
            if i > 0 {
                self.out.push_str(between);
            }
            match key {
                Key::Str(key) => self.value(&Value::string(key), verb, depth + 1),
                Key::Int(key) => self.value(&Value::int(key), verb, depth + 1),
            }
            self.out.push(':');
            self.value(&item, verb, depth + 1);
        }
        self.out.push_str(close);
    }

    /// A pointer, a struct or an enum.
    fn object(&mut self, value: &Value<'_>, object: &dyn Object<'_>, verb: char, depth: usize) {
        let is_pointer = object.type_name().starts_with('*');
        if object.is_nil() {
            return match verb {
                'v' if self.spec.sharp_v => {
                    let text = format!("({})(nil)", object.type_name());
                    self.out.push_str(&text);
                }
                'v' => self.pad("<nil>"),
                'b' | 'o' | 'd' | 'x' | 'X' => self.integer(value, false, 0, verb),
                _ => self.bad(value, verb),
            };
        }
        if let Some(n) = object.number() {
            return self.integer(value, n < 0, n.unsigned_abs(), verb);
        }
        if !is_pointer {
            return self.structure(object, verb, depth);
        }
        let pointee = object.pointee();
        match &pointee {
            Some(inner @ (Value::List(_) | Value::Map(_))) if depth == 0 => {
                self.out.push('&');
                self.value(inner, verb, depth + 1);
            }
            Some(Value::Object(inner)) if depth == 0 && !inner.type_name().starts_with('*') => {
                self.out.push('&');
                self.structure(&**inner, verb, depth + 1);
            }
            None if depth == 0 => {
                self.out.push('&');
                self.structure(object, verb, depth + 1);
            }
            _ if verb == 'v' => self.pad(ADDRESS),
            _ => self.bad(value, verb),
        }
    }

    fn structure(&mut self, object: &dyn Object<'_>, verb: char, depth: usize) {
        if self.spec.sharp_v {
            self.out.push_str(object.type_name().trim_start_matches('*'));
        }
        self.out.push('{');
        for (i, (name, value)) in object.fields().iter().enumerate() {
            if i > 0 {
                self.out.push_str(if self.spec.sharp_v { ", " } else { " " });
            }
            if self.spec.sharp_v || self.spec.plus_v {
                self.out.push_str(name);
                self.out.push(':');
            }
            self.value(value, verb, depth + 1);
        }
        self.out.push('}');
    }

    /// `%!d(string=a)`: a verb that the value does not know.
    fn bad(&mut self, value: &Value<'_>, verb: char) {
        self.out.push_str("%!");
        self.out.push(verb);
        self.out.push('(');
        match value {
            Value::Missing | Value::Nil => self.out.push_str("<nil>"),
            value => {
                self.out.push_str(&value.type_name());
                self.out.push('=');
                let outer = std::mem::replace(&mut self.erroring, true);
                self.arg(value, 'v');
                self.erroring = outer;
            }
        }
        self.out.push(')');
    }

    fn integer(&mut self, value: &Value<'_>, negative: bool, magnitude: u64, verb: char) {
        match verb {
            'v' if self.spec.sharp_v && matches!(value, Value::Uint(..)) => self.hexadecimal(magnitude),
            'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => {
                let text = number::integer(negative, magnitude, if verb == 'v' { 'd' } else { verb }, &self.spec);
                self.pad_blank(&text);
            }
            'c' | 'q' | 'U' => {
                let code = u32::try_from(magnitude).ok().filter(|_| !negative);
                let c = code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                match verb {
                    'c' => self.pad(&c.to_string()),
                    'q' if self.spec.plus => self.pad(&ascii(&strconv::quote_with(&c.to_string(), '\''))),
                    'q' => self.pad(&strconv::quote_with(&c.to_string(), '\'')),
                    _ => {
                        let width = self.spec.precision.unwrap_or(4).max(4);
                        let n = if negative { magnitude.wrapping_neg() } else { magnitude };
                        let mut text = format!("U+{}", number::zeros(&format!("{n:X}"), width));
                        if self.spec.sharp && strconv::is_print(c) && u64::from(c as u32) == n {
                            text.push_str(&format!(" '{c}'"));
                        }
                        self.pad_blank(&text);
                    }
                }
            }
            _ => self.bad(value, verb),
        }
    }

    /// `0x2a`
    fn hexadecimal(&mut self, magnitude: u64) {
        let text = number::integer(false, magnitude, 'x', &Spec { sharp: true, ..self.spec });
        self.pad_blank(&text);
    }

    fn float(&mut self, value: &Value<'_>, n: f64, bits: u8, verb: char) {
        let (verb, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return self.bad(value, verb),
        };
        let text = number::float(n, bits, verb, self.spec.precision.or(precision), &self.spec);
        self.pad_blank(&text);
    }

    /// A `[]byte`.
    fn bytes(&mut self, list: &List<'_>, verb: char) {
        match verb {
            'v' if self.spec.sharp_v => self.list(list, "[]byte", verb, 0),
            'v' | 'd' | 's' | 'x' | 'X' | 'q' => self.list(list, "[]uint8", verb, 0),
            _ => self.list(list, "[]uint8", verb, 0),
        }
    }

    fn raw(&mut self, bytes: &[u8], verb: char) {
        match verb {
            'x' | 'X' => self.hex(bytes, verb),
            _ => self.text(&bytes::text(bytes), verb),
        }
    }

    /// A text by `v`, `s`, `q`, `x` or `X`.
    fn text(&mut self, s: &str, verb: char) {
        if matches!(verb, 'x' | 'X') {
            return self.hex(&bytes::of(s), verb);
        }
        let end = self.spec.precision.and_then(|n| s.char_indices().nth(n)).map_or(s.len(), |(i, _)| i);
        let s = &s[..end];
        if verb != 'q' {
            return self.pad(s);
        }
        if self.spec.sharp && !s.contains(['`', '\u{feff}']) && s.chars().all(|c| c == '\t' || !c.is_control()) {
            return self.pad(&format!("`{s}`"));
        }
        let quoted = strconv::quote(s);
        self.pad(&if self.spec.plus { ascii(&quoted) } else { quoted });
    }

    fn hex(&mut self, bytes: &[u8], verb: char) {
        let bytes = &bytes[..self.spec.precision.unwrap_or(bytes.len()).min(bytes.len())];
        let prefix = match (self.spec.sharp, verb) {
            (true, 'x') => "0x",
            (true, _) => "0X",
            _ => "",
        };
        let mut out = String::new();
        for (i, b) in bytes.iter().enumerate() {
            if self.spec.space && i > 0 {
                out.push(' ');
            }
            if i == 0 || self.spec.space {
                out.push_str(prefix);
            }
            out.push_str(&if verb == 'x' { format!("{b:02x}") } else { format!("{b:02X}") });
        }
        self.pad(&out);
    }

    /// Writes to the width: zeros or blanks on the left, blanks on the right with `-`.
    fn pad(&mut self, text: &str) {
        let missing = self.spec.width.map_or(0, |width| width.saturating_sub(text.chars().count()));
        let fill = if self.spec.zero && !self.spec.minus { '0' } else { ' ' };
        let blanks = std::iter::repeat_n(fill, missing);
        match self.spec.minus {
            true => {
                self.out.push_str(text);
                self.out.extend(blanks);
            }
            false => {
                self.out.extend(blanks);
                self.out.push_str(text);
            }
        }
    }

    /// [`Formatter::pad`] for numbers, which have their zeros already.
    fn pad_blank(&mut self, text: &str) {
        let zero = std::mem::replace(&mut self.spec.zero, false);
        self.pad(text);
        self.spec.zero = zero;
    }
}

fn bytes_of(list: &List<'_>) -> Vec<u8> {
    list.iter().map(|item| if let Value::Uint(n, _) = item { n as u8 } else { 0 }).collect()
}

/// A quoted text with escapes for all that is not ASCII.
fn ascii(quoted: &str) -> String {
    let escaped = |c: char| match c as u32 {
        ..0x80 => c.to_string(),
        n @ ..0x10000 => format!("\\u{n:04x}"),
        n => format!("\\U{n:08x}"),
    };
    quoted.chars().map(escaped).collect()
}
