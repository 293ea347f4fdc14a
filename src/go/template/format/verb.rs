//! `Printf`: flags, width, precision, argument numbers, verbs.

use super::print;
use super::value::Formatter;
use crate::go::template::value::Value;

/// How long a text may become; at more, printing stops.
pub const MAX_TEXT: usize = 16 << 20;

/// How much padding a width may ask for, before its last digit; Go's own limit.
const MAX_WIDTH: usize = 1_000_000;

/// The flags of one verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Spec {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    /// `%+v`
    pub(super) plus_v: bool,
    /// `%#v`
    pub(super) sharp_v: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// `fmt.Sprintf`. A result longer than [`MAX_TEXT`] is not complete.
pub fn sprintf(format: &str, args: &[Value<'_>]) -> String {
    let mut printer = Printer { out: String::new(), format, at: 0, args, next: 0, reordered: false, good: true };
    printer.run();
    printer.out
}

struct Printer<'a, 'd> {
    out: String,
    format: &'a str,
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
        self.format[self.at..].chars().next()
    }

    fn run(&mut self) {
        while let Some(plain) = self.format[self.at..].find('%') {
            self.out.push_str(&self.format[self.at..self.at + plain]);
            self.at += plain + 1;
            self.verb();
            if self.out.len() > MAX_TEXT {
                return;
            }
        }
        self.out.push_str(&self.format[self.at..]);
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
                    spec.zero &= width >= 0;
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
                    _ => self.out.push_str("%!(BADPREC)"),
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
        self.at += verb.len_utf8();
        if verb == '%' {
            self.out.push('%');
        } else if !self.good {
            self.out.push_str(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(arg) = self.args.get(self.next) {
            self.next += 1;
            if matches!(verb, 'v' | 'w') {
                spec.sharp_v = std::mem::take(&mut spec.sharp);
                spec.plus_v = std::mem::take(&mut spec.plus);
            }
            Formatter::new(&mut self.out, spec).arg(arg, verb);
        } else {
            self.out.push_str(&format!("%!{verb}(MISSING)"));
        }
    }

    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        let mut n = 0usize;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            if n > MAX_WIDTH {
                // Go reads nothing more of such a format.
                self.at = self.format.len();
                return None;
            }
            n = n * 10 + digit as usize;
            self.at += 1;
        }
        (self.at > start).then_some(n)
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
        let Some(end) = self.format[self.at..].find(']') else {
            self.good = false;
            self.at += 1;
            return false;
        };
        let digits = &self.format[self.at + 1..self.at + end];
        self.at += end + 1;
        match digits.parse::<usize>() {
            Ok(n) if (1..=self.args.len()).contains(&n) => self.next = n - 1,
            _ => self.good = false,
        }
        true
    }
}
