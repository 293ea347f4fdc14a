//! Parts of timestamps and durations.

use super::{Function, costs};
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::strconv::quote;
use crate::go::time::Time;

const DATE: &str = "@(timestamp)int @(timestamp,string)int";
const CLOCK: &str = "@(timestamp)int @(timestamp,string)int @(duration)int";

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "getFullYear", signatures: DATE, run: full_year, cost: costs::one },
    Function { name: "getMonth", signatures: DATE, run: month, cost: costs::one },
    Function { name: "getDayOfYear", signatures: DATE, run: day_of_year, cost: costs::one },
    Function { name: "getDayOfMonth", signatures: DATE, run: day_of_month, cost: costs::one },
    Function { name: "getDate", signatures: DATE, run: date, cost: costs::one },
    Function { name: "getDayOfWeek", signatures: DATE, run: day_of_week, cost: costs::one },
    Function { name: "getHours", signatures: CLOCK, run: hours, cost: costs::one },
    Function { name: "getMinutes", signatures: CLOCK, run: minutes, cost: costs::one },
    Function { name: "getSeconds", signatures: CLOCK, run: seconds, cost: costs::one },
    Function { name: "getMilliseconds", signatures: CLOCK, run: milliseconds, cost: costs::one },
];

const SECOND: i64 = 1_000_000_000;

/// The timestamp in UTC, or in the zone of the second argument. Zones by name need a database, which is not there; only
/// offsets are known.
fn in_zone(args: &[Val<'_>]) -> Result<Time, Failure> {
    match args {
        [Val::Timestamp(t)] => Ok(t.in_utc()),
        [Val::Timestamp(t), Val::String(zone)] => match offset(zone) {
            Some(seconds) => Ok(t.in_utc().add(seconds * SECOND)),
            None => Err(Failure::new(format!("unknown time zone {}", zone_text(zone)))),
        },
        _ => Err(Failure::overload()),
    }
}

fn zone_text(zone: &str) -> String {
    if zone.chars().all(|c| !c.is_control()) { zone.to_owned() } else { quote(zone) }
}

/// Seconds east of UTC: `UTC`, `+02:00`, `-08:30`.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "UTC" | "") {
        return Some(0);
    }
    let (hours, minutes) = zone.split_once(':')?;
    let negative = hours.starts_with('-');
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours.abs() > 24 || !(0..60).contains(&minutes) {
        return None;
    }
    Some(hours * 3600 + if negative { -minutes } else { minutes } * 60)
}

fn number<'a>(n: impl Into<i64>) -> Outcome<'a> {
    Ok(Val::Int(n.into()))
}

fn full_year<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.date().year)
}

fn month<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.date().month - 1)
}

fn day_of_year<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.year_day() - 1)
}

fn day_of_month<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.date().day - 1)
}

fn date<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.date().day)
}

fn day_of_week<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    number(in_zone(args)?.weekday() as i64)
}

/// A part of a clock, or a whole duration in that unit.
fn clock<'a>(args: &[Val<'a>], unit: i64, part: fn((u32, u32, u32)) -> u32) -> Outcome<'a> {
    match args {
        [Val::Duration(n)] => Ok(Val::Int(n / unit)),
        _ => number(part(in_zone(args)?.clock())),
    }
}

fn hours<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    clock(args, 3600 * SECOND, |(hours, ..)| hours)
}

fn minutes<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    clock(args, 60 * SECOND, |(_, minutes, _)| minutes)
}

fn seconds<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    clock(args, SECOND, |(.., seconds)| seconds)
}

fn milliseconds<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::Duration(n)] => Ok(Val::Int(n / 1_000_000)),
        _ => number(in_zone(args)?.nanoseconds() / 1_000_000),
    }
}
