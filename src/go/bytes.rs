//! Go's strings hold any bytes; Rust's do not. A byte that is no UTF-8 stands in a text as a character of the last
//! private plane, so that cutting, measuring and joining texts works as in Go.
//!
//! ```
//! use conjector::go::bytes;
//!
//! let half = bytes::text(&"é".as_bytes()[..1]);
//! assert_eq!((bytes::len(&half), bytes::shown(&half).as_ref()), (1, "\u{fffd}"));
//! assert_eq!(bytes::shown(&(half + &bytes::text(&"é".as_bytes()[1..]))), "é");
//! ```

use std::borrow::Cow;

/// Added to a byte, this is its character.
const BASE: u32 = 0x10_ff00;

/// The byte for which a character stands.
pub fn raw(c: char) -> Option<u8> {
    u8::try_from((c as u32).wrapping_sub(BASE)).ok().filter(|b| *b >= 0x80)
}

/// True where a text holds characters that stand for bytes.
pub fn has_raw(text: &str) -> bool {
    // The first byte of all characters of the last plane.
    text.as_bytes().contains(&0xf4) && text.chars().any(|c| raw(c).is_some())
}

/// The text of any bytes.
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().filter_map(|b| char::from_u32(BASE + u32::from(*b))));
    }
    out
}

/// The bytes of a text.
pub fn of(text: &str) -> Cow<'_, [u8]> {
    if !has_raw(text) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match raw(c) {
            Some(b) => out.push(b),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(out)
}

/// How many bytes a text has in Go.
pub fn len(text: &str) -> usize {
    of(text).len()
}

/// The bytes from one place up to another, as a text; the places must be within its length.
pub fn cut(text: &str, from: usize, to: usize) -> String {
    self::text(&of(text)[from..to])
}

/// The text as valid UTF-8: a replacement character for every bad byte.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !has_raw(text) {
        return Cow::Borrowed(text);
    }
    // Bytes that came together may be characters now.
    let joined = self::text(&of(text));
    Cow::Owned(joined.chars().map(|c| if raw(c).is_some() { char::REPLACEMENT_CHARACTER } else { c }).collect())
}
