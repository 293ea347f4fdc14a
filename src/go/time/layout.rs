//! The pieces of a layout.

/// A piece that stands for a part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Std {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// `Z07:00`: `Z` for UTC.
    IsoOffset,
    /// `-07:00`
    Offset,
    /// `.000`, or `.999` (true), which leaves zeros out.
    Fraction(bool),
}

/// What comes first in a layout: plain text, a piece with its own text, and the rest.
pub(super) struct Chunk<'a> {
    pub(super) before: &'a str,
    pub(super) std: Option<Std>,
    pub(super) text: &'a str,
    pub(super) after: &'a str,
}

/// Pieces by their text, longer ones before those that they begin with.
const PIECES: &[(&str, Std)] = &[
    ("January", Std::LongMonth),
    ("Jan", Std::Month),
    ("Monday", Std::LongWeekDay),
    ("Mon", Std::WeekDay),
    ("MST", Std::ZoneName),
    ("002", Std::ZeroYearDay),
    ("01", Std::ZeroMonth),
    ("02", Std::ZeroDay),
    ("03", Std::ZeroHour12),
    ("04", Std::ZeroMinute),
    ("05", Std::ZeroSecond),
    ("06", Std::Year),
    ("15", Std::Hour),
    ("1", Std::NumMonth),
    ("2006", Std::LongYear),
    ("2", Std::Day),
    ("__2", Std::UnderYearDay),
    ("_2", Std::UnderDay),
    ("3", Std::Hour12),
    ("4", Std::Minute),
    ("5", Std::Second),
    ("PM", Std::UpperPm),
    ("pm", Std::LowerPm),
    ("-070000", Std::Offset),
    ("-07:00:00", Std::Offset),
    ("-0700", Std::Offset),
    ("-07:00", Std::Offset),
    ("-07", Std::Offset),
    ("Z070000", Std::IsoOffset),
    ("Z07:00:00", Std::IsoOffset),
    ("Z0700", Std::IsoOffset),
    ("Z07:00", Std::IsoOffset),
    ("Z07", Std::IsoOffset),
];

/// The first piece of a layout with what stands before and after it.
pub(super) fn next(layout: &str) -> Chunk<'_> {
    for (i, c) in layout.char_indices() {
        let rest = &layout[i..];
        // The blank before a year is text.
        let (skipped, found) = match rest.strip_prefix("_2006") {
            Some(_) => (1, Some(("2006", Std::LongYear))),
            None => (0, piece(rest, c)),
        };
        if let Some((text, std)) = found {
            let start = i + skipped;
            let end = start + text.len();
            return Chunk {
                before: &layout[..start],
                std: Some(std),
                text: &layout[start..end],
                after: &layout[end..],
            };
        }
    }
    Chunk { before: layout, std: None, text: "", after: "" }
}

fn piece(rest: &str, first: char) -> Option<(&str, Std)> {
    if matches!(first, '.' | ',') {
        let digit = rest[1..].chars().next().filter(|c| matches!(c, '0' | '9'))?;
        let length = rest[1..].chars().take_while(|c| *c == digit).count();
        // More digits would make it a number.
        let ends = !rest[1 + length..].starts_with(|c: char| c.is_ascii_digit());
        return ends.then_some((&rest[..=length], Std::Fraction(digit == '9')));
    }
    PIECES.iter().find_map(|(text, std)| {
        let after = rest.strip_prefix(text)?;
        // `Monthly` and `Janet` are words.
        let word = matches!(std, Std::Month | Std::WeekDay) && after.starts_with(|c: char| c.is_ascii_lowercase());
        (!word).then_some((*text, *std))
    })
}
