//! Text.

use super::super::functions::{Call, Functions};
use super::super::value::{Key, Value};
use super::casing::{is_title, lower, title, upper};
use super::cast::{text, texts};
use crate::go::{bytes, strconv};

/// How long a text a function may make.
const MAX_TEXT: usize = 16 << 20;

/// Refuses to write so many pieces of a length, before they are written.
pub(super) fn fits(pieces: usize, length: usize) -> std::result::Result<(), String> {
    match pieces.saturating_mul(length) > MAX_TEXT {
        true => Err(format!("the text would be longer than {MAX_TEXT} bytes")),
        false => Ok(()),
    }
}

type Result<'d> = std::result::Result<Value<'d>, String>;

fn string<'d>(text: impl AsRef<str>) -> Result<'d> {
    Ok(Value::string(text))
}

pub(super) fn register(f: &mut Functions) {
    f.add("hello", "", |_| string("Hello!"));
    f.add("quote", "any...", |c| joined(c, strconv::quote));
    f.add("squote", "any...", |c| {
        let parts: Vec<String> = present(c).map(|v| format!("'{}'", super::super::format::print(v))).collect();
        string(parts.join(" "))
    });
    f.add("cat", "any...", |c| {
        let parts: Vec<String> = present(c).map(super::super::format::print).collect();
        string(parts.join(" "))
    });
    f.add("toString", "any", |c| string(text(&c.arg(0))));
    f.add("toStrings", "any", |c| {
        Ok(Value::typed_list("string", texts(&c.arg(0)).into_iter().map(Value::string).collect()))
    });
    f.add("join", "string,any", |c| {
        let parts = texts(&c.arg(1));
        fits(parts.len(), c.str(0).len())?;
        string(parts.join(c.str(0)))
    });
    f.add("atoi", "string", |c| Ok(Value::int(decimal(c.str(0)))));
    f.add("upper", "string", |c| string(c.str(0).chars().map(upper).collect::<String>()));
    f.add("lower", "string", |c| string(c.str(0).chars().map(lower).collect::<String>()));
    f.add("title", "string", |c| {
        let mut start = true;
        string(
            c.str(0)
                .chars()
                .map(|ch| {
                    let out = if start { title(ch) } else { ch };
                    start = if ch.is_ascii() { !ch.is_ascii_alphanumeric() && ch != '_' } else { ch.is_whitespace() };
                    out
                })
                .collect::<String>(),
        )
    });
    f.add("untitle", "string", |c| {
        let mut start = true;
        string(
            c.str(0)
                .chars()
                .map(|ch| {
                    let out = if start { lower(ch) } else { ch };
                    start = ch.is_whitespace();
                    out
                })
                .collect::<String>(),
        )
    });
    f.add("trim", "string", |c| string(c.str(0).trim()));
    f.add("trimAll", "string,string", |c| string(trim_set(c.str(1), c.str(0), true, true)));
    f.add("trimall", "string,string", |c| string(trim_set(c.str(1), c.str(0), true, true)));
    f.add("trimPrefix", "string,string", |c| string(c.str(1).strip_prefix(c.str(0)).unwrap_or(c.str(1))));
    f.add("trimSuffix", "string,string", |c| string(c.str(1).strip_suffix(c.str(0)).unwrap_or(c.str(1))));
    f.add("hasPrefix", "string,string", |c| Ok(Value::Bool(c.str(1).starts_with(c.str(0)))));
    f.add("hasSuffix", "string,string", |c| Ok(Value::Bool(c.str(1).ends_with(c.str(0)))));
    f.add("contains", "string,string", |c| Ok(Value::Bool(c.str(1).contains(c.str(0)))));
    f.add("replace", "string,string,string", |c| {
        let (from, to, text) = (c.str(0), c.str(1), c.str(2));
        fits(text.matches(from).count(), to.len())?;
        string(text.replace(from, to))
    });
    f.add("repeat", "int,string", |c| {
        let n = c.int(0);
        if n < 0 {
            return Err("strings: negative Repeat count".into());
        }
        if n.checked_mul(c.str(1).len() as i64).is_none() {
            return Err("strings: Repeat output length overflow".into());
        }
        fits(n as usize, c.str(1).len())?;
        string(c.str(1).repeat(n as usize))
    });
    f.add("trunc", "int,string", |c| {
        let (n, s) = (c.int(0), c.str(1));
        let len = bytes::len(s) as i64;
        let (from, to) = if n < 0 && len + n > 0 {
            (len + n, len)
        } else if n >= 0 && len > n {
            (0, n)
        } else {
            (0, len)
        };
        string(bytes::cut(s, from as usize, to as usize))
    });
    f.add("substr", "int,int,string", |c| {
        let (start, end, s) = (c.int(0), c.int(1), c.str(2));
        let len = bytes::len(s) as i64;
        let (from, to) = if start < 0 {
            (0, end)
        } else if end < 0 || end > len {
            (start, len)
        } else {
            (start, end)
        };
        let outside = match () {
            () if to < 0 => format!("[:{to}]"),
            () if to > len => format!("[:{to}] with length {len}"),
            () if from > to => format!("[{from}:{to}]"),
            () => String::new(),
        };
        if !outside.is_empty() {
            return Err(format!("runtime error: slice bounds out of range {outside}"));
        }
        string(bytes::cut(s, from as usize, to as usize))
    });
    f.add("indent", "int,string", |c| indent(c.int(0), c.str(1)).and_then(string));
    f.add("nindent", "int,string", |c| indent(c.int(0), c.str(1)).and_then(|s| string(format!("\n{s}"))));
    f.add("nospace", "string", |c| string(without_space(c.str(0))));
    f.add("initials", "string", |c| {
        let mut gap = true;
        let starts = |c: &char| std::mem::replace(&mut gap, c.is_whitespace()) && !c.is_whitespace();
        string(latin(c.str(0)).filter(starts).collect::<String>())
    });
    f.add("swapcase", "string", |c| {
        let mut gap = true;
        let swap = |c: char| {
            let at_start = gap;
            let swapped = match (c.is_uppercase() || is_title(c), c.is_lowercase()) {
                (true, _) => lower(c),
                (_, true) if at_start => title(c),
                (_, true) => upper(c),
                _ => c,
            };
            gap = c.is_whitespace() && swapped == c;
            swapped
        };
        string(c.str(0).chars().map(swap).collect::<String>())
    });
    f.add("plural", "string,string,int", |c| string(if c.int(2) == 1 { c.str(0) } else { c.str(1) }));
    f.add("split", "string,string", |c| Ok(numbered(pieces(c.str(1), c.str(0), -1))));
    f.add("splitn", "string,int,string", |c| Ok(numbered(pieces(c.str(2), c.str(0), c.int(1)))));
    f.add("splitList", "string,string", |c| {
        let pieces = pieces(c.str(1), c.str(0), -1);
        Ok(Value::typed_list("string", pieces.into_iter().map(Value::string).collect()))
    });
    f.add("abbrev", "int,string", |c| abbreviate(0, c.int(0), c.str(1)));
    f.add("abbrevboth", "int,int,string", |c| abbreviate(c.int(0), c.int(1), c.str(2)));
    f.add("wrap", "int,string", |c| string(wrap(c.int(0), c.str(1), "\n", false)));
    f.add("wrapWith", "int,string,string", |c| {
        let separator = if c.str(1).is_empty() { "\n" } else { c.str(1) };
        fits(c.str(2).len(), separator.len())?;
        string(wrap(c.int(0), c.str(2), separator, true))
    });
    f.add("sortAlpha", "any", |c| {
        match c.arg(0) {
            nil @ Value::List(_) if nil.is_nil() && nil.type_name() == "[]string" => return Ok(nil),
            Value::List(_) => {}
            other => return Ok(Value::typed_list("string", vec![Value::string(text(&other))])),
        }
        let mut items = texts(&c.arg(0));
        items.sort();
        Ok(Value::typed_list("string", items.into_iter().map(Value::string).collect()))
    });
    // Paths with slashes, as they are and as the system has them, which is the same on Linux.
    for name in ["base", "osBase"] {
        f.add(name, "string", |c| string(base(c.str(0))));
    }
    for name in ["dir", "osDir"] {
        f.add(name, "string", |c| {
            let (dir, _) = c.str(0).rfind('/').map_or(("", c.str(0)), |i| c.str(0).split_at(i + 1));
            string(clean(dir))
        });
    }
    for name in ["clean", "osClean"] {
        f.add(name, "string", |c| string(clean(c.str(0))));
    }
    for name in ["ext", "osExt"] {
        f.add(name, "string", |c| {
            let name = c.str(0).rsplit('/').next().unwrap_or_default();
            string(name.rfind('.').map_or("", |i| &name[i..]))
        });
    }
    for name in ["isAbs", "osIsAbs"] {
        f.add(name, "string", |c| Ok(Value::Bool(c.str(0).starts_with('/'))));
    }
    f.add("expandenv", "string", |c| string(expand(c.str(0), |name| c.host.env(name).unwrap_or_default())));
    f.add("env", "string", |c| string(c.host.env(c.str(0)).unwrap_or_default()));
}

/// Pieces between separators, at most `n`, all for a negative number. An empty separator stands between all characters.
fn pieces<'t>(text: &'t str, separator: &str, n: i64) -> Vec<&'t str> {
    let limit = usize::try_from(n).unwrap_or(usize::MAX);
    if !separator.is_empty() {
        return text.splitn(limit, separator).collect();
    }
    let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).take(limit).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(from, to)| &text[*from..to]).collect()
}

/// `_0`, `_1`, …
fn numbered<'d>(pieces: Vec<&str>) -> Value<'d> {
    let key = |i: usize| Key::Str(format!("_{i}").into());
    Value::typed_map("string", pieces.iter().enumerate().map(|(i, p)| (key(i), Value::string(p))).collect())
}

/// A decimal number; one that is too large is the largest, anything else 0.
pub(super) fn decimal(text: &str) -> i64 {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse().unwrap_or_else(|e: std::num::ParseIntError| match e.kind() {
        PosOverflow => i64::MAX,
        NegOverflow => i64::MIN,
        _ => 0,
    })
}

/// The text without blanks; where there is one, the bytes are taken for characters.
fn without_space(text: &str) -> String {
    match latin(text).any(char::is_whitespace) {
        true => latin(text).filter(|c| !c.is_whitespace()).collect(),
        false => text.to_owned(),
    }
}

/// The bytes as characters, which is what some functions take them for.
fn latin(text: &str) -> impl Iterator<Item = char> {
    bytes::of(text).into_owned().into_iter().map(char::from)
}

fn present<'a, 'd>(call: &'a Call<'_, 'd>) -> impl Iterator<Item = &'a Value<'d>> {
    call.args.iter().filter(|v| !matches!(v, Value::Missing | Value::Nil))
}

fn joined<'d>(call: &Call<'_, 'd>, write: impl Fn(&str) -> String) -> Result<'d> {
    if let [Value::Str(s)] = call.args {
        return string(write(s));
    }
    let parts: Vec<String> = present(call).map(|v| write(&text(v))).collect();
    string(parts.join(" "))
}

fn trim_set(text: &str, set: &str, left: bool, right: bool) -> String {
    let text = if left { text.trim_start_matches(|c| set.contains(c)) } else { text };
    if right { text.trim_end_matches(|c| set.contains(c)) } else { text }.to_owned()
}

fn indent(spaces: i64, text: &str) -> std::result::Result<String, String> {
    if spaces < 0 {
        return Err("strings: negative Repeat count".into());
    }
    fits(text.matches('\n').count() + 1, spaces as usize)?;
    let pad = " ".repeat(spaces as usize);
    Ok(format!("{pad}{}", text.replace('\n', &format!("\n{pad}"))))
}

/// Lengths are bytes here and in [`wrap`], as in Go's library.
fn abbreviate<'d>(left: i64, width: i64, text: &str) -> Result<'d> {
    if width < 4 || left > 0 && width < 7 {
        return string(text);
    }
    let len = bytes::len(text) as i64;
    if len <= width {
        return string(text);
    }
    let left = left.min(len);
    let cut = |from: i64, to: i64| bytes::cut(text, from.clamp(0, len) as usize, to.clamp(0, len) as usize);
    if left <= 4 {
        return string(cut(0, width - 3) + "...");
    }
    if left + width - 6 >= len || left + width - 3 >= len {
        return string("...".to_owned() + &cut(len - (width - 3), len));
    }
    string("...".to_owned() + &cut(left, left + width - 6) + "...")
}

fn wrap(width: i64, text: &str, separator: &str, hard: bool) -> String {
    let width = width.max(1) as usize;
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let whole = bytes::of(text);
    let mut rest = &*whole;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let blank = rest[..=width].iter().rposition(|b| *b == b' ');
        let later = || rest[width..].iter().position(|b| *b == b' ').map(|i| i + width);
        let (end, next) = match blank.or_else(|| if hard { None } else { later() }) {
            Some(i) => (i, i + 1),
            None if hard => (width, width),
            None => break,
        };
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(separator.as_bytes());
        rest = &rest[next..];
    }
    out.extend_from_slice(rest);
    bytes::text(&out)
}

/// Go's `os.Expand`: `$name` and `${name}`.
fn expand(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(braced) = rest.strip_prefix('{') {
            match braced.find('}') {
                Some(end) => {
                    out.push_str(&value(&braced[..end]));
                    rest = &braced[end + 1..];
                }
                // A brace that nothing closes is left out.
                None => rest = braced,
            }
            continue;
        }
        let special = rest.starts_with(|c: char| c.is_ascii_digit() || "*#$@!?-".contains(c));
        let length = match special {
            true => 1,
            false => rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count(),
        };
        match length {
            0 => out.push('$'),
            length => out.push_str(&value(&rest[..length])),
        }
        rest = &rest[length..];
    }
    out + rest
}

fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    match path.trim_end_matches('/').rsplit('/').next() {
        Some("") | None => "/".into(),
        Some(name) => name.to_owned(),
    }
}

/// Go's `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}
