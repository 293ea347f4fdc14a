//! `Printf`: flags, width, precision, argument numbers, verbs.

use super::{Mode, duration, number, print, write};
use crate::go::strconv;
use crate::go::template::value::{Int, Value};

/// How much padding a width may ask for; Go's own limit.
const MAX_WIDTH: usize = 1_000_000;

/// The flags of one verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Spec {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// `fmt.Sprintf`.
pub fn sprintf(format: &str, args: &[Value<'_>]) -> String {
    let mut printer = Printer {
        out: String::new(),
        chars: format.chars().collect(),
        at: 0,
        args,
        next: 0,
        reordered: false,
        good: true,
    };
    printer.run();
    printer.out
}

struct Printer<'a, 'd> {
    out: String,
    chars: Vec<char>,
    at: usize,
    args: &'a [Value<'d>],
    next: usize,
    /// An explicit argument number was used.
    reordered: bool,
    /// The last argument number was good.
    good: bool,
}

impl Printer<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn run(&mut self) {
        while let Some(c) = self.peek() {
            self.at += 1;
            if c != '%' {
                self.out.push(c);
                continue;
            }
            self.verb();
        }
        if !self.reordered && self.next < self.args.len() {
            self.out.push_str("%!(EXTRA ");
            for (i, arg) in self.args[self.next..].iter().enumerate() {
                if i > 0 {
                    self.out.push_str(", ");
                }
                match arg {
                    Value::Missing | Value::Nil => self.out.push_str("<nil>"),
                    arg => self.out.push_str(&format!("{}={}", arg.type_name(), print(arg))),
                }
            }
            self.out.push(')');
        }
    }

    fn verb(&mut self) {
        let mut spec = Spec::default();
        self.good = true;
        while let Some(c) = self.peek() {
            match c {
                '#' => spec.sharp = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                '-' => spec.minus = true,
                ' ' => spec.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut numbered = self.argument_number();
        if self.peek() == Some('*') {
            self.at += 1;
            match self.take_int() {
                Some(width) => {
                    spec.minus |= width < 0;
                    spec.width = Some(width.unsigned_abs() as usize);
                }
                None => self.out.push_str("%!(BADWIDTH)"),
            }
            numbered = false;
        } else {
            spec.width = self.digits();
            if numbered && spec.width.is_some() {
                self.good = false;
            }
        }
        if self.peek() == Some('.') {
            self.at += 1;
            if numbered {
                self.good = false;
            }
            numbered = self.argument_number();
            if self.peek() == Some('*') {
                self.at += 1;
                match self.take_int() {
                    Some(precision) if precision >= 0 => spec.precision = Some(precision as usize),
                    Some(_) => {}
                    None => self.out.push_str("%!(BADPREC)"),
                }
                numbered = false;
            } else {
                spec.precision = Some(self.digits().unwrap_or(0));
            }
        }
        if !numbered {
            self.argument_number();
        }
        let Some(verb) = self.peek() else { return self.out.push_str("%!(NOVERB)") };
        self.at += 1;
        if verb == '%' {
            self.out.push('%');
        } else if !self.good {
            self.out.push_str(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(arg) = self.args.get(self.next) {
            self.next += 1;
            let text = value(arg, verb, &spec);
            self.out.push_str(&text);
        } else {
            self.out.push_str(&format!("%!{verb}(MISSING)"));
        }
    }

    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        let mut n = 0usize;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            n = (n * 10 + digit as usize).min(MAX_WIDTH + 1);
            self.at += 1;
        }
        (self.at > start && n <= MAX_WIDTH).then_some(n)
    }

    fn take_int(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next)?;
        self.next += 1;
        let n = match arg {
            Value::Int(n, _) => *n,
            Value::Uint(n, _) => i64::try_from(*n).ok()?,
            _ => return None,
        };
        (n.unsigned_abs() as usize <= MAX_WIDTH).then_some(n)
    }

    /// `[n]`; true when there was one.
    fn argument_number(&mut self) -> bool {
        if self.peek() != Some('[') {
            return false;
        }
        self.reordered = true;
        let Some(end) = self.chars[self.at..].iter().position(|c| *c == ']') else {
            self.good = false;
            self.at += 1;
            return false;
        };
        let digits: String = self.chars[self.at + 1..self.at + end].iter().collect();
        self.at += end + 1;
        match digits.parse::<usize>() {
            Ok(n) if (1..=self.args.len()).contains(&n) => self.next = n - 1,
            _ => self.good = false,
        }
        true
    }
}

/// Pads to the width, on the left unless `-`.
fn pad(text: String, spec: &Spec) -> String {
    let Some(width) = spec.width else { return text };
    let missing = width.saturating_sub(text.chars().count());
    let fill = |c: char| std::iter::repeat_n(c, missing).collect::<String>();
    if spec.minus {
        text + &fill(' ')
    } else if spec.zero {
        fill('0') + &text
    } else {
        fill(' ') + &text
    }
}

/// Padding of numbers, which do their zeros themselves.
fn pad_number(text: String, spec: &Spec) -> String {
    pad(text, &Spec { zero: false, ..*spec })
}

fn bad(value: &Value<'_>, verb: char) -> String {
    match value {
        Value::Missing | Value::Nil => format!("%!{verb}(<nil>)"),
        value => format!("%!{verb}({}={})", value.type_name(), print(value)),
    }
}

fn value(arg: &Value<'_>, verb: char, spec: &Spec) -> String {
    match verb {
        'T' => return pad(arg.type_name(), spec),
        'p' => return bad(arg, verb),
        _ => {}
    }
    match arg {
        Value::Missing | Value::Nil => match verb {
            'v' => pad("<nil>".into(), spec),
            _ => bad(arg, verb),
        },
        Value::Bool(b) => match verb {
            't' | 'v' => pad(b.to_string(), spec),
            _ => bad(arg, verb),
        },
        Value::Int(n, Int::Duration) if matches!(verb, 'v' | 's' | 'q') && !(verb == 'v' && spec.sharp) => {
            text(&duration(*n), verb, spec)
        }
        Value::Int(n, _) => int(arg, *n < 0, n.unsigned_abs(), verb, spec),
        Value::Uint(n, _) if verb == 'v' && spec.sharp => pad_number(format!("0x{n:x}"), spec),
        Value::Uint(n, _) => int(arg, false, *n, verb, spec),
        Value::Float(n, is32) => match verb {
            'v' | 'b' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X' => {
                let verb = match verb {
                    'v' => 'g',
                    'F' => 'f',
                    verb => verb,
                };
                pad_number(number::float(*n, if *is32 { 32 } else { 64 }, verb, spec), spec)
            }
            _ => bad(arg, verb),
        },
        Value::Str(s) => match verb {
            'v' if spec.sharp => pad(strconv::quote(s), spec),
            'v' | 's' | 'q' | 'x' | 'X' => text(s, verb, spec),
            _ => bad(arg, verb),
        },
        Value::List(list) if list.element == "uint8" && matches!(verb, 's' | 'q' | 'x' | 'X') => {
            let bytes: Vec<u8> = list.iter().map(|v| if let Value::Uint(n, _) = v { n as u8 } else { 0 }).collect();
            if matches!(verb, 'x' | 'X') {
                hex(&bytes, verb, spec)
            } else {
                text(&String::from_utf8_lossy(&bytes), verb, spec)
            }
        }
        Value::Object(object)
            if matches!(verb, 'v' | 's' | 'q' | 'x' | 'X') && !spec.sharp && object.text().is_some() =>
        {
            text(&object.text().unwrap_or_default(), verb, spec)
        }
        Value::Object(object) if object.number().is_some() => {
            let n = object.number().unwrap_or(0);
            int(arg, n < 0, n.unsigned_abs(), verb, spec)
        }
        _ if verb == 'v' => {
            let mode = if spec.sharp {
                Mode::Syntax
            } else if spec.plus {
                Mode::Named
            } else {
                Mode::Plain
            };
            if mode == Mode::Plain && (spec.width.is_some() || spec.precision.is_some()) {
                return composite(arg, verb, spec);
            }
            let mut out = String::new();
            write(&mut out, arg, mode, true);
            out
        }
        _ => composite(arg, verb, spec),
    }
}

/// Lists, maps and structs: the verb goes to each element.
fn composite(arg: &Value<'_>, verb: char, spec: &Spec) -> String {
    match arg {
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(|v| value(&v, verb, spec)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let mut items = Vec::new();
            map.for_each(|k, v| {
                let key = match k {
                    super::super::value::Key::Str(k) => value(&Value::string(k), verb, spec),
                    super::super::value::Key::Int(n) => value(&Value::int(*n), verb, spec),
                };
                items.push(format!("{key}:{}", value(&v, verb, spec)));
            });
            format!("map[{}]", items.join(" "))
        }
        Value::Object(object) if !object.is_nil() && !object.fields().is_empty() => {
            let items: Vec<String> = object.fields().iter().map(|(_, v)| value(v, verb, spec)).collect();
            let amp = if object.type_name().starts_with('*') { "&" } else { "" };
            format!("{amp}{{{}}}", items.join(" "))
        }
        _ => bad(arg, verb),
    }
}

fn int(arg: &Value<'_>, negative: bool, magnitude: u64, verb: char, spec: &Spec) -> String {
    match verb {
        'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => {
            pad_number(number::integer(negative, magnitude, if verb == 'v' { 'd' } else { verb }, spec), spec)
        }
        'c' | 'q' | 'U' => {
            let c = u32::try_from(magnitude).ok().filter(|_| !negative).and_then(char::from_u32).unwrap_or('\u{fffd}');
            match verb {
                'c' => pad(c.to_string(), spec),
                'q' => pad(strconv::quote_with(&c.to_string(), '\''), spec),
                _ => {
                    let width = spec.precision.unwrap_or(4).max(4);
                    let n = if negative { magnitude.wrapping_neg() } else { magnitude };
                    let mut out = format!("U+{n:0width$X}");
                    if spec.sharp && strconv::is_print(c) && u64::from(c as u32) == n {
                        out.push_str(&format!(" '{c}'"));
                    }
                    pad_number(out, spec)
                }
            }
        }
        _ => bad(arg, verb),
    }
}

fn text(s: &str, verb: char, spec: &Spec) -> String {
    let cut: String = match spec.precision {
        Some(n) if !matches!(verb, 'x' | 'X') => s.chars().take(n).collect(),
        _ => s.to_owned(),
    };
    match verb {
        'q' if spec.sharp && !cut.contains('`') && cut.chars().all(|c| c == '\t' || strconv::is_print(c)) => {
            pad(format!("`{cut}`"), spec)
        }
        'q' if spec.plus => {
            let quoted = strconv::quote(&cut);
            let ascii: String = quoted
                .chars()
                .map(|c| match c as u32 {
                    ..0x80 => c.to_string(),
                    n @ ..0x10000 => format!("\\u{n:04x}"),
                    n => format!("\\U{n:08x}"),
                })
                .collect();
            pad(ascii, spec)
        }
        'q' => pad(strconv::quote(&cut), spec),
        'x' | 'X' => hex(s.as_bytes(), verb, spec),
        _ => pad(cut, spec),
    }
}

fn hex(bytes: &[u8], verb: char, spec: &Spec) -> String {
    let bytes = &bytes[..spec.precision.unwrap_or(bytes.len()).min(bytes.len())];
    let prefix = match (spec.sharp, verb) {
        (true, 'x') => "0x",
        (true, _) => "0X",
        _ => "",
    };
    let mut out = String::new();
    for (i, b) in bytes.iter().enumerate() {
        if spec.space && i > 0 {
            out.push(' ');
        }
        if i == 0 || spec.space {
            out.push_str(prefix);
        }
        out.push_str(&if verb == 'x' { format!("{b:02x}") } else { format!("{b:02X}") });
    }
    pad(out, spec)
}
