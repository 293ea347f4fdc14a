//! JSON, base64, base32, hashes.

use super::super::functions::{Call, Functions};
use super::super::value::Value;
use crate::go::{base32, base64, bytes, json};

pub(super) fn register(f: &mut Functions) {
    f.add("toJson", "any", |c| Ok(written(c, json::to_string).unwrap_or(Value::borrowed(""))));
    f.add("mustToJson", "any", |c| written(c, json::to_string));
    f.add("toPrettyJson", "any", |c| Ok(written(c, |v| pretty(v, 0)).unwrap_or(Value::borrowed(""))));
    f.add("mustToPrettyJson", "any", |c| written(c, |v| pretty(v, 0)));
    for name in ["toRawJson", "mustToRawJson"] {
        f.add(name, "any", |c| written(c, json::to_string_unescaped));
    }
    f.add("fromJson", "string", |c| {
        let parsed = json::parse(c.str(0)).ok().filter(|v| too_large(v).is_none());
        Ok(parsed.map_or(Value::Nil, |v| Value::owned_json(&v)))
    });
    f.add("mustFromJson", "string", |c| {
        let parsed = json::parse(c.str(0)).map_err(|e| e.to_string())?;
        match too_large(&parsed) {
            Some(n) => Err(format!("json: cannot unmarshal number {n} into Go value of type float64")),
            None => Ok(Value::owned_json(&parsed)),
        }
    });
    f.add("b64enc", "string", |c| Ok(Value::string(base64::encode(&bytes::of(c.str(0))))));
    f.add("b64dec", "string", |c| {
        let decoded = base64::decode(c.str(0)).map_err(|at| format!("illegal base64 data at input byte {at}"));
        Ok(Value::string(decoded.map_or_else(|e| e, |b| bytes::text(&b))))
    });
    f.add("b32enc", "string", |c| Ok(Value::string(base32::encode(&bytes::of(c.str(0))))));
    f.add("b32dec", "string", |c| {
        let decoded = base32::decode(c.str(0)).map_err(|at| format!("illegal base32 data at input byte {at}"));
        Ok(Value::string(decoded.map_or_else(|e| e, |b| bytes::text(&b))))
    });
    f.add("decryptAES", "string,string", |c| {
        let text = c.str(1);
        if text.is_empty() {
            return Ok(Value::borrowed(""));
        }
        let bytes = base64::decode(text).map_err(|at| format!("illegal base64 data at input byte {at}"))?;
        match bytes.len() {
            0..16 => {
                let capacity = text.len() / 4 * 3;
                Err(format!("runtime error: slice bounds out of range [:16] with capacity {capacity}"))
            }
            _ => super::unavailable(),
        }
    });
    f.add("sha1sum", "string", |c| {
        use sha1::Digest;
        Ok(Value::string(hex(&sha1::Sha1::digest(bytes::of(c.str(0))))))
    });
    f.add("sha256sum", "string", |c| {
        use sha2::Digest;
        Ok(Value::string(hex(&sha2::Sha256::digest(bytes::of(c.str(0))))))
    });
    f.add("sha512sum", "string", |c| {
        use sha2::Digest;
        Ok(Value::string(hex(&sha2::Sha512::digest(bytes::of(c.str(0))))))
    });
    f.add("adler32sum", "string", |c| {
        let (a, b) = bytes::of(c.str(0)).iter().fold((1u32, 0u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65521;
            (a, (b + a) % 65521)
        });
        Ok(Value::string((b << 16 | a).to_string()))
    });
}

/// The first number that is beyond the floats.
fn too_large(value: &json::Value) -> Option<&json::Number> {
    match value {
        json::Value::Number(n) => Some(n).filter(|n| !n.as_f64().is_finite()),
        json::Value::Array(items) => items.iter().find_map(too_large),
        json::Value::Object(members) => members.values().find_map(too_large),
        _ => None,
    }
}

/// The first argument as JSON. Errors: Go's text for what has no JSON form.
fn written<'d>(call: &Call<'_, 'd>, write: impl Fn(&json::Value) -> String) -> Result<Value<'d>, String> {
    let value = call.arg(0);
    match value.unsupported_by_json() {
        Some(error) => Err(error),
        None => {
            let mut out = write(&value.to_json());
            if bytes::has_raw(&out) {
                out = out.chars().fold(String::new(), |mut out, c| {
                    match bytes::raw(c) {
                        Some(_) => out.push_str("\\ufffd"),
                        None => out.push(c),
                    }
                    out
                });
            }
            Ok(Value::string(out))
        }
    }
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
