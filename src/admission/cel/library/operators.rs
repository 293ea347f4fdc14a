//! Operators and conversions.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Function, costs, unsupported};
use crate::admission::cel::types::Type;
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::duration;
use crate::go::strconv::{format_float, parse_bool, parse_float};
use crate::go::time::Time;

const ORDERED: &str = "(bool,bool)bool (int,int)bool (int,double)bool (int,uint)bool (uint,uint)bool (uint,double)bool \
    (uint,int)bool (double,double)bool (double,int)bool (double,uint)bool (string,string)bool (bytes,bytes)bool \
    (timestamp,timestamp)bool (duration,duration)bool";

pub(super) const FUNCTIONS: &[Function] = &[
    // These four never run: they are nodes of their own.
    Function { name: "_?_:_", signatures: "(bool,A,A)A", run: never, cost: costs::one },
    Function { name: "_&&_", signatures: "(bool,bool)bool", run: never, cost: costs::one },
    Function { name: "_||_", signatures: "(bool,bool)bool", run: never, cost: costs::one },
    Function { name: "@not_strictly_false", signatures: "(bool)bool", run: never, cost: costs::one },
    Function { name: "!_", signatures: "(bool)bool", run: not, cost: costs::one },
    Function { name: "_==_", signatures: "(A,A)bool", run: equal, cost: costs::shorter },
    Function { name: "_!=_", signatures: "(A,A)bool", run: unequal, cost: costs::shorter },
    Function {
        name: "_+_",
        signatures: "(bytes,bytes)bytes (double,double)double (duration,duration)duration \
            (duration,timestamp)timestamp (timestamp,duration)timestamp (int,int)int (list<A>,list<A>)list<A> \
            (string,string)string (uint,uint)uint",
        run: add,
        cost: costs::sum,
    },
    Function {
        name: "_-_",
        signatures: "(double,double)double (duration,duration)duration (int,int)int (timestamp,duration)timestamp \
            (timestamp,timestamp)duration (uint,uint)uint",
        run: subtract,
        cost: costs::one,
    },
    Function {
        name: "_*_",
        signatures: "(double,double)double (int,int)int (uint,uint)uint",
        run: multiply,
        cost: costs::one,
    },
    Function {
        name: "_/_",
        signatures: "(double,double)double (int,int)int (uint,uint)uint",
        run: divide,
        cost: costs::one,
    },
    Function { name: "_%_", signatures: "(int,int)int (uint,uint)uint", run: modulo, cost: costs::one },
    Function { name: "-_", signatures: "(double)double (int)int", run: negate, cost: costs::one },
    Function { name: "_<_", signatures: ORDERED, run: less, cost: costs::order },
    Function { name: "_<=_", signatures: ORDERED, run: less_equal, cost: costs::order },
    Function { name: "_>_", signatures: ORDERED, run: greater, cost: costs::order },
    Function { name: "_>=_", signatures: ORDERED, run: greater_equal, cost: costs::order },
    Function { name: "@in", signatures: "(A,list<A>)bool (A,map<A,B>)bool", run: inside, cost: costs::inside },
    // Runs as a node of its own.
    Function {
        name: "_[_]",
        signatures: "(list<A>,int)A (map<A,B>,A)B (optional<list<A>>,int)optional<A> \
            (optional<map<A,B>>,A)optional<B>",
        run: never,
        cost: costs::one,
    },
    Function {
        name: "size",
        signatures: "(bytes)int @(bytes)int (list<A>)int @(list<A>)int (map<A,B>)int @(map<A,B>)int (string)int \
            @(string)int",
        run: size,
        cost: costs::one,
    },
    Function { name: "type", signatures: "(A)type<A>", run: type_of, cost: costs::one },
    Function { name: "dyn", signatures: "(A)dyn", run: dynamic, cost: costs::one },
    Function { name: "bool", signatures: "(bool)bool (string)bool", run: to_bool, cost: costs::one },
    Function { name: "bytes", signatures: "(bytes)bytes (string)bytes", run: to_bytes, cost: costs::text },
    Function {
        name: "double",
        signatures: "(double)double (int)double (string)double (uint)double",
        run: to_double,
        cost: costs::one,
    },
    Function {
        name: "duration",
        signatures: "(duration)duration (int)duration (string)duration",
        run: to_duration,
        cost: costs::one,
    },
    Function {
        name: "int",
        signatures: "(int)int (double)int (duration)int (string)int (timestamp)int (uint)int",
        run: to_int,
        cost: costs::one,
    },
    Function {
        name: "string",
        signatures: "(string)string (bool)string (bytes)string (double)string (duration)string (int)string \
            (timestamp)string (uint)string (ip)string (cidr)string",
        run: to_string,
        cost: costs::bytes,
    },
    Function {
        name: "timestamp",
        signatures: "(timestamp)timestamp (int)timestamp (string)timestamp",
        run: to_timestamp,
        cost: costs::one,
    },
    Function {
        name: "uint",
        signatures: "(uint)uint (double)uint (int)uint (string)uint",
        run: to_uint,
        cost: costs::one,
    },
];

/// Conversions of constants happen when an expression is compiled.
pub(in crate::admission::cel) const CONVERSIONS: &[&str] =
    &["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];

fn never<'a>(_: &[Val<'a>]) -> Outcome<'a> {
    Err(Failure::overload())
}

fn not<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Bool(b)] => Ok(Val::Bool(!b)),
        _ => Err(Failure::overload()),
    }
}

fn equal<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [a, b] => a.equals(b).map(Val::Bool),
        _ => Err(Failure::overload()),
    }
}

fn unequal<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [a, b] => a.equals(b).map(|same| Val::Bool(!same)),
        _ => Err(Failure::overload()),
    }
}

fn integer<'a>(value: Option<i64>) -> Outcome<'a> {
    value.map(Val::Int).ok_or_else(|| Failure::new("integer overflow"))
}

fn unsigned<'a>(value: Option<u64>) -> Outcome<'a> {
    value.map(Val::Uint).ok_or_else(|| Failure::new("unsigned integer overflow"))
}

fn span<'a>(value: Option<i64>) -> Outcome<'a> {
    value.map(Val::Duration).ok_or_else(|| Failure::new("integer overflow"))
}

/// The first and the last second of a timestamp: years 1 to 9999.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

fn moment<'a>(time: Time) -> Outcome<'a> {
    match (FIRST_SECOND..=LAST_SECOND).contains(&time.seconds()) {
        true => Ok(Val::Timestamp(time)),
        false => Err(Failure::new("timestamp overflow")),
    }
}

const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// How long a text may become by adding: well above what costs allow of real ones.
const MAX_TEXT: usize = 64 << 20;

fn add<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(a), Val::Int(b)] => integer(a.checked_add(*b)),
        [Val::Uint(a), Val::Uint(b)] => unsigned(a.checked_add(*b)),
        [Val::Double(a), Val::Double(b)] => Ok(Val::Double(a + b)),
        [Val::String(a), Val::String(b)] if a.len() + b.len() <= MAX_TEXT => Ok(Val::text(format!("{a}{b}"))),
        [Val::Bytes(a), Val::Bytes(b)] if a.len() + b.len() <= MAX_TEXT => {
            Ok(Val::Bytes(Cow::Owned([&a[..], &b[..]].concat())))
        }
        [Val::String(_), Val::String(_)] | [Val::Bytes(_), Val::Bytes(_)] => Err(Failure::Cancelled),
        [Val::Duration(a), Val::Duration(b)] => span(a.checked_add(*b)),
        [Val::Timestamp(t), Val::Duration(d)] | [Val::Duration(d), Val::Timestamp(t)] => moment(t.add(*d)),
        [a, b] => match (a.items(), b.items()) {
            (Some(mut all), Some(more)) => {
                all.extend(more);
                Ok(Val::list(all))
            }
            (Some(_), None) => Err(Failure::overload()),
            _ if matches!(a, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Bytes(_)) => Err(Failure::overload()),
            _ => unsupported("_+_", a),
        },
        _ => Err(Failure::overload()),
    }
}

fn subtract<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(a), Val::Int(b)] => integer(a.checked_sub(*b)),
        [Val::Uint(a), Val::Uint(b)] => unsigned(a.checked_sub(*b)),
        [Val::Double(a), Val::Double(b)] => Ok(Val::Double(a - b)),
        [Val::Duration(a), Val::Duration(b)] => span(a.checked_sub(*b)),
        [Val::Timestamp(t), Val::Duration(d)] => match d.checked_neg() {
            Some(back) => moment(t.add(back)),
            None => Err(Failure::new("timestamp overflow")),
        },
        [Val::Timestamp(a), Val::Timestamp(b)] => {
            let seconds = i128::from(a.seconds()) - i128::from(b.seconds());
            let nanos = seconds * 1_000_000_000 + i128::from(a.nanoseconds()) - i128::from(b.nanoseconds());
            span(i64::try_from(nanos).ok())
        }
        [a, _] => numeric("_-_", a),
        _ => Err(Failure::overload()),
    }
}

/// The failure of an operator for numbers.
fn numeric<'a>(operator: &str, first: &Val<'_>) -> Outcome<'a> {
    match first {
        Val::Int(_) | Val::Uint(_) | Val::Double(_) => Err(Failure::overload()),
        other => unsupported(operator, other),
    }
}

fn multiply<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(a), Val::Int(b)] => integer(a.checked_mul(*b)),
        [Val::Uint(a), Val::Uint(b)] => unsigned(a.checked_mul(*b)),
        [Val::Double(a), Val::Double(b)] => Ok(Val::Double(a * b)),
        [a, _] => numeric("_*_", a),
        _ => Err(Failure::overload()),
    }
}

fn divide<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(_), Val::Int(0)] | [Val::Uint(_), Val::Uint(0)] => Err(Failure::new("division by zero")),
        [Val::Int(a), Val::Int(b)] => integer(a.checked_div(*b)),
        [Val::Uint(a), Val::Uint(b)] => unsigned(a.checked_div(*b)),
        [Val::Double(a), Val::Double(b)] => Ok(Val::Double(a / b)),
        [a, _] => numeric("_/_", a),
        _ => Err(Failure::overload()),
    }
}

fn modulo<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(_), Val::Int(0)] | [Val::Uint(_), Val::Uint(0)] => Err(Failure::new("modulus by zero")),
        [Val::Int(a), Val::Int(b)] => integer(a.checked_rem(*b)),
        [Val::Uint(a), Val::Uint(b)] => unsigned(a.checked_rem(*b)),
        [Val::Double(_), _] => Err(Failure::new("no such overload: _%_")),
        [a, _] => numeric("_%_", a),
        _ => Err(Failure::overload()),
    }
}

fn negate<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(n)] => integer(n.checked_neg()),
        [Val::Double(n)] => Ok(Val::Double(-n)),
        [Val::Duration(n)] => span(n.checked_neg()),
        [Val::Uint(_)] => Err(Failure::new("no such overload: -_")),
        [other] => unsupported("-_", other),
        _ => Err(Failure::overload()),
    }
}

fn ordered<'a>(operator: &str, args: &[Val<'a>], holds: fn(Ordering) -> bool) -> Outcome<'a> {
    match args {
        [a @ (Val::Null | Val::List(_) | Val::JsonList(_) | Val::Map(_) | Val::JsonMap(_) | Val::Opaque(_)), _] => {
            unsupported(operator, a)
        }
        [a, b] => a.compare(b).map(|order| Val::Bool(holds(order))),
        _ => Err(Failure::overload()),
    }
}

fn less<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    ordered("_<_", args, Ordering::is_lt)
}

fn less_equal<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    ordered("_<=_", args, Ordering::is_le)
}

fn greater<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    ordered("_>_", args, Ordering::is_gt)
}

fn greater_equal<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    ordered("_>=_", args, Ordering::is_ge)
}

fn inside<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [wanted, container] = args else { return Err(Failure::overload()) };
    if let Val::JsonMap(_) | Val::Map(_) = container {
        return Ok(Val::Bool(container.member(wanted).is_some()));
    }
    let items = container.items().ok_or_else(Failure::overload)?;
    Ok(Val::Bool(items.iter().any(|item| wanted.equals(item).unwrap_or(false))))
}

fn size<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [value] = args else { return Err(Failure::overload()) };
    match value.size() {
        Some(n) => Ok(Val::Int(i64::try_from(n).unwrap_or(i64::MAX))),
        None => unsupported("size", value),
    }
}

fn type_of<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    args.first().map(|value| Val::Type(value.ty())).ok_or_else(Failure::overload)
}

fn dynamic<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    args.first().cloned().ok_or_else(Failure::overload)
}

fn unconvertible<'a>(from: &Val<'_>, to: &str) -> Outcome<'a> {
    Err(Failure::new(format!("type conversion error from '{}' to '{to}'", from.ty().name())))
}

fn to_bool<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Bool(b)] => Ok(Val::Bool(*b)),
        [value @ Val::String(s)] => match parse_bool(s) {
            Some(b) => Ok(Val::Bool(b)),
            None => unconvertible(value, "bool"),
        },
        _ => Err(Failure::overload()),
    }
}

fn to_bytes<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [bytes @ Val::Bytes(_)] => Ok(bytes.clone()),
        [Val::String(s)] => Ok(Val::Bytes(match s {
            Cow::Borrowed(s) => Cow::Borrowed(s.as_bytes()),
            Cow::Owned(s) => Cow::Owned(s.clone().into_bytes()),
        })),
        _ => Err(Failure::overload()),
    }
}

fn to_double<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Double(n)] => Ok(Val::Double(*n)),
        [Val::Int(n)] => Ok(Val::Double(*n as f64)),
        [Val::Uint(n)] => Ok(Val::Double(*n as f64)),
        [value @ Val::String(s)] => match parse_float(s) {
            Some(n) => Ok(Val::Double(n)),
            None => unconvertible(value, "double"),
        },
        _ => Err(Failure::overload()),
    }
}

fn to_duration<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Duration(n) | Val::Int(n)] => Ok(Val::Duration(*n)),
        [value @ Val::String(s)] => match duration::parse(s) {
            Ok(n) => Ok(Val::Duration(n)),
            Err(_) => unconvertible(value, Type::Duration.name()),
        },
        _ => Err(Failure::overload()),
    }
}

fn to_int<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Int(n) | Val::Duration(n)] => Ok(Val::Int(*n)),
        [Val::Uint(n)] => integer(i64::try_from(*n).ok()),
        [Val::Double(n)] => integer((*n > i64::MIN as f64 && *n < i64::MAX as f64).then_some(*n as i64)),
        [Val::Timestamp(t)] => Ok(Val::Int(t.seconds())),
        [value @ Val::String(s)] => match s.parse() {
            Ok(n) => Ok(Val::Int(n)),
            Err(_) => unconvertible(value, "int"),
        },
        _ => Err(Failure::overload()),
    }
}

fn to_uint<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Uint(n)] => Ok(Val::Uint(*n)),
        [Val::Int(n)] => unsigned(u64::try_from(*n).ok()),
        [Val::Double(n)] => unsigned((*n >= 0.0 && *n < u64::MAX as f64).then_some(*n as u64)),
        // Go takes no sign here.
        [value @ Val::String(s)] => match s.parse() {
            Ok(n) if !s.starts_with('+') => Ok(Val::Uint(n)),
            _ => unconvertible(value, "uint"),
        },
        _ => Err(Failure::overload()),
    }
}

fn to_timestamp<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Timestamp(t)] => Ok(Val::Timestamp(t.clone())),
        [Val::Int(n)] => match (FIRST_SECOND..=LAST_SECOND).contains(n) {
            true => Ok(Val::Timestamp(Time::unix(*n).in_utc())),
            false => Err(Failure::new("timestamp overflow")),
        },
        [value @ Val::String(s)] => match Time::parse(RFC3339, s) {
            Ok(t) => moment(t),
            Err(_) => unconvertible(value, Type::Timestamp.name()),
        },
        _ => Err(Failure::overload()),
    }
}

/// A duration as `string()` shows it.
pub(super) fn seconds(nanos: i64) -> String {
    format!("{}s", format_float(nanos as f64 / 1e9, 'f', 64))
}

fn to_string<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let text: String = match args {
        [text @ Val::String(_)] => return Ok(text.clone()),
        [Val::Bool(b)] => b.to_string(),
        [Val::Int(n)] => n.to_string(),
        [Val::Uint(n)] => n.to_string(),
        [Val::Double(n)] => format_float(*n, 'g', 64),
        [Val::Bytes(b)] => match std::str::from_utf8(b) {
            Ok(text) => text.to_owned(),
            Err(_) => return Err(Failure::new("invalid UTF-8 in bytes, cannot convert to string")),
        },
        [Val::Duration(n)] => seconds(*n),
        [Val::Timestamp(t)] => t.format(RFC3339_NANO),
        [Val::Opaque(opaque)] => match opaque.as_text() {
            Some(text) => text,
            None => return Err(Failure::overload()),
        },
        _ => return Err(Failure::overload()),
    };
    Ok(Val::text(text))
}
