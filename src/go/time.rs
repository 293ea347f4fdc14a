//! Go's `time` layouts: printing and reading times by an example of the reference time.
//!
//! ```
//! use conjector::go::time::Time;
//!
//! let time = Time::parse("2006-01-02 15:04", "2024-03-05 07:30").unwrap();
//! assert_eq!(time.format("Mon Jan _2 3:04PM 2006"), "Tue Mar  5 7:30AM 2024");
//! assert_eq!(
//!     Time::parse("2006", "x").unwrap_err(),
//!     r#"parsing time "x" as "2006": cannot parse "x" as "2006""#
//! );
//! ```

mod layout;
mod parse;

use std::fmt;
use std::fmt::Write;

use layout::{Chunk, Std};

use crate::go::bytes;

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// An instant, seen in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970 in UTC.
    unix: i64,
    nanos: u32,
    /// Seconds east of UTC.
    offset: i64,
    /// The zone's abbreviation; empty for one that only an offset tells.
    zone: String,
}

/// A text in the quotes of this package's errors, where all that is not plain ASCII stands in hexadecimal.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from('"');
    for b in bytes::of(text).iter() {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(*b)]),
            b' '..0x80 => out.push(char::from(*b)),
            _ => {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out + "\""
}

/// A date on the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl Time {
    /// Seconds since 1970, in UTC.
    pub fn unix(seconds: i64) -> Time {
        Time { unix: seconds, nanos: 0, offset: 0, zone: "UTC".into() }
    }

    /// Go's zero time, the first second of year 1.
    pub fn zero() -> Time {
        Time::unix(days_from_civil(Date { year: 1, month: 1, day: 1 }) * DAY)
    }

    /// Reads a text by a layout; a text without zone is in UTC.
    ///
    /// Errors: Go's text of a `*ParseError`.
    pub fn parse(layout: &str, text: &str) -> Result<Time, String> {
        parse::parse(layout, text)
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.unix
    }

    /// Nanoseconds within the second.
    pub fn nanoseconds(&self) -> u32 {
        self.nanos
    }

    /// The same instant in UTC.
    pub fn in_utc(&self) -> Time {
        Time { offset: 0, zone: "UTC".into(), ..*self }
    }

    /// Later by so many nanoseconds, or earlier.
    #[must_use]
    pub fn add(&self, nanos: i64) -> Time {
        let sum = i128::from(self.nanos) + i128::from(nanos);
        let unix = self.unix.saturating_add((sum.div_euclid(1_000_000_000)) as i64);
        Time { unix, nanos: sum.rem_euclid(1_000_000_000) as u32, ..self.clone() }
    }

    fn local(&self) -> i64 {
        self.unix.saturating_add(self.offset)
    }

    /// The date in its zone.
    pub fn date(&self) -> Date {
        civil_from_days(self.local().div_euclid(DAY))
    }

    /// Hour, minute and second in its zone.
    pub fn clock(&self) -> (u32, u32, u32) {
        let second = self.local().rem_euclid(DAY) as u32;
        (second / 3600, second / 60 % 60, second % 60)
    }

    /// The day of the week, 0 for Sunday.
    pub fn weekday(&self) -> usize {
        (self.local().div_euclid(DAY) + 4).rem_euclid(7) as usize
    }

    /// The day of the year, from 1.
    pub fn year_day(&self) -> i64 {
        let first = days_from_civil(Date { month: 1, day: 1, ..self.date() });
        self.local().div_euclid(DAY) - first + 1
    }

    /// The time as an expression of Go's, as `%#v` prints it.
    pub fn go_syntax(&self) -> String {
        let (date, (hour, minute, second)) = (self.date(), self.clock());
        let month = MONTHS[date.month as usize - 1];
        let location = match self.zone.as_str() {
            "UTC" => "time.UTC".to_owned(),
            zone => format!("time.Location({})", quote(zone)),
        };
        let Date { year, day, .. } = date;
        format!("time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {}, {location})", self.nanos)
    }

    /// Prints the time by a layout.
    pub fn format(&self, layout: &str) -> String {
        let mut out = String::new();
        let mut rest = layout;
        loop {
            let Chunk { before, std, text, after } = layout::next(rest);
            out.push_str(before);
            let Some(std) = std else { return out };
            _ = self.write(&mut out, std, text);
            rest = after;
        }
    }

    fn write(&self, out: &mut String, std: Std, text: &str) -> fmt::Result {
        let Date { year, month, day } = self.date();
        let (hour, minute, second) = self.clock();
        let hour12 = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
        let month_name = MONTHS[month as usize - 1];
        let day_name = DAYS[self.weekday()];
        match std {
            Std::LongMonth => out.push_str(month_name),
            Std::Month => out.push_str(&month_name[..3]),
            Std::NumMonth => write!(out, "{month}")?,
            Std::ZeroMonth => write!(out, "{month:02}")?,
            Std::LongWeekDay => out.push_str(day_name),
            Std::WeekDay => out.push_str(&day_name[..3]),
            Std::Day => write!(out, "{day}")?,
            Std::UnderDay => write!(out, "{day:2}")?,
            Std::ZeroDay => write!(out, "{day:02}")?,
            Std::UnderYearDay => write!(out, "{:3}", self.year_day())?,
            Std::ZeroYearDay => write!(out, "{:03}", self.year_day())?,
            Std::Hour => write!(out, "{hour:02}")?,
            Std::Hour12 => write!(out, "{hour12}")?,
            Std::ZeroHour12 => write!(out, "{hour12:02}")?,
            Std::Minute => write!(out, "{minute}")?,
            Std::ZeroMinute => write!(out, "{minute:02}")?,
            Std::Second => write!(out, "{second}")?,
            Std::ZeroSecond => write!(out, "{second:02}")?,
            Std::LongYear if year < 0 => write!(out, "-{:04}", -year)?,
            Std::LongYear => write!(out, "{year:04}")?,
            Std::Year => write!(out, "{:02}", year.rem_euclid(100))?,
            Std::UpperPm => out.push_str(if hour >= 12 { "PM" } else { "AM" }),
            Std::LowerPm => out.push_str(if hour >= 12 { "pm" } else { "am" }),
            Std::ZoneName if self.zone.is_empty() => self.write_offset(out, "-0700")?,
            Std::ZoneName => out.push_str(&self.zone),
            Std::IsoOffset if self.offset == 0 => out.push('Z'),
            Std::IsoOffset | Std::Offset => self.write_offset(out, text)?,
            Std::Fraction(nines) => {
                let digits = format!("{:09}", self.nanos);
                let wanted = (text.len() - 1).min(9);
                let mut digits = &digits[..wanted];
                if nines {
                    digits = digits.trim_end_matches('0');
                }
                if !nines || !digits.is_empty() {
                    out.push_str(&text[..1]);
                    out.push_str(digits);
                }
            }
        }
        Ok(())
    }

    /// The offset in the form of `-07:00`, `-0700`, `-07` and their like.
    fn write_offset(&self, out: &mut String, form: &str) -> fmt::Result {
        let seconds = self.offset.abs();
        let colon = if form.contains(':') { ":" } else { "" };
        let digits = form.chars().filter(char::is_ascii_digit).count();
        out.push(if self.offset < 0 { '-' } else { '+' });
        write!(out, "{:02}", seconds / 3600)?;
        if digits >= 4 {
            write!(out, "{colon}{:02}", seconds / 60 % 60)?;
        }
        if digits >= 6 {
            write!(out, "{colon}{:02}", seconds % 60)?;
        }
        Ok(())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

/// Days since 1970 of a date of the Gregorian calendar, by counting from 1 March, so that leap days come last.
fn days_from_civil(Date { year, month, day }: Date) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + i64::from(day) - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The date of a day since 1970.
fn civil_from_days(days: i64) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * months_from_march + 2) / 5 + 1) as u32;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date { year, month, day }
}

/// How many days a month has.
fn days_in(year: i64, month: u32) -> u32 {
    match month {
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        for days in (-800_000..800_000).step_by(37) {
            assert_eq!(days_from_civil(civil_from_days(days)), days);
        }
        assert_eq!(Time::zero().to_string(), "0001-01-01 00:00:00 +0000 UTC");
        assert_eq!(Time::unix(0).weekday(), 4);
    }
}
