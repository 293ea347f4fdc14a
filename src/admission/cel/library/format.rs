//! `'…%s…'.format([…])`

use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::strconv::{format_float, quote};

use super::operators::seconds;

/// How many digits follow the point where a clause does not say.
const PRECISION: usize = 6;
/// How many digits a clause can ask for.
const MAX_PRECISION: usize = 1000;

pub(super) fn run<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text), list] = args else { return Err(Failure::overload()) };
    let items = list.items().ok_or_else(Failure::overload)?;
    fill(text, &items).map(Val::text).map_err(|(_, text)| Failure::new(text))
}

/// The text with its clauses filled in.
///
/// Errors: a clause that does not exist, that gets a value of another type or no value at all; with its place.
pub(in crate::admission::cel) fn fill(text: &str, items: &[Val<'_>]) -> Result<String, (usize, String)> {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut next = 0;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let mut precision = PRECISION;
        if chars.next_if_eq(&'.').is_some() {
            let mut digits = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            precision = digits.parse().ok().filter(|n| *n <= MAX_PRECISION).ok_or_else(|| {
                let text = "could not parse formatting clause: error while converting precision to integer";
                (next, format!("{text}: {digits}"))
            })?;
        }
        let end = || (next, "could not parse formatting clause: unexpected end of string".into());
        let clause = chars.next().ok_or_else(end)?;
        let item = items.get(next).ok_or_else(|| (next, format!("index {next} out of range")))?;
        out.push_str(&one(clause, item, precision).map_err(|text| (next, text))?);
        next += 1;
    }
    Ok(out)
}

/// How many values a text wants.
pub(in crate::admission::cel) fn wanted(text: &str) -> usize {
    text.replace("%%", "").matches('%').count()
}

fn one(clause: char, item: &Val<'_>, precision: usize) -> Result<String, String> {
    let given = || item.ty().name();
    let wrong = |what: &str| format!("error during formatting: {what}, was given {}", given());
    match clause {
        's' => shown(item).map_err(|given| {
            let what = "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps";
            format!("error during formatting: {what}, was given {given}")
        }),
        'd' => match item {
            Val::Int(n) => Ok(n.to_string()),
            Val::Uint(n) => Ok(n.to_string()),
            Val::Double(n) if !n.is_finite() => Ok(not_finite(*n).into()),
            _ => Err(wrong("decimal clause can only be used on integers")),
        },
        'f' | 'e' => {
            let number = match item {
                Val::Double(n) => *n,
                Val::String(s) if &**s == "NaN" => f64::NAN,
                Val::String(s) if &**s == "Infinity" => f64::INFINITY,
                Val::String(s) if &**s == "-Infinity" => f64::NEG_INFINITY,
                _ if clause == 'f' => return Err(wrong("fixed-point clause can only be used on doubles")),
                _ => return Err(wrong("scientific clause can only be used on doubles")),
            };
            if !number.is_finite() {
                return Ok(not_finite(number).into());
            }
            Ok(match clause {
                'f' => grouped(&format!("{number:.precision$}")),
                // Whatever precision was asked for.
                _ => {
                    let text = format!("{number:.PRECISION$e}");
                    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                    let (sign, exponent) = match exponent.strip_prefix('-') {
                        Some(rest) => ("⁻", rest),
                        None => ("", exponent),
                    };
                    format!("{digits}×10{sign}{}", superscript(&format!("{exponent:0>2}")))
                }
            })
        }
        'b' => match item {
            Val::Int(n) => Ok(signed(*n, |n| format!("{n:b}"))),
            Val::Uint(n) => Ok(format!("{n:b}")),
            Val::Bool(b) => Ok(u8::from(*b).to_string()),
            _ => Err(wrong("only integers and bools can be formatted as binary")),
        },
        'o' => match item {
            Val::Int(n) => Ok(signed(*n, |n| format!("{n:o}"))),
            Val::Uint(n) => Ok(format!("{n:o}")),
            _ => Err(wrong("octal clause can only be used on integers")),
        },
        'x' | 'X' => {
            let hex = match item {
                Val::Int(n) => signed(*n, |n| format!("{n:x}")),
                Val::Uint(n) => format!("{n:x}"),
                Val::String(s) => s.bytes().map(|b| format!("{b:02x}")).collect(),
                Val::Bytes(b) => b.iter().map(|b| format!("{b:02x}")).collect(),
                _ => {
                    return Err(wrong("only integers, byte buffers, and strings can be formatted as hex"));
                }
            };
            Ok(if clause == 'X' { hex.to_uppercase() } else { hex })
        }
        other => {
            Err(format!("could not parse formatting clause: unrecognized formatting clause \"{other}\""))
        }
    }
}

fn not_finite(n: f64) -> &'static str {
    match n {
        n if n.is_nan() => "NaN",
        n if n > 0.0 => "∞",
        _ => "-∞",
    }
}

fn signed(n: i64, digits: impl Fn(u64) -> String) -> String {
    format!("{}{}", if n < 0 { "-" } else { "" }, digits(n.unsigned_abs()))
}

/// With commas between thousands, as in English.
fn grouped(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn superscript(digits: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    digits.bytes().map(|b| DIGITS.get(usize::from(b.wrapping_sub(b'0'))).copied().unwrap_or(' ')).collect()
}

/// A value as `%s` shows it.
///
/// Errors: the type that cannot be shown.
fn shown(item: &Val<'_>) -> Result<String, &'static str> {
    Ok(match item {
        Val::Null => "null".into(),
        Val::Double(n) if n.is_nan() => "NaN".into(),
        Val::Double(n) if *n == f64::INFINITY => "Infinity".into(),
        Val::Double(n) if *n == f64::NEG_INFINITY => "-Infinity".into(),
        Val::Double(n) => format_float(*n, 'g', 64),
        Val::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
        Val::Duration(n) => seconds(*n),
        Val::Timestamp(t) => t.in_utc().format("2006-01-02T15:04:05.999999999Z07:00"),
        Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::String(_) | Val::Type(_) => item.shown(),
        list @ (Val::List(_) | Val::JsonList(_)) => {
            let items = list.items().unwrap_or_default();
            let items = items.iter().map(quoted).collect::<Result<Vec<String>, _>>()?;
            format!("[{}]", items.join(", "))
        }
        map @ (Val::Map(_) | Val::JsonMap(_)) => {
            let mut members = Vec::new();
            for (key, value) in map.members().unwrap_or_default() {
                members.push(format!("{}:{}", quoted(&key)?, quoted(&value)?));
            }
            members.sort();
            format!("{{{}}}", members.join(", "))
        }
        other @ (Val::Optional(_) | Val::Opaque(_)) => return Err(other.ty().name()),
    })
}

/// A value inside a list or map, where texts and the like are marked as such.
fn quoted(item: &Val<'_>) -> Result<String, &'static str> {
    let text = shown(item)?;
    Ok(match item {
        Val::String(_) => quote(&text),
        Val::Bytes(_) => format!("b{}", quote(&text)),
        Val::Duration(_) => format!("duration({})", quote(&text)),
        Val::Timestamp(_) => format!("timestamp({})", quote(&text)),
        Val::Double(n) if n.is_finite() => format!("{n:.PRECISION$}"),
        _ => text,
    })
}
