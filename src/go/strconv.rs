//! Text forms of numbers and strings as Go's `strconv` writes them.

use super::bytes;

/// `strconv.Quote`: double quotes, Go's escapes; printable characters stay.
pub fn quote(text: &str) -> String {
    quote_with(text, '"')
}

/// Go's quoting with any quotation mark (`"` or `'`).
pub fn quote_with(text: &str, mark: char) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    if text.bytes().all(|b| (b' '..0x7f).contains(&b) && b != b'\\' && b != mark as u8) {
        out.push_str(text);
        out.push(mark);
        return out;
    }
    for c in text.chars() {
        match c {
            c if bytes::raw(c).is_some() => {
                let _ = write!(out, "\\x{:02x}", bytes::raw(c).unwrap_or_default());
            }
            '\\' => out.push_str("\\\\"),
            c if c == mark => {
                out.push('\\');
                out.push(c);
            }
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            c if is_print(c) => out.push(c),
            c if c < ' ' || c == '\x7f' => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if (c as u32) < 0x10000 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
        }
    }
    out.push(mark);
    out
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // Combining marks are printable in Go; after another character Rust's debug escapes leave them alone as well.
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().nth(1) == Some(c)
}

/// Go's `FormatFloat` with the shortest digits (`prec` -1) for the verbs `e`, `f` and `g`; `bits` is 32 or 64. `g` is
/// plain from 1e-4 up to below 1e6 and has an exponent of at least two digits elsewhere.
pub fn format_float(n: f64, verb: char, bits: u8) -> String {
    if n.is_nan() {
        return "NaN".into();
    }
    if n.is_infinite() || bits == 32 && (n as f32).is_infinite() {
        return if n > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = shortest(n, bits);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let has_exponent = match verb {
        'e' => true,
        'f' => false,
        _ => !(-4..6).contains(&exponent),
    };
    match has_exponent {
        true => pad_exponent(&scientific),
        false => plain(&scientific),
    }
}

/// The fewest digits that give the number again, nearest to it, as `1.5e-7`. Where two are as near, Go takes the even
/// one, Rust the larger one.
pub(super) fn shortest(n: f64, bits: u8) -> String {
    /// Numbers of fewer digits are never in the middle of two others.
    const LEAST: usize = 6;
    let single = bits == 32;
    let text = if single { format!("{:e}", n as f32) } else { format!("{n:e}") };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    if digits < LEAST {
        return text;
    }
    let exact = format!("{:.*e}", digits + 30, if single { f64::from(n as f32) } else { n });
    let (down, rest) = exact.split_at(exact.len().min(mantissa.len()));
    let rest = rest.split('e').next().unwrap_or_default();
    let is_tie = rest.strip_prefix('5').is_some_and(|zeros| zeros.bytes().all(|b| b == b'0'));
    let is_even = down.bytes().last().is_some_and(|b| (b - b'0').is_multiple_of(2));
    if !is_tie || !is_even || down == mantissa {
        return text;
    }
    let even = format!("{down}e{exponent}");
    let same = if single { even.parse() == Ok(n as f32) } else { even.parse() == Ok(n) };
    if same { even } else { text }
}

/// `1.5e-7` without its exponent: `0.00000015`.
pub(super) fn plain(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let digits = mantissa.replace('.', "");
    let count = digits.len() as i32;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    match exponent {
        ..0 => format!("{sign}0.{}{digits}", zeros(-exponent - 1)),
        _ if exponent + 1 >= count => format!("{sign}{digits}{}", zeros(exponent + 1 - count)),
        _ => {
            let (whole, fraction) = digits.split_at(exponent as usize + 1);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

/// `1e6` as Go writes it: sign and at least two digits, `1e+06`.
pub fn pad_exponent(scientific: &str) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific.to_owned() };
    let (sign, number) = exponent.strip_prefix('-').map_or(('+', exponent), |n| ('-', n));
    format!("{digits}e{sign}{number:0>2}")
}

/// Go's `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// The text of Go's `*NumError`: `strconv.FUNC: parsing "TEXT": REASON`.
pub fn number_error(function: &str, text: &str, reason: &str) -> String {
    format!("strconv.{function}: parsing {}: {reason}", quote(text))
}

/// Go's `ParseUint(text, base, bits)`; base 0 reads the prefix. The error is Go's text and its return value is 0, or
/// the largest number when out of range.
pub fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, (u64, String)> {
    let fail = |n, reason: &str| Err((n, number_error("ParseUint", text, reason)));
    let max = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let (radix, digits) = match (base, text.as_bytes()) {
        (0, [b'0', b'x' | b'X', _, ..]) => (16, &text[2..]),
        (0, [b'0', b'o' | b'O', _, ..]) => (8, &text[2..]),
        (0, [b'0', b'b' | b'B', _, ..]) => (2, &text[2..]),
        (0, [b'0', _, ..]) => (8, &text[1..]),
        (0, _) => (10, text),
        (radix, _) => (radix, text),
    };
    if digits.is_empty() {
        return fail(0, "invalid syntax");
    }
    let mut n: u64 = 0;
    for c in digits.chars() {
        if c == '_' && base == 0 {
            continue;
        }
        let Some(digit) = c.to_digit(radix) else { return fail(0, "invalid syntax") };
        // What stands behind the digit that is one too many is not looked at.
        match n.checked_mul(radix.into()).and_then(|n| n.checked_add(digit.into())) {
            Some(sum) if sum <= max => n = sum,
            _ => return fail(max, "value out of range"),
        }
    }
    if base == 0 && !underscores_separate(text) {
        return fail(0, "invalid syntax");
    }
    Ok(n)
}

/// Go's `Atoi(text)`.
///
/// Errors: Go's text.
pub fn atoi(text: &str) -> Result<i64, String> {
    signed("Atoi", text, 10)
}

/// Go's `ParseInt(text, base, 64)`; base 0 reads the prefix.
///
/// Errors: Go's text.
pub fn parse_int(text: &str, base: u32) -> Result<i64, String> {
    signed("ParseInt", text, base)
}

fn signed(function: &str, text: &str, base: u32) -> Result<i64, String> {
    let fail = |reason| Err(number_error(function, text, reason));
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    match parse_uint(digits, base, 64) {
        Ok(n) => match if negative { 0i64.checked_sub_unsigned(n) } else { i64::try_from(n).ok() } {
            Some(n) => Ok(n),
            None => fail("value out of range"),
        },
        Err((0, _)) => fail("invalid syntax"),
        Err(_) => fail("value out of range"),
    }
}

/// True where underscores stand only between digits, or between a base prefix and a digit, as in Go's literals.
fn underscores_separate(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let bytes = text.as_bytes();
    let has_prefix = matches!(bytes, [b'0', b'b' | b'B' | b'o' | b'O' | b'x' | b'X', ..]);
    let is_hex = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let is_digit = |i: usize| bytes[i].is_ascii_digit() || is_hex && bytes[i].is_ascii_hexdigit();
    let first = if has_prefix { 2 } else { 0 };
    (first..bytes.len()).filter(|&i| bytes[i] == b'_').all(|i| {
        let before = if i == first { has_prefix } else { is_digit(i - 1) };
        before && i + 1 < bytes.len() && is_digit(i + 1)
    })
}

/// Go's `ParseFloat(text, 64)`: decimal, hexadecimal, `inf`, `nan`; `None` for bad syntax and where it is out of range.
pub fn parse_float(text: &str) -> Option<f64> {
    if !underscores_separate(text) {
        return None;
    }
    let plain = text.replace('_', "");
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let signed = |n: f64| if plain.starts_with('-') { -n } else { n };
    match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Some(signed(f64::INFINITY)),
        "nan" => return (unsigned == plain).then_some(f64::NAN),
        _ => {}
    }
    let n = match unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        Some(hex) => parse_hexadecimal(hex)?,
        None => {
            unsigned.parse::<f64>().ok().filter(|_| unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.'))?
        }
    };
    n.is_finite().then(|| signed(n))
}

/// `1.8p1`: hexadecimal digits, an exponent of two.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let exponent: i32 = exponent.parse().ok().filter(|_| valid)?;
    let mut n = 0f64;
    for digit in digits.chars() {
        n = n * 16.0 + f64::from(digit.to_digit(16)?);
    }
    Some(n * 2f64.powi(exponent.saturating_sub(4 * i32::try_from(fraction.len()).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_quotes_as_go() {
        for (n, want) in [
            (1e6, "1e+06"),
            (100000.0, "100000"),
            (1.5, "1.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1234567.0, "1.234567e+06"),
            (67_715_993.041_015_62, "6.771599304101562e+07"),
            (-0.0, "-0"),
            (12.5, "12.5"),
        ] {
            assert_eq!(format_float(n, 'g', 64), want);
        }
        assert_eq!(quote("a\"\u{7f}é\u{200b}\n"), "\"a\\\"\\x7fé\\u200b\\n\"");
        assert_eq!(parse_uint("x", 10, 16).unwrap_err().1, r#"strconv.ParseUint: parsing "x": invalid syntax"#);
        assert_eq!(parse_uint("65536", 10, 16).unwrap_err().0, 65535);
        assert_eq!(parse_uint("70000,80", 10, 16).unwrap_err().0, 65535);
        assert_eq!(parse_uint("0x_1_0", 0, 64), Ok(16));
        assert!(parse_uint("1__0", 0, 64).is_err() && parse_uint("1_0", 10, 64).is_err());
        assert_eq!(atoi("-9223372036854775808"), Ok(i64::MIN));
        for (text, reason) in
            [("", "invalid syntax"), ("-", "invalid syntax"), ("1 ", "invalid syntax"), ("--1", "invalid syntax")]
        {
            assert_eq!(atoi(text), Err(number_error("Atoi", text, reason)));
        }
        for text in ["9223372036854775808", "99999999999999999999x"] {
            assert_eq!(atoi(text), Err(number_error("Atoi", text, "value out of range")));
        }
    }
}
