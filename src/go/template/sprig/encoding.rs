//! JSON, base64, hashes, URLs.

use super::super::functions::Functions;
use super::super::value::Value;
use crate::go::json;

pub(super) fn register(f: &mut Functions) {
    for name in ["toJson", "mustToJson"] {
        f.add(name, "any", |c| Ok(Value::string(json::to_string(&c.arg(0).to_json()))));
    }
    for name in ["toRawJson", "mustToRawJson"] {
        f.add(name, "any", |c| Ok(Value::string(json::to_string_unescaped(&c.arg(0).to_json()))));
    }
    for name in ["toPrettyJson", "mustToPrettyJson"] {
        f.add(name, "any", |c| Ok(Value::string(pretty(&c.arg(0).to_json(), 0))));
    }
    f.add("fromJson", "string", |c| Ok(json::parse(c.str(0)).map_or(Value::Nil, |v| Value::owned_json(&v))));
    f.add("mustFromJson", "string", |c| json::parse(c.str(0)).map(|v| Value::owned_json(&v)).map_err(|e| e.to_string()));
    f.add("b64enc", "string", |c| Ok(Value::string(base64(c.str(0).as_bytes()))));
    f.add("b64dec", "string", |c| {
        let decoded = unbase64(c.str(0)).map_err(|at| format!("illegal base64 data at input byte {at}"));
        Ok(Value::string(decoded.map_or_else(|e| e, |b| String::from_utf8_lossy(&b).into_owned())))
    });
    f.add("sha256sum", "string", |c| {
        use sha2::Digest;
        Ok(Value::string(hex(&sha2::Sha256::digest(c.str(0).as_bytes()))))
    });
    f.add("sha512sum", "string", |c| {
        use sha2::Digest;
        Ok(Value::string(hex(&sha2::Sha512::digest(c.str(0).as_bytes()))))
    });
    f.add("adler32sum", "string", |c| {
        let (a, b) = c.str(0).bytes().fold((1u32, 0u32), |(a, b), byte| {
            let a = (a + u32::from(byte)) % 65521;
            (a, (b + a) % 65521)
        });
        Ok(Value::string((b << 16 | a).to_string()))
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// JSON indented by two blanks, HTML characters escaped, as `MarshalIndent`.
fn pretty(value: &json::Value, indent: usize) -> String {
    let pad = "  ".repeat(indent + 1);
    let end = "  ".repeat(indent);
    match value {
        json::Value::Array(items) if !items.is_empty() => {
            let items: Vec<_> = items.iter().map(|i| format!("{pad}{}", pretty(i, indent + 1))).collect();
            format!("[\n{}\n{end}]", items.join(",\n"))
        }
        json::Value::Object(members) if !members.is_empty() => {
            let members: Vec<_> = members
                .iter()
                .map(|(k, v)| {
                    let mut key = String::new();
                    json::write_string(&mut key, k, true);
                    format!("{pad}{key}: {}", pretty(v, indent + 1))
                })
                .collect();
            format!("{{\n{}\n{end}}}", members.join(",\n"))
        }
        other => json::to_string(other),
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut bits = [0u8; 3];
        bits[..chunk.len()].copy_from_slice(chunk);
        let n = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for i in 0..4 {
            let digit = ALPHABET[(n >> (18 - 6 * i) & 63) as usize] as char;
            out.push(if i <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// Standard base64 with padding; the error is the offset of the first bad byte.
fn unbase64(text: &str) -> Result<Vec<u8>, usize> {
    let bytes: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\n' | b'\r')).collect();
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut chunks = bytes.chunks(4).peekable();
    while let Some(chunk) = chunks.next() {
        let padding = chunk.iter().rev().take_while(|(_, b)| *b == b'=').count();
        let last = chunks.peek().is_none();
        let mut n = 0u32;
        for (i, (at, b)) in chunk.iter().enumerate() {
            let digit = match b {
                b'=' if last && padding <= 2 && i >= 4 - padding => 0,
                b => ALPHABET.iter().position(|a| a == b).ok_or(*at)?,
            };
            n = n << 6 | digit as u32;
        }
        if chunk.len() < 4 {
            return Err(text.len());
        }
        out.extend_from_slice(&n.to_be_bytes()[1..4 - padding]);
    }
    Ok(out)
}
