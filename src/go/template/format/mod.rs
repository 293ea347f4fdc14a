//! Go's `fmt`: default printing and `Printf` with all verbs and flags on the kinds that templates have.

mod duration;
mod number;
mod verb;

pub use duration::duration;
pub use verb::sprintf;

use super::value::{Int, Value};
use crate::go::strconv;

/// One value as `%v` prints it.
pub fn print(value: &Value<'_>) -> String {
    let mut out = String::new();
    write(&mut out, value, Mode::Plain, true);
    out
}

/// One value as a template prints it: pointers are followed.
pub(super) fn print_dereferenced(value: &Value<'_>) -> String {
    match value {
        Value::Object(object) if object.is_nil() => "<nil>".into(),
        Value::Object(object) if object.text().is_none() => match object.pointee() {
            Some(inner) => print(&inner),
            None => {
                let mut out = String::new();
                write(&mut out, value, Mode::Plain, false);
                out
            }
        },
        value => print(value),
    }
}

/// `fmt.Sprint`: a blank between two operands when neither is a string.
pub fn sprint(args: &[Value<'_>]) -> String {
    let mut out = String::new();
    let mut previous_text = true;
    for (i, arg) in args.iter().enumerate() {
        let text = matches!(arg, Value::Str(_));
        if i > 0 && !text && !previous_text {
            out.push(' ');
        }
        write(&mut out, arg, Mode::Plain, true);
        previous_text = text;
    }
    out
}

/// `fmt.Sprintln`: blanks between all operands, a line break at the end.
pub fn sprintln(args: &[Value<'_>]) -> String {
    let texts: Vec<String> = args.iter().map(print).collect();
    texts.join(" ") + "\n"
}

/// How composite values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// `%v`
    Plain,
    /// `%+v`: struct fields with their names.
    Named,
    /// `%#v`: Go syntax.
    Syntax,
}

/// Writes a value; `pointer` says that a pointer to a struct here is shown as `&{…}`.
pub(super) fn write(out: &mut String, value: &Value<'_>, mode: Mode, pointer: bool) {
    match value {
        Value::Missing | Value::Nil => out.push_str("<nil>"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n, Int::Duration) if mode != Mode::Syntax => out.push_str(&duration(*n)),
        Value::Int(n, _) => out.push_str(&n.to_string()),
        Value::Uint(n, _) if mode == Mode::Syntax => out.push_str(&format!("0x{n:x}")),
        Value::Uint(n, _) => out.push_str(&n.to_string()),
        Value::Float(n, is32) => {
            let bits = if *is32 { 32 } else { 64 };
            // Printing a value uses an exponent from 21 digits on.
            let text = if mode == Mode::Syntax { strconv::format_float(*n, 'g', bits) } else { float(*n, bits) };
            out.push_str(&text);
        }
        Value::Str(s) if mode == Mode::Syntax => out.push_str(&strconv::quote(s)),
        Value::Str(s) => out.push_str(s),
        Value::List(list) if mode == Mode::Syntax => {
            out.push_str(&value.type_name());
            if matches!(list.items, super::value::Items::Nil) {
                return out.push_str("(nil)");
            }
            out.push('{');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                element(out, &item, list.element, mode);
            }
            out.push('}');
        }
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                write(out, &item, mode, false);
            }
            out.push(']');
        }
        Value::Map(map) => {
            let syntax = mode == Mode::Syntax;
            if syntax {
                out.push_str(&value.type_name());
                if map.is_nil() {
                    return out.push_str("(nil)");
                }
            }
            out.push_str(if syntax { "{" } else { "map[" });
            let mut first = true;
            map.for_each(|key, value| {
                if !std::mem::take(&mut first) {
                    out.push_str(if syntax { ", " } else { " " });
                }
                match key {
                    super::value::Key::Str(key) if syntax => out.push_str(&strconv::quote(key)),
                    key => out.push_str(&key.to_string()),
                }
                out.push(':');
                element(out, &value, map.element, mode);
            });
            out.push(if syntax { '}' } else { ']' });
        }
        Value::Object(object) => {
            if mode != Mode::Syntax
                && !object.is_nil()
                && let Some(text) = object.text()
            {
                return out.push_str(&text);
            }
            if object.is_nil() {
                return match mode {
                    Mode::Syntax => out.push_str(&format!("({})(nil)", object.type_name())),
                    _ => out.push_str("<nil>"),
                };
            }
            if let Some(n) = object.number() {
                return out.push_str(&n.to_string());
            }
            let name = object.type_name();
            if name.starts_with('*') {
                if (!pointer
                    || object
                        .pointee()
                        .is_some_and(|p| !matches!(p, Value::Object(_) | Value::Map(_) | Value::List(_))))
                    && object.fields().is_empty()
                {
                    return out.push_str("0xc000000000");
                }
                if pointer {
                    out.push('&');
                }
            }
            if mode == Mode::Syntax {
                out.push_str(name.trim_start_matches('*'));
            }
            out.push('{');
            for (i, (field, value)) in object.fields().iter().enumerate() {
                if i > 0 {
                    out.push_str(if mode == Mode::Syntax { ", " } else { " " });
                }
                if mode != Mode::Plain {
                    out.push_str(field);
                    out.push(':');
                }
                if mode == Mode::Syntax && matches!(value, Value::Nil | Value::Missing) {
                    out.push_str("interface {}(nil)");
                } else {
                    write(out, value, mode, false);
                }
            }
            out.push('}');
        }
    }
}

/// An element of a list or map: in Go syntax an untyped nil names its type.
fn element(out: &mut String, value: &Value<'_>, ty: &str, mode: Mode) {
    if mode == Mode::Syntax && matches!(value, Value::Nil | Value::Missing) && ty == "interface {}" {
        out.push_str("interface {}(nil)");
    } else {
        write(out, value, mode, false);
    }
}

/// A float as `%v` prints it.
pub fn float(n: f64, bits: u8) -> String {
    strconv::format_float(n, 'g', bits)
}
