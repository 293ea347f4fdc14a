//! Constant numbers.

use super::unquote;
use crate::go::strconv;
use crate::go::template::ast::Number;
use crate::go::template::lex::{Kind, Token};

/// Reads a number or character token. Errors: Go's text.
pub(super) fn parse(token: &Token<'_>) -> Result<Number, String> {
    let text = token.text;
    let mut number =
        Number { text: text.to_owned(), int: None, uint: None, float: None, complex: None, is_char: false };
    if token.kind == Kind::CharConstant {
        let n = unquote::character(text)? as u32;
        number.int = Some(n.into());
        number.uint = Some(n.into());
        number.float = Some(n.into());
        number.is_char = true;
        return Ok(number);
    }
    let is_complex = token.kind == Kind::Complex;
    let bad = || {
        if is_complex {
            "syntax error scanning complex number".into()
        } else {
            format!("illegal number syntax: {}", strconv::quote(text))
        }
    };
    if let Some(parts) = text.strip_suffix('i') {
        let (re, im) = match token.kind {
            Kind::Complex => parts.split_at(sign_between(parts).ok_or_else(bad)?),
            _ => ("0", parts),
        };
        if let (Some(re), Some(im)) = (strconv::parse_float(re), strconv::parse_float(im)) {
            number.complex = Some((re, im));
            if im == 0.0 {
                number.set_float(re);
            }
            return Ok(number);
        }
    }
    if let Ok(n) = strconv::parse_uint(text, 0, 64) {
        number.uint = Some(n);
    }
    number.int = strconv::parse_int(text, 0).ok();
    if number.int == Some(0) {
        number.uint = Some(0);
    }
    if let Some(n) = number.int {
        number.float = Some(n as f64);
    } else if let Some(n) = number.uint {
        number.float = Some(n as f64);
    } else if let Some(n) = strconv::parse_float(text) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", strconv::quote(text)));
        }
        number.set_float(n);
    } else {
        return Err(bad());
    }
    Ok(number)
}

impl Number {
    /// A float, and the integers of the same value.
    fn set_float(&mut self, n: f64) {
        self.float = Some(n);
        self.int = (n as i64 as f64 == n).then_some(n as i64);
        self.uint = (n as u64 as f64 == n).then_some(n as u64);
    }
}

/// Where the second number of `1+2i` begins: its sign, which is none of an exponent.
fn sign_between(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_hex = text.contains(['x', 'X']);
    let of_exponent = |b: u8| matches!(b, b'p' | b'P') || !is_hex && matches!(b, b'e' | b'E');
    (1..bytes.len()).rev().find(|&i| matches!(bytes[i], b'+' | b'-') && !of_exponent(bytes[i - 1]))
}
