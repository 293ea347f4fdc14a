//! Go's string and character literals.

use crate::go::bytes;

/// The text of a quoted or raw string literal; `None` where Go's `Unquote` fails.
pub(super) fn string(quoted: &str) -> Option<String> {
    if let Some(raw) = quoted.strip_prefix('`').and_then(|q| q.strip_suffix('`')) {
        return Some(raw.replace('\r', ""));
    }
    let body = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, after) = unit(rest, '"')?;
        match piece {
            Unit::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(b) => out.push(b),
        }
        rest = after;
    }
    Some(bytes::text(&out))
}

/// The character of a character literal, quotes included.
///
/// Errors: Go's text.
pub(super) fn character(quoted: &str) -> Result<char, String> {
    let body = quoted.strip_prefix('\'').unwrap_or_default();
    match unit(body, '\'') {
        Some((Unit::Char(c), "'")) => Ok(c),
        Some((Unit::Byte(b), "'")) => Ok(char::from(b)),
        Some(_) => Err(format!("malformed character constant: {quoted}")),
        None => Err("invalid syntax".into()),
    }
}

enum Unit {
    Char(char),
    Byte(u8),
}

fn unit(text: &str, mark: char) -> Option<(Unit, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c == mark || c == '\n' {
        return None;
    }
    if c != '\\' {
        return Some((Unit::Char(c), chars.as_str()));
    }
    let code = chars.next()?;
    let rest = chars.as_str();
    let hex = |n: usize| {
        let digits = rest.get(..n)?;
        let valid = digits.bytes().all(|b| b.is_ascii_hexdigit());
        Some((u32::from_str_radix(digits, 16).ok().filter(|_| valid)?, &rest[n..]))
    };
    let simple = |c| Some((Unit::Char(c), rest));
    match code {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '\'' | '"' if code == mark => simple(code),
        'x' => hex(2).map(|(n, rest)| (Unit::Byte(n as u8), rest)),
        'u' => hex(4).and_then(|(n, rest)| Some((Unit::Char(char::from_u32(n)?), rest))),
        'U' => hex(8).and_then(|(n, rest)| Some((Unit::Char(char::from_u32(n)?), rest))),
        '0'..='7' => {
            let digits = text.get(1..4)?;
            let n = u32::from_str_radix(digits, 8)
                .ok()
                .filter(|n| *n < 256 && digits.bytes().all(|b| b.is_ascii_digit()))?;
            Some((Unit::Byte(n as u8), &text[4..]))
        }
        _ => None,
    }
}
