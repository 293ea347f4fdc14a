//! Text to number and date, as go-yaml and Go's strconv see them.

/// What a scalar's text means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// Looks like a date; it stays text.
    Timestamp,
    Text,
}

/// Which texts are floating-point numbers; it depends on the release of go-yaml.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exponents {
    /// Those whose exponent has a sign and whose point has digits after it: `1e3` and `1.` are text (until 2.2.2).
    Signed,
    /// `1e3` and `1.` too.
    #[default]
    Any,
}

const TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: &[&str] = &["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
const NULL: &[&str] = &["", "~", "null", "Null", "NULL"];

/// The meaning of a plain scalar without tag.
pub(super) fn meaning(text: &str, exponents: Exponents) -> Scalar {
    // Most scalars are words: the first byte tells that nothing else is possible.
    match text.as_bytes().first() {
        None | Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') => match special_float(text) {
            Some(n) => Scalar::Float(n),
            None => parse_float(&text.replace('_', "")).map_or(Scalar::Text, Scalar::Float),
        },
        Some(b'+' | b'-' | b'0'..=b'9') => number(text, exponents),
        _ => Scalar::Text,
    }
}

fn word(text: &str) -> Scalar {
    if TRUE.contains(&text) {
        Scalar::Bool(true)
    } else if FALSE.contains(&text) {
        Scalar::Bool(false)
    } else if NULL.contains(&text) {
        Scalar::Null
    } else {
        Scalar::Text
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn number(text: &str, exponents: Exponents) -> Scalar {
    if let Some(n) = special_float(text) {
        return Scalar::Float(n);
    }
    if is_timestamp(text) {
        return Scalar::Timestamp;
    }
    let without: String;
    let plain = if text.contains('_') {
        without = text.replace('_', "");
        without.as_str()
    } else {
        text
    };
    let (negative, digits) = match plain.as_bytes().first() {
        Some(b'-') => (true, &plain[1..]),
        Some(b'+') => (false, &plain[1..]),
        _ => (false, plain),
    };
    if let Some(n) = magnitude(digits) {
        match (negative, i64::try_from(n)) {
            (false, Ok(n)) => return Scalar::Int(n),
            (true, Ok(n)) => return Scalar::Int(-n),
            (true, Err(_)) if n == 1 << 63 => return Scalar::Int(i64::MIN),
            (false, Err(_)) if !plain.starts_with('+') => return Scalar::Uint(n),
            _ => {}
        }
    }
    if is_float(plain, exponents) { parse_float(plain).map_or(Scalar::Text, Scalar::Float) } else { Scalar::Text }
}

/// An unsigned number with Go's base prefixes (`0x`, `0o`, `0b`, a leading `0`).
fn magnitude(digits: &str) -> Option<u64> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, or `[-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?`
fn is_float(text: &str, exponents: Exponents) -> bool {
    let strict = exponents == Exponents::Signed;
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(rest);
    rest = &rest[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if fraction == 0 && (whole == 0 || strict) {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = match exponent.strip_prefix(['-', '+']) {
            Some(digits) => digits,
            None if strict => return false,
            None => exponent,
        };
        let n = digits(exponent);
        return n > 0 && n == exponent.len();
    }
    rest.is_empty()
}

/// Go's `ParseFloat` for decimal text; out of range is an error there.
fn parse_float(text: &str) -> Option<f64> {
    let valid = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse::<f64>().ok().filter(|n| valid && n.is_finite())
}

/// The date forms that go-yaml takes for timestamps.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let year: u32 = text[..4].parse().unwrap_or(0);
    let Some((month, rest)) = one_or_two(&text[5..]) else { return false };
    let Some((day, rest)) = rest.strip_prefix('-').and_then(one_or_two) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    if day == 0 || day > days {
        return false;
    }
    let Some(separator) = rest.chars().next() else { return true };
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']).and_then(time_of_day) else { return false };
    match separator {
        ' ' => rest.is_empty(),
        _ => rest == "Z" || is_zone(rest),
    }
}

fn one_or_two(text: &str) -> Option<(u32, &str)> {
    let n = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text.get(..n)?.parse().ok()?, &text[n..]))
}

fn time_of_day(text: &str) -> Option<&str> {
    let (hour, rest) = one_or_two(text)?;
    let (minute, rest) = one_or_two(rest.strip_prefix(':')?)?;
    let (second, rest) = one_or_two(rest.strip_prefix(':')?)?;
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let n = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (n > 0).then(|| &fraction[n..])?
        }
        None => rest,
    };
    (hour < 24 && minute < 60 && second < 60).then_some(rest)
}

fn is_zone(text: &str) -> bool {
    let two = |s: &str, max| s.bytes().all(|b| b.is_ascii_digit()) && s.parse::<u32>().is_ok_and(|n| n <= max);
    text.len() == 6
        && text.starts_with(['+', '-'])
        && text.is_char_boundary(3)
        && text.as_bytes()[3] == b':'
        && text.get(1..3).is_some_and(|h| two(h, 24))
        && text.get(4..).is_some_and(|m| two(m, 60))
}
