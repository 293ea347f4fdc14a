//! Functions on texts.

use std::borrow::Cow;

use super::{Function, costs, format};
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::regexp::Regexp;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "contains", signatures: "@(string,string)bool", run: contains, cost: costs::contains },
    Function { name: "endsWith", signatures: "@(string,string)bool", run: ends_with, cost: costs::read },
    Function { name: "startsWith", signatures: "@(string,string)bool", run: starts_with, cost: costs::read },
    Function {
        name: "matches",
        signatures: "(string,string)bool @(string,string)bool",
        run: matches,
        cost: costs::regex,
    },
    Function { name: "charAt", signatures: "@(string,int)string", run: char_at, cost: costs::one },
    Function { name: "lowerAscii", signatures: "@(string)string", run: lower, cost: costs::read },
    Function { name: "upperAscii", signatures: "@(string)string", run: upper, cost: costs::read },
    Function { name: "trim", signatures: "@(string)string", run: trim, cost: costs::read },
    Function {
        name: "replace",
        signatures: "@(string,string,string)string @(string,string,string,int)string",
        run: replace,
        cost: costs::copy,
    },
    Function {
        name: "split",
        signatures: "@(string,string)list<string> @(string,string,int)list<string>",
        run: split,
        cost: costs::copy,
    },
    Function {
        name: "substring",
        signatures: "@(string,int)string @(string,int,int)string",
        run: substring,
        cost: costs::read,
    },
    Function {
        name: "join",
        signatures: "@(list<string>)string @(list<string>,string)string",
        run: join,
        cost: costs::join,
    },
    Function { name: "format", signatures: "@(string,list<dyn>)string", run: format::run, cost: costs::read },
    Function { name: "strings.quote", signatures: "(string)string", run: quote, cost: costs::read },
    Function { name: "find", signatures: "@(string,string)string", run: find, cost: costs::regex },
    Function {
        name: "findAll",
        signatures: "@(string,string)list<string> @(string,string,int)list<string>",
        run: find_all,
        cost: costs::regex,
    },
];

/// Functions whose second argument is a pattern, which is compiled with the expression where it is a constant.
pub(in crate::admission::cel) const PATTERNS: &[&str] = &["matches", "find", "findAll"];

/// How long a text may become by replacing, in bytes.
const MAX_TEXT: usize = 64 << 20;

fn two<'b>(args: &'b [Val<'_>]) -> Result<(&'b str, &'b str), Failure> {
    match args {
        [Val::String(a), Val::String(b), ..] => Ok((a, b)),
        _ => Err(Failure::overload()),
    }
}

fn contains<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    two(args).map(|(text, part)| Val::Bool(text.contains(part)))
}

fn ends_with<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    two(args).map(|(text, part)| Val::Bool(text.ends_with(part)))
}

fn starts_with<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    two(args).map(|(text, part)| Val::Bool(text.starts_with(part)))
}

/// Runs one of [`PATTERNS`] with its compiled pattern.
pub(in crate::admission::cel) fn run_pattern<'a>(name: &str, regex: &Regexp, args: &[Val<'a>]) -> Outcome<'a> {
    let Some(Val::String(text)) = args.first() else { return Err(Failure::overload()) };
    let owned = |found: &str| Val::text(found.to_owned());
    match (name, args.get(2)) {
        ("matches", _) => Ok(Val::Bool(regex.is_match(text))),
        ("find", _) => Ok(regex.find(text).map_or(Val::text(""), owned)),
        (_, None) => Ok(Val::list(regex.find_all(text).map(owned).collect())),
        (_, Some(Val::Int(most))) => {
            let most = usize::try_from(*most).unwrap_or(usize::MAX);
            Ok(Val::list(regex.find_all(text).take(most).map(owned).collect()))
        }
        _ => Err(Failure::overload()),
    }
}

fn matches<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (_, pattern) = two(args)?;
    let regex = Regexp::compile(pattern).map_err(Failure::new)?;
    run_pattern("matches", &regex, args)
}

fn find<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    run_pattern("find", &legal(args)?, args)
}

fn find_all<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    run_pattern("findAll", &legal(args)?, args)
}

fn legal(args: &[Val<'_>]) -> Result<Regexp, Failure> {
    let (_, pattern) = two(args)?;
    Regexp::compile(pattern).map_err(|e| Failure::new(format!("Illegal regex: {e}")))
}

fn out_of_range<'a>(index: i64) -> Outcome<'a> {
    Err(Failure::new(format!("index out of range: {index}")))
}

/// A place in a text of so many characters, the end included.
fn place(index: i64, length: usize) -> Option<usize> {
    usize::try_from(index).ok().filter(|i| *i <= length)
}

fn char_at<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text), Val::Int(index)] = args else { return Err(Failure::overload()) };
    match place(*index, text.chars().count()) {
        None => out_of_range(*index),
        Some(i) => Ok(Val::text(text.chars().nth(i).map(String::from).unwrap_or_default())),
    }
}

fn lower<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::text(text.to_ascii_lowercase())),
        _ => Err(Failure::overload()),
    }
}

fn upper<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::text(text.to_ascii_uppercase())),
        _ => Err(Failure::overload()),
    }
}

fn trim<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(Cow::Borrowed(text))] => Ok(Val::text(text.trim())),
        [Val::String(text)] => Ok(Val::text(text.trim().to_owned())),
        _ => Err(Failure::overload()),
    }
}

fn replace<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (text, old, new, most) = match args {
        [Val::String(text), Val::String(old), Val::String(new)] => (text, old, new, usize::MAX),
        [Val::String(text), Val::String(old), Val::String(new), Val::Int(n)] => {
            (text, old, new, usize::try_from(*n).unwrap_or(usize::MAX))
        }
        _ => return Err(Failure::overload()),
    };
    let found = text.matches(&**old).take(most).count();
    if found.saturating_mul(new.len()).saturating_add(text.len()) > MAX_TEXT {
        return Err(Failure::Cancelled);
    }
    Ok(Val::text(text.replacen(&**old, new, most)))
}

fn split<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (text, separator) = two(args)?;
    let most = match args.get(2) {
        None => usize::MAX,
        Some(Val::Int(n)) => usize::try_from(*n).unwrap_or(usize::MAX),
        Some(_) => return Err(Failure::overload()),
    };
    let parts: Vec<String> = match (separator, most) {
        (_, 0) => Vec::new(),
        ("", _) => {
            let mut rest = text.chars();
            let mut parts: Vec<String> = rest.by_ref().take(most - 1).map(String::from).collect();
            if !rest.as_str().is_empty() {
                parts.push(rest.as_str().to_owned());
            }
            parts
        }
        _ => text.splitn(most, separator).map(str::to_owned).collect(),
    };
    Ok(Val::list(parts.into_iter().map(Val::text).collect()))
}

fn substring<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (text, start, end) = match args {
        [Val::String(text), Val::Int(start)] => (text, *start, None),
        [Val::String(text), Val::Int(start), Val::Int(end)] => (text, *start, Some(*end)),
        _ => return Err(Failure::overload()),
    };
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(Failure::new(format!("invalid substring range. start: {start}, end: {end}")));
    }
    let length = text.chars().count();
    let Some(from) = place(start, length) else { return out_of_range(start) };
    let to = match end {
        None => length,
        Some(end) => match place(end, length) {
            Some(to) => to,
            None => return out_of_range(end),
        },
    };
    Ok(Val::text(text.chars().skip(from).take(to - from).collect::<String>()))
}

fn join<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (list, separator) = match args {
        [list] => (list, ""),
        [list, Val::String(separator)] => (list, &**separator),
        _ => return Err(Failure::overload()),
    };
    let mut joined = String::new();
    for (i, item) in list.items().ok_or_else(Failure::overload)?.iter().enumerate() {
        let text = item.as_str().ok_or_else(|| Failure::new(format!("join: invalid input: {}", item.shown())))?;
        if i > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text);
        if joined.len() > MAX_TEXT {
            return Err(Failure::Cancelled);
        }
    }
    Ok(Val::text(joined))
}

fn quote<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text)] = args else { return Err(Failure::overload()) };
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' | '"' => quoted.extend(['\\', c]),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    Ok(Val::text(quoted))
}
