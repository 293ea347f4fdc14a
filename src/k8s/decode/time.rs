//! `metav1.Time`: RFC 3339 in, RFC 3339 in UTC to the second out.

use crate::go::json::Value;
use crate::go::strconv::quote;

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// The time as it prints; `None` for null. Errors: the text of Go's `time.Parse`.
pub(super) fn canonical(value: &Value) -> Result<Option<Value>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => parse(text).map(|t| Some(t.into())),
        other => Err(format!("json: cannot unmarshal {} into Go value of type string", other.kind())),
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn fail<T>(&self, layout: &str) -> Result<T, String> {
        Err(format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(self.text),
            quote(LAYOUT),
            quote(self.rest),
            quote(layout)
        ))
    }

    fn range<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("parsing time {}: {what} out of range", quote(self.text)))
    }

    fn digits(&mut self, n: usize, layout: &str) -> Result<u32, String> {
        match self.rest.get(..n).filter(|d| d.bytes().all(|b| b.is_ascii_digit())) {
            Some(digits) => {
                self.rest = &self.rest[n..];
                Ok(digits.parse().unwrap_or(0))
            }
            None => self.fail(layout),
        }
    }

    fn mark(&mut self, mark: &str) -> Result<(), String> {
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.fail(mark),
        }
    }
}

fn parse(text: &str) -> Result<String, String> {
    let mut r = Reader { text, rest: text };
    let year = r.digits(4, "2006")?;
    r.mark("-")?;
    let month = r.digits(2, "01")?;
    if !(1..=12).contains(&month) {
        return r.range("month");
    }
    r.mark("-")?;
    let day = r.digits(2, "02")?;
    r.mark("T")?;
    let hour = r.digits(2, "15")?;
    if hour > 23 {
        return r.range("hour");
    }
    r.mark(":")?;
    let minute = r.digits(2, "04")?;
    if minute > 59 {
        return r.range("minute");
    }
    r.mark(":")?;
    let second = r.digits(2, "05")?;
    if second > 59 {
        return r.range("second");
    }
    if let Some(fraction) = r.rest.strip_prefix(['.', ',']) {
        let n = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if n > 0 {
            r.rest = &fraction[n..];
        }
    }
    let offset = if let Some(rest) = r.rest.strip_prefix('Z') {
        r.rest = rest;
        0
    } else {
        let zone = r.rest.as_bytes();
        let two = |i: usize| {
            r.rest.get(i..i + 2).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).and_then(|d| d.parse::<i64>().ok())
        };
        match (zone.first(), two(1), zone.get(3), two(4)) {
            (Some(sign @ (b'+' | b'-')), Some(h), Some(b':'), Some(m)) => {
                if h > 24 {
                    return r.range("time zone offset hour");
                }
                if m > 60 {
                    return r.range("time zone offset minute");
                }
                r.rest = &r.rest[6..];
                (h * 60 + m) * 60 * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return r.fail("Z07:00"),
        }
    };
    if !r.rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(r.rest)));
    }
    if day == 0 || day > days_in(year, month) {
        return r.range("day");
    }
    let seconds = days(i64::from(year), i64::from(month), i64::from(day)) * 86_400
        + i64::from(hour) * 3600
        + i64::from(minute) * 60
        + i64::from(second)
        - offset;
    let (y, m, d) = date(seconds.div_euclid(86_400));
    let s = seconds.rem_euclid(86_400);
    Ok(format!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}Z", s / 3600, s / 60 % 60, s % 60))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, years counted from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let in_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let in_era = days.rem_euclid(146_097);
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, in_year - (153 * from_march + 2) / 5 + 1)
}
