//! Reading a text by a layout.

use super::layout::{self, Chunk, Std};
use super::quote;
use super::{DAY, DAYS, Date, MONTHS, Time, days_from_civil, days_in};

/// Why a piece does not fit.
enum Misfit {
    /// The text is not of this form.
    Form,
    /// The number is out of range: the part's name.
    Range(&'static str),
}

type Read<T> = Result<T, Misfit>;

/// The parts of a time as far as they were read.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    afternoon: Option<bool>,
    offset: Option<i64>,
    zone: Option<String>,
}

pub(super) fn parse(whole_layout: &str, text: &str) -> Result<Time, String> {
    let fails = |value: &str, piece: &str| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text),
            quote(whole_layout),
            quote(value),
            quote(piece)
        )
    };
    let mut parts = Parts::default();
    let (mut layout, mut value) = (whole_layout, text);
    loop {
        let Chunk { before, std, text: piece, after } = layout::next(layout);
        value = skip(value, before).map_err(|rest| fails(rest, before))?;
        let Some(std) = std else {
            if !value.is_empty() {
                return Err(format!("parsing time {}: extra text: {}", quote(text), quote(value)));
            }
            break;
        };
        layout = after;
        value = match parts.read(std, piece, value, after) {
            Ok(rest) => rest,
            Err(Misfit::Form) => return Err(fails(value, piece)),
            Err(Misfit::Range(part)) => return Err(format!("parsing time {}: {part} out of range", quote(text))),
        };
    }
    parts.time().ok_or_else(|| format!("parsing time {}: day out of range", quote(text)))
}

/// Passes over the layout's plain text; runs of blanks match each other. Errors: the rest where it differs.
fn skip<'a>(mut value: &'a str, mut prefix: &str) -> Result<&'a str, &'a str> {
    while let Some(c) = prefix.chars().next() {
        if c == ' ' {
            if !value.is_empty() && !value.starts_with(' ') {
                return Err(value);
            }
            prefix = prefix.trim_start_matches(' ');
            value = value.trim_start_matches(' ');
            continue;
        }
        value = value.strip_prefix(c).ok_or(value)?;
        prefix = &prefix[c.len_utf8()..];
    }
    Ok(value)
}

/// One or two digits; two where `fixed`.
fn number(value: &str, fixed: bool) -> Read<(u32, &str)> {
    let digits = value.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || fixed && digits < 2 {
        return Err(Misfit::Form);
    }
    Ok((value[..digits].parse().map_err(|_| Misfit::Form)?, &value[digits..]))
}

fn ranged<'a>(
    value: &'a str,
    fixed: bool,
    range: std::ops::RangeInclusive<u32>,
    part: &'static str,
) -> Read<(u32, &'a str)> {
    let (n, rest) = number(value, fixed)?;
    if range.contains(&n) { Ok((n, rest)) } else { Err(Misfit::Range(part)) }
}

/// The position of a name, whatever its case; `short` for its first three letters.
fn name<'a>(names: &[&str], short: bool, value: &'a str) -> Read<(usize, &'a str)> {
    let spelled = |name: &str| if short { name[..3].to_owned() } else { name.to_owned() };
    let found = names.iter().map(|n| spelled(n)).enumerate().find_map(|(i, name)| {
        let head = value.get(..name.len())?;
        head.eq_ignore_ascii_case(&name).then_some((i, &value[name.len()..]))
    });
    found.ok_or(Misfit::Form)
}

/// A fraction of a second, its point included.
fn nanoseconds(fraction: &str) -> Read<u32> {
    let digits = &fraction[1..];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Misfit::Form);
    }
    // Digits beyond nanoseconds are cut.
    let digits = &digits[..digits.len().min(9)];
    let n: u32 = digits.parse().map_err(|_| Misfit::Form)?;
    Ok(n * 10u32.pow(9 - digits.len() as u32))
}

fn begins_fraction(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 2 && matches!(bytes[0], b'.' | b',') && bytes[1].is_ascii_digit()
}

fn fraction_length(value: &str) -> usize {
    1 + value.bytes().skip(1).take_while(u8::is_ascii_digit).count()
}

impl Parts {
    /// Reads one piece; gives what follows.
    fn read<'a>(&mut self, std: Std, piece: &str, value: &'a str, after: &str) -> Read<&'a str> {
        let rest;
        match std {
            Std::LongYear => {
                let digits = value.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).ok_or(Misfit::Form)?;
                self.year = digits.parse().map_err(|_| Misfit::Form)?;
                rest = &value[4..];
            }
            Std::Year => {
                let digits = value.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).ok_or(Misfit::Form)?;
                let year: i64 = digits.parse().map_err(|_| Misfit::Form)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
                rest = &value[2..];
            }
            Std::LongMonth | Std::Month => {
                let (month, after) = name(&MONTHS, std == Std::Month, value)?;
                self.month = Some(month as u32 + 1);
                rest = after;
            }
            Std::NumMonth | Std::ZeroMonth => {
                let (month, after) = ranged(value, std == Std::ZeroMonth, 1..=12, "month")?;
                self.month = Some(month);
                rest = after;
            }
            Std::LongWeekDay | Std::WeekDay => rest = name(&DAYS, std == Std::WeekDay, value)?.1,
            Std::Day | Std::UnderDay | Std::ZeroDay => {
                let value = if std == Std::UnderDay { value.strip_prefix(' ').unwrap_or(value) } else { value };
                let (day, after) = number(value, std == Std::ZeroDay)?;
                // Whether the month has this day is seen at the end.
                self.day = Some(day);
                rest = after;
            }
            Std::UnderYearDay | Std::ZeroYearDay => {
                let blanks =
                    if std == Std::UnderYearDay { value.bytes().take(2).take_while(|b| *b == b' ').count() } else { 0 };
                let digits =
                    value.get(blanks..3).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).ok_or(Misfit::Form)?;
                self.year_day = Some(digits.parse().map_err(|_| Misfit::Form)?);
                rest = &value[3..];
            }
            Std::Hour => (self.hour, rest) = ranged(value, false, 0..=23, "hour")?,
            Std::Hour12 | Std::ZeroHour12 => {
                (self.hour, rest) = ranged(value, std == Std::ZeroHour12, 0..=12, "hour")?;
            }
            Std::Minute | Std::ZeroMinute => {
                (self.minute, rest) = ranged(value, std == Std::ZeroMinute, 0..=59, "minute")?;
            }
            Std::Second | Std::ZeroSecond => {
                let after_second;
                (self.second, after_second) = ranged(value, std == Std::ZeroSecond, 0..=59, "second")?;
                let in_layout = matches!(layout::next(after).std, Some(Std::Fraction(_)));
                rest = match begins_fraction(after_second) && !in_layout {
                    // A fraction may follow that the layout does not name.
                    true => {
                        let end = fraction_length(after_second);
                        self.nanos = nanoseconds(&after_second[..end])?;
                        &after_second[end..]
                    }
                    false => after_second,
                };
            }
            Std::Fraction(false) => {
                let fraction = value.get(..piece.len()).filter(|f| f.starts_with(['.', ','])).ok_or(Misfit::Form)?;
                self.nanos = nanoseconds(fraction)?;
                rest = &value[piece.len()..];
            }
            Std::Fraction(true) if !begins_fraction(value) => rest = value,
            Std::Fraction(true) => {
                let end = fraction_length(value);
                self.nanos = nanoseconds(&value[..end])?;
                rest = &value[end..];
            }
            Std::UpperPm | Std::LowerPm => {
                let (am, pm) = if std == Std::UpperPm { ("AM", "PM") } else { ("am", "pm") };
                let half = value.get(..2).filter(|h| *h == am || *h == pm).ok_or(Misfit::Form)?;
                self.afternoon = Some(half == pm);
                rest = &value[2..];
            }
            Std::IsoOffset if value.starts_with('Z') => {
                self.offset = Some(0);
                self.zone = Some("UTC".into());
                rest = &value[1..];
            }
            Std::IsoOffset | Std::Offset => {
                let length = piece.len();
                let text = value.get(..length).ok_or(Misfit::Form)?;
                self.offset = Some(offset(text, piece)?);
                rest = &value[length..];
            }
            Std::ZoneName => {
                let letters = value.bytes().take_while(u8::is_ascii_uppercase).count();
                if !(3..=5).contains(&letters) {
                    return Err(Misfit::Form);
                }
                self.zone = Some(value[..letters].to_owned());
                rest = &value[letters..];
            }
        }
        Ok(rest)
    }

    /// The time; `None` when its month has no such day.
    fn time(self) -> Option<Time> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let days = match self.year_day {
            Some(day) => {
                let first = days_from_civil(Date { year: self.year, month: 1, day: 1 });
                let length = days_from_civil(Date { year: self.year + 1, month: 1, day: 1 }) - first;
                (1..=length).contains(&i64::from(day)).then(|| first + i64::from(day) - 1)?
            }
            None => {
                let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
                (1..=days_in(self.year, month)).contains(&day).then_some(())?;
                days_from_civil(Date { year: self.year, month, day })
            }
        };
        let offset = self.offset.unwrap_or(0);
        let seconds = i64::from(hour * 3600 + self.minute * 60 + self.second);
        let zone = match (self.zone, self.offset) {
            (Some(zone), _) => zone,
            (None, None | Some(0)) => "UTC".into(),
            (None, Some(_)) => String::new(),
        };
        Some(Time { unix: days * DAY + seconds - offset, nanos: self.nanos, offset, zone })
    }
}

/// An offset in the form of the layout's piece: sign, hours, minutes, seconds.
fn offset(text: &str, form: &str) -> Read<i64> {
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return Err(Misfit::Form),
    };
    let (mut numbers, mut digits) = (Vec::new(), String::new());
    for (t, f) in text[1..].bytes().zip(form[1..].bytes()) {
        match f {
            b':' if t == b':' => {}
            b':' => return Err(Misfit::Form),
            _ if t.is_ascii_digit() => digits.push(char::from(t)),
            _ => return Err(Misfit::Form),
        }
        if digits.len() == 2 {
            numbers.push(digits.parse::<i64>().map_err(|_| Misfit::Form)?);
            digits.clear();
        }
    }
    let part = |i: usize| numbers.get(i).copied().unwrap_or(0);
    // The ranges are those of a day's clock.
    for (i, (limit, what)) in
        [(24, "time zone offset hour"), (60, "time zone offset minute"), (60, "time zone offset second")]
            .into_iter()
            .enumerate()
    {
        if part(i) > limit {
            return Err(Misfit::Range(what));
        }
    }
    Ok(sign * (part(0) * 3600 + part(1) * 60 + part(2)))
}
