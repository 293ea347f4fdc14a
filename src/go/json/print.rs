use super::Value;
use crate::go::strconv;

/// Prints compact JSON as `json.Marshal` does: `<`, `>`, `&`, U+2028 and U+2029 escaped, members in their order.
pub fn to_string(value: &Value) -> String {
    print(value, Style { escape_html: true, sort: false })
}

/// Prints compact JSON as `json.Marshal` prints Go maps: as [`to_string`], members sorted by key at every level.
pub fn to_string_sorted(value: &Value) -> String {
    print(value, Style { escape_html: true, sort: true })
}

/// Prints compact JSON with `SetEscapeHTML(false)`: only what JSON itself requires is escaped.
pub fn to_string_unescaped(value: &Value) -> String {
    print(value, Style { escape_html: false, sort: false })
}

#[derive(Clone, Copy)]
struct Style {
    escape_html: bool,
    sort: bool,
}

fn print(value: &Value, style: Style) -> String {
    let mut out = String::with_capacity(256);
    write(&mut out, value, style);
    out
}

fn write(out: &mut String, value: &Value, style: Style) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(n) => {
            use std::fmt::Write;
            let _ = write!(out, "{n}");
        }
        Value::String(s) => write_string(out, s, style.escape_html),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(out, item, style);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            let mut first = true;
            let mut member = |out: &mut String, key: &str, value: &Value| {
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                write_string(out, key, style.escape_html);
                out.push(':');
                write(out, value, style);
            };
            if style.sort {
                object.sorted().into_iter().for_each(|(k, v)| member(out, k, v));
            } else {
                object.iter().for_each(|(k, v)| member(out, k, v));
            }
            out.push('}');
        }
    }
}

/// Writes `text` as a JSON string with quotes, with the escapes of Go: `\n`, `\r`, `\t`, `\b`, `\f`, `\"`, `\\`, other
/// control characters as `\u00XX`, and with `escape_html` also `<`, `>`, `&`. U+2028 and U+2029 are always escaped.
pub fn write_string(out: &mut String, text: &str, escape_html: bool) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (i, &c) in bytes.iter().enumerate() {
        let special = match c {
            b'"' | b'\\' | 0..32 => true,
            b'<' | b'>' | b'&' => escape_html,
            0xe2 => bytes[i..].starts_with("\u{2028}".as_bytes()) || bytes[i..].starts_with("\u{2029}".as_bytes()),
            _ => false,
        };
        if !special {
            continue;
        }
        out.push_str(&text[done..i]);
        done = i + 1;
        match c {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            0xe2 => {
                out.push_str(if bytes[i + 2] == 0xa8 { "\\u2028" } else { "\\u2029" });
                done = i + 3;
            }
            _ => {
                out.push_str("\\u00");
                out.push(char::from_digit(u32::from(c >> 4), 16).unwrap_or('0'));
                out.push(char::from_digit(u32::from(c & 15), 16).unwrap_or('0'));
            }
        }
    }
    out.push_str(&text[done..]);
    out.push('"');
}

/// A `float64` as `json.Marshal` spells it: shortest digits, exponent form below 1e-6 and from 1e21 on, with the
/// exponent's leading zero dropped (`1e-7`, `1e+21`).
pub fn format_float(n: f64) -> String {
    let abs = n.abs();
    if abs != 0.0 && !(1e-6..1e21).contains(&abs) {
        let text = strconv::shortest(n, 64);
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    let text = format!("{n}");
    // Only long ones may be halfway between two others, of which Go takes the even one.
    if text.len() < 15 { text } else { strconv::plain(&strconv::shortest(n, 64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_go() {
        for (n, want) in [
            (1.0, "1"),
            (1e6, "1000000"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (0.1, "0.1"),
            (-0.0, "-0"),
        ] {
            assert_eq!(format_float(n), want);
        }
    }

    #[test]
    fn escapes_as_go() {
        let mut out = String::new();
        write_string(&mut out, "a<b\u{2028}\u{1f}\u{7f}é\n", true);
        assert_eq!(out, "\"a\\u003cb\\u2028\\u001f\u{7f}é\\n\"");
    }
}
