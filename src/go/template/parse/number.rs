//! Constant numbers.

use super::unquote;
use crate::go::strconv;
use crate::go::template::ast::Number;
use crate::go::template::lex::{Kind, Token};

/// Reads a number or character token. Errors: Go's text.
pub(super) fn parse(token: &Token) -> Result<Number, String> {
    let text = &token.text;
    let mut number = Number { text: text.clone(), int: None, uint: None, float: None, complex: false, is_char: false };
    if token.kind == Kind::CharConstant {
        let c = unquote::character(text).ok_or_else(|| format!("malformed character constant: {text}"))?;
        let n = c as u32;
        number.int = Some(n.into());
        number.uint = Some(n.into());
        number.float = Some(n.into());
        number.is_char = true;
        return Ok(number);
    }
    if token.kind == Kind::Complex || text.ends_with('i') {
        let imaginary = text.trim_end_matches('i').trim_start_matches(['+', '-']);
        number.complex = imaginary.chars().any(|c| ('1'..='9').contains(&c));
        if !number.complex {
            number.int = Some(0);
            number.uint = Some(0);
            number.float = Some(0.0);
        }
        return Ok(number);
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text.as_str()),
    };
    if let Ok(n) = strconv::parse_uint(digits, 0, 64) {
        number.uint = (!negative && !text.starts_with('+') || n == 0).then_some(n);
        number.int = if negative { 0i64.checked_sub_unsigned(n) } else { i64::try_from(n).ok() };
    }
    if let Some(n) = number.int {
        number.float = Some(n as f64);
    } else if let Some(n) = number.uint {
        number.float = Some(n as f64);
    } else if let Some(n) = float(text) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", strconv::quote(text)));
        }
        number.float = Some(n);
        number.int = (n as i64 as f64 == n).then_some(n as i64);
        number.uint = (n as u64 as f64 == n).then_some(n as u64);
    }
    if number.int.is_none() && number.uint.is_none() && number.float.is_none() {
        return Err(format!("illegal number syntax: {}", strconv::quote(text)));
    }
    Ok(number)
}

/// Go's `ParseFloat`, hexadecimal floats included.
fn float(text: &str) -> Option<f64> {
    let plain = text.replace('_', "");
    let unsigned = plain.trim_start_matches(['+', '-']);
    if let Some(hex) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let (mantissa, exponent) = hex.split_once(['p', 'P'])?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let n = u64::from_str_radix(&digits, 16).ok()? as f64;
        let exponent: i32 = exponent.parse().ok()?;
        let n = n * 2f64.powi(exponent - 4 * fraction.len() as i32);
        return Some(if plain.starts_with('-') { -n } else { n });
    }
    let valid = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    plain.parse::<f64>().ok().filter(|n| valid && n.is_finite())
}
