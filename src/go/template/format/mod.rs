//! Go's `fmt`: default printing and `Printf` with all verbs and flags on the kinds that templates have.
//!
//! ```
//! use conjector::go::template::{Value, format};
//!
//! assert_eq!(format::sprintf("%05.1f|%-4s|%q", &[Value::Float(2.25, false), "a".into(), "b".into()]), "002.2|a   |\"b\"");
//! assert_eq!(format::sprintf("%d", &["a".into()]), "%!d(string=a)");
//! ```

mod duration;
mod number;
mod value;
mod verb;

pub use duration::duration;
pub(super) use duration::method as duration_method;
pub use verb::{MAX_TEXT, sprintf};

use super::value::Value;
use value::Formatter;
use verb::Spec;

/// One value as `%v` prints it.
pub fn print(value: &Value<'_>) -> String {
    let mut out = String::new();
    Formatter::new(&mut out, Spec::default()).arg(value, 'v');
    out
}

/// One value as a template prints it: pointers are followed.
pub(super) fn print_dereferenced(value: &Value<'_>, out: &mut String) {
    let mut formatter = Formatter::new(out, Spec::default());
    match value {
        Value::Object(object) if object.is_nil() => out.push_str("<nil>"),
        Value::Object(object) if object.text().is_none() => {
            formatter.target(object.pointee().as_ref().unwrap_or(value));
        }
        value => formatter.arg(value, 'v'),
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
        Formatter::new(&mut out, Spec::default()).arg(arg, 'v');
        previous_text = text;
    }
    out
}

/// `fmt.Sprintln`: blanks between all operands, a line break at the end.
pub fn sprintln(args: &[Value<'_>]) -> String {
    let texts: Vec<String> = args.iter().map(print).collect();
    texts.join(" ") + "\n"
}
