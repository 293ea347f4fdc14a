//! Dates and durations. The only zone is UTC; what needs the clock fails.

use std::rc::Rc;

use super::super::format;
use super::super::functions::{Call, Functions};
use super::super::value::{Int, Object, Value};
use super::unavailable;
use crate::go::duration;
use crate::go::json;
use crate::go::time::Time;

type Result<'d> = std::result::Result<Value<'d>, String>;

const DAY: &str = "2006-01-02";
const TIME: &str = "time.Time";

pub(super) fn register(f: &mut Functions) {
    f.add("date", "string,any", |c| formatted(c, 1, c.str(0)));
    f.add("htmlDate", "any", |c| formatted(c, 0, DAY));
    f.add("htmlDateInZone", "any,string", |c| formatted(c, 0, DAY));
    for name in ["dateInZone", "date_in_zone"] {
        f.add(name, "string,any,string", |c| formatted(c, 1, c.str(0)));
    }
    for name in ["dateModify", "date_modify"] {
        f.add(name, "string,time.Time", |c| match duration::parse(c.str(0)) {
            Ok(nanos) => Ok(value(of(&c.arg(1))?.add(nanos))),
            Err(_) => Ok(c.arg(1)),
        });
    }
    for name in ["mustDateModify", "must_date_modify"] {
        f.add(name, "string,time.Time", |c| Ok(value(of(&c.arg(1))?.add(duration::parse(c.str(0))?))));
    }
    f.add("toDate", "string,string", |c| Ok(value(Time::parse(c.str(0), c.str(1)).unwrap_or_else(|_| Time::zero()))));
    f.add("mustToDate", "string,string", |c| Time::parse(c.str(0), c.str(1)).map(value));
    f.add("unixEpoch", "time.Time", |c| Ok(Value::string(of(&c.arg(0))?.seconds().to_string())));
    f.add("duration", "any", |c| {
        let seconds = match c.arg(0) {
            Value::Str(text) => super::strings::decimal(&text),
            Value::Int(n, Int::Int64) => n,
            _ => 0i64,
        };
        Ok(Value::string(format::duration(seconds.wrapping_mul(1_000_000_000))))
    });
    f.add("durationRound", "any", |c| {
        let nanos = match c.arg(0) {
            Value::Str(text) => duration::parse(&text).unwrap_or(0),
            Value::Int(n, Int::Int64) => n,
            Value::Object(object) if object.type_name() == TIME => return unavailable(),
            _ => 0,
        };
        Ok(Value::string(rounded(nanos)))
    });
}

/// The largest unit of which there is more than one whole.
fn rounded(nanos: i64) -> String {
    const HOUR: u64 = 3_600_000_000_000;
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    let n = nanos.unsigned_abs();
    units.iter().find(|(unit, _)| n > *unit).map_or_else(|| "0s".into(), |(unit, name)| format!("{}{name}", n / unit))
}

fn formatted<'d>(call: &Call<'_, 'd>, date: usize, layout: &str) -> Result<'d> {
    let time = match call.arg(date) {
        Value::Int(n, Int::Int | Int::Int32 | Int::Int64) => Time::unix(n),
        Value::Object(object) if object.type_name() == TIME => of(&call.arg(date))?.in_utc(),
        // Anything else is taken for now.
        _ => return unavailable(),
    };
    Ok(Value::string(time.format(layout)))
}

fn of(value: &Value<'_>) -> std::result::Result<Time, String> {
    let Value::Object(object) = value else { return Err(format!("{} is no time", value.type_name())) };
    let any = object.as_any().and_then(|any| any.downcast_ref::<Moment>());
    any.map(|moment| moment.0.clone()).ok_or_else(|| format!("{} is no time", object.type_name()))
}

fn value<'d>(time: Time) -> Value<'d> {
    Value::Object(Rc::new(Moment(time)))
}

/// A `time.Time`.
struct Moment(Time);

impl<'d> Object<'d> for Moment {
    fn type_name(&self) -> &str {
        TIME
    }

    fn field(&self, _: &str) -> Option<Value<'d>> {
        None
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<'d>> {
        let time = &self.0;
        let (date, (hour, minute, second)) = (time.date(), time.clock());
        Some(Ok(match (name, args) {
            ("Format", [Value::Str(layout)]) => Value::string(time.format(layout)),
            ("String", []) => Value::string(time.to_string()),
            ("Unix", []) => Value::Int(time.seconds(), Int::Int64),
            ("Year", []) => Value::int(date.year),
            ("Day", []) => Value::int(date.day.into()),
            ("YearDay", []) => Value::int(time.year_day()),
            ("Hour", []) => Value::int(hour.into()),
            ("Minute", []) => Value::int(minute.into()),
            ("Second", []) => Value::int(second.into()),
            ("Nanosecond", []) => Value::int(time.nanoseconds().into()),
            ("IsZero", []) => Value::Bool(time.seconds() == Time::zero().seconds() && time.nanoseconds() == 0),
            ("UTC", []) => value(time.in_utc()),
            _ => return None,
        }))
    }

    fn parameters(&self, name: &str) -> Option<&'static str> {
        match name {
            "Format" => Some("string"),
            name => self.call(name, &[]).map(|_| ""),
        }
    }

    fn go_syntax(&self) -> Option<String> {
        Some(self.0.go_syntax())
    }

    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn to_json(&self) -> json::Value {
        self.0.format("2006-01-02T15:04:05.999999999Z07:00").into()
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}
