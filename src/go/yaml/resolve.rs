use super::node::Error;
use super::scalar::{Exponents, Scalar, is_timestamp, meaning};

const PREFIX: &str = "tag:yaml.org,2002:";

/// A scalar by its text and tag, as go-yaml's `resolve` does.
///
/// Errors: a tag that the text does not fit.
pub(super) fn resolve(text: &str, tag: &str, plain: bool, exponents: Exponents) -> Result<Scalar, Error> {
    if tag.is_empty() {
        return Ok(if plain { meaning(text, exponents) } else { Scalar::Text });
    }
    let Some(wanted) = tag.strip_prefix(PREFIX) else { return Ok(Scalar::Text) };
    if !matches!(wanted, "str" | "bool" | "int" | "float" | "null" | "timestamp") || wanted == "str" {
        return Ok(Scalar::Text);
    }
    let found = match meaning(text, exponents) {
        // A date counts as one only without a tag or with its own; else the text may still be a number.
        Scalar::Timestamp if wanted != "timestamp" => Scalar::Text,
        Scalar::Text if wanted == "timestamp" && is_timestamp(text) => Scalar::Timestamp,
        found => found,
    };
    match (wanted, &found) {
        ("bool", Scalar::Bool(_))
        | ("int", Scalar::Int(_) | Scalar::Uint(_))
        | ("float", Scalar::Float(_))
        | ("null", Scalar::Null)
        | ("timestamp", Scalar::Timestamp) => Ok(found),
        ("float", Scalar::Int(n)) => Ok(Scalar::Float(*n as f64)),
        _ => {
            let name = match found {
                Scalar::Null => "null",
                Scalar::Bool(_) => "bool",
                Scalar::Int(_) | Scalar::Uint(_) => "int",
                Scalar::Float(_) => "float",
                Scalar::Timestamp => "timestamp",
                Scalar::Text => "str",
            };
            Err(Error::new(format!("yaml: cannot decode !!{name} `{text}` as a !!{wanted}")))
        }
    }
}

/// The bytes of a `!!binary` scalar: standard base64, line breaks ignored.
pub(super) fn binary(text: &str) -> Result<Vec<u8>, Error> {
    let fail = || Error::new("yaml: !!binary value contains invalid base64 data");
    let digits: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    if !digits.len().is_multiple_of(4) {
        return Err(fail());
    }
    let padding = digits.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return Err(fail());
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3);
    let body = &digits[..digits.len() - padding];
    for chunk in body.chunks(4) {
        let mut bits = 0u32;
        for b in chunk {
            let six = match b {
                b'A'..=b'Z' => b - b'A',
                b'a'..=b'z' => b - b'a' + 26,
                b'0'..=b'9' => b - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return Err(fail()),
            };
            bits = bits << 6 | u32::from(six);
        }
        match chunk.len() {
            4 => out.extend_from_slice(&bits.to_be_bytes()[1..]),
            3 => out.extend_from_slice(&(bits << 6).to_be_bytes()[1..3]),
            2 => out.push((bits >> 4) as u8),
            _ => return Err(fail()),
        }
    }
    Ok(out)
}
