//! `resource.Quantity`: numbers with suffixes (`100m`, `1.5Gi`, `12e6`), exact to a billionth.

use std::cmp::Ordering;
use std::fmt;

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `12e6`
    DecimalExponent,
    /// `12Mi`
    BinarySi,
    /// `12M`
    DecimalSi,
}

impl Format {
    /// Go's name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Format::DecimalExponent => "DecimalExponent",
            Format::BinarySi => "BinarySI",
            Format::DecimalSi => "DecimalSI",
        }
    }
}

/// Why a text is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// It does not look like one.
    Format,
    /// The number is none.
    Numeric,
    /// The suffix is none.
    Suffix,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QuantityError::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            QuantityError::Numeric => "unable to parse numeric part of quantity",
            QuantityError::Suffix => "unable to parse quantity's suffix",
        })
    }
}

impl std::error::Error for QuantityError {}

/// A quantity: sign, decimal digits and a power of ten, and how it was written.
#[derive(Clone, Debug)]
pub struct Quantity {
    negative: bool,
    /// Decimal digits, most significant first, no leading zeros; empty for zero.
    digits: Vec<u8>,
    /// The value is `digits` × 10^`exponent`.
    exponent: i32,
    format: Format,
    /// The text itself, where Go keeps it instead of a canonical form.
    kept: Option<String>,
}

/// 2^63 - 1, the most that a binary quantity may be.
const MAX: &[u8] = b"9223372036854775807";

/// The largest power of ten that is told apart; Go works with the digits of any, for as long as it takes.
const MAX_EXPONENT: i32 = 100_000;

/// The smallest power of ten that is told apart.
const NANO: i32 = -9;

impl Quantity {
    /// Reads a quantity as `resource.ParseQuantity` does.
    pub fn parse(text: &str) -> Result<Quantity, QuantityError> {
        let parts = Parts::of(text)?;
        let (base_two, power, format) = suffix(parts.suffix).ok_or(QuantityError::Suffix)?;
        let mut digits: Vec<u8> = parts.whole.bytes().chain(parts.fraction.bytes()).map(|b| b - b'0').collect();
        let fraction = parts.fraction.len() as i32;
        let mut exponent = -fraction;
        let fast = if base_two {
            power >= 0 && fraction == 0 && 14 - parts.whole.len().max(1) as i32 - power * 3 / 10 > 0
        } else {
            exponent += power;
            18 - (parts.whole.len() as i32 + fraction) >= 0 && exponent >= NANO
        };
        if !fast && !text.contains(|c: char| c.is_ascii_digit()) {
            return Err(QuantityError::Numeric);
        }
        let mut format = format;
        if base_two {
            shift_left(&mut digits, power as u32);
        }
        strip(&mut digits);
        let kept = fast && canonical_as_written(text, &parts, &digits, exponent, base_two, power);
        if !fast {
            round_up(&mut digits, &mut exponent);
            if format == Format::BinarySi {
                let capped = Quantity { negative: false, digits: digits.clone(), exponent, format, kept: None };
                let max = Quantity {
                    negative: false,
                    digits: MAX.iter().map(|b| b - b'0').collect(),
                    exponent: 0,
                    format,
                    kept: None,
                };
                if capped.compare_magnitude(&max) == Ordering::Greater {
                    (digits, exponent) = (max.digits, 0);
                } else if capped.is_below_one() {
                    format = Format::DecimalSi;
                }
            }
        }
        if digits.is_empty() {
            exponent = 0;
        }
        if exponent > MAX_EXPONENT {
            while digits.last() == Some(&0) {
                digits.pop();
                exponent = exponent.saturating_add(1);
            }
            exponent = MAX_EXPONENT;
        }
        Ok(Quantity {
            negative: parts.negative && !digits.is_empty(),
            digits,
            exponent,
            format,
            kept: kept.then(|| text.to_owned()),
        })
    }

    /// True for zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// How it is written.
    pub fn format(&self) -> Format {
        self.format
    }

    fn is_below_one(&self) -> bool {
        !self.digits.is_empty() && self.digits.len() as i32 + self.exponent <= 0
    }

    fn compare_magnitude(&self, other: &Quantity) -> Ordering {
        let size = |q: &Quantity| if q.digits.is_empty() { i32::MIN } else { q.digits.len() as i32 + q.exponent };
        size(self).cmp(&size(other)).then_with(|| {
            let n = self.digits.len().max(other.digits.len());
            let digit = |q: &Quantity, i: usize| q.digits.get(i).copied().unwrap_or(0);
            (0..n).map(|i| digit(self, i).cmp(&digit(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        })
    }

    /// Compares two values, whatever their formats.
    pub fn compare(&self, other: &Quantity) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    /// The sum. It is written as the first is, or as the second where the first is zero.
    #[must_use]
    pub fn plus(&self, other: &Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let (a, b) = (self.rounded(exponent), other.rounded(exponent));
        let (mut digits, negative) = if self.negative == other.negative {
            (add_digits(&a, &b), self.negative)
        } else if self.compare_magnitude(other).is_ge() {
            (subtract_digits(&a, &b), self.negative)
        } else {
            (subtract_digits(&b, &a), other.negative)
        };
        strip(&mut digits);
        Quantity { negative: negative && !digits.is_empty(), digits, exponent, format, kept: None }
    }

    /// The same value with the opposite sign.
    #[must_use]
    pub fn negated(&self) -> Quantity {
        Quantity { negative: !self.negative && !self.is_zero(), kept: None, ..self.clone() }
    }

    /// The value rounded up (away from zero) to a multiple of 10^`scale`, as decimal digits without sign.
    fn rounded(&self, scale: i32) -> Vec<u8> {
        let mut digits = self.digits.clone();
        let mut exponent = self.exponent;
        while exponent > scale && !digits.is_empty() {
            digits.push(0);
            exponent -= 1;
        }
        if exponent < scale {
            let drop = (scale - exponent) as usize;
            let keep = digits.len().saturating_sub(drop);
            let rest = digits.split_off(keep);
            if rest.iter().any(|d| *d != 0) {
                increment(&mut digits);
            }
        }
        digits
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i64 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            _ => 1,
        }
    }

    /// The value as a plain decimal number with all its digits.
    pub fn decimal(&self) -> String {
        let mut digits: String = self.digits.iter().map(|d| (d + b'0') as char).collect();
        if self.exponent >= 0 {
            digits.extend(std::iter::repeat_n('0', self.exponent as usize));
        } else {
            let fraction = self.exponent.unsigned_abs() as usize;
            digits = "0".repeat((fraction + 1).saturating_sub(digits.len())) + &digits;
            digits.insert(digits.len() - fraction, '.');
        }
        let sign = if self.negative { "-" } else { "" };
        if self.is_zero() { "0".into() } else { format!("{sign}{digits}") }
    }

    /// Rounded up (away from zero) to a multiple of 10^`scale`.
    #[must_use]
    pub fn round_up(&self, scale: i32) -> Quantity {
        if self.exponent >= scale {
            return Quantity { kept: None, ..self.clone() };
        }
        Quantity { digits: self.rounded(scale), exponent: scale, kept: None, ..*self }
    }

    /// The integer value, rounded up, as decimal text; `scale` 0 for units, -3 for thousandths. Capped at int64.
    pub fn scaled(&self, scale: i32) -> String {
        let digits = self.rounded(scale);
        if digits.is_empty() {
            return "0".into();
        }
        let text: String = digits.iter().map(|d| (d + b'0') as char).collect();
        format!("{}{text}", if self.negative { "-" } else { "" })
    }
}

/// Go's `String`: the kept text, else the canonical form: no fractions, the largest fitting suffix.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kept) = &self.kept {
            return f.write_str(kept);
        }
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let text = |digits: &[u8]| digits.iter().map(|d| (d + b'0') as char).collect::<String>();
        if self.format == Format::BinarySi {
            // Whole numbers of 1024 or more, and those from -1024 on below, are written with binary suffixes.
            let whole = self.exponent >= 0
                || self.digits[self.digits.len().saturating_sub(-self.exponent as usize)..].iter().all(|d| *d == 0);
            let digits = self.rounded(0);
            let n = text(&digits).parse::<u128>().ok();
            if let (true, Some(mut n)) = (whole, n) {
                let mut power = 0;
                while n != 0 && n.is_multiple_of(1024) && power < 6 {
                    n /= 1024;
                    power += 1;
                }
                return write!(f, "{n}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power]);
            }
        }
        let mut digits = self.digits.clone();
        let mut exponent = self.exponent;
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        while exponent % 3 != 0 {
            digits.push(0);
            exponent -= 1;
        }
        if self.format != Format::DecimalExponent && exponent > 18 {
            digits.extend(std::iter::repeat_n(0, (exponent - 18) as usize));
            exponent = 18;
        }
        let digits = text(&digits);
        match (self.format, exponent) {
            (Format::DecimalExponent, 0) => f.write_str(&digits),
            (Format::DecimalExponent, e) => write!(f, "{digits}e{e}"),
            (_, e) => {
                let suffix = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
                write!(f, "{digits}{}", suffix[usize::try_from(e / 3 + 3).unwrap_or(0).min(9)])
            }
        }
    }
}

/// The pieces of a quantity's text.
struct Parts<'a> {
    negative: bool,
    /// Digits before the point, leading zeros stripped.
    whole: &'a str,
    /// Digits after the point.
    fraction: &'a str,
    suffix: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Parts<'a>, QuantityError> {
        let (negative, rest) = match text.as_bytes().first() {
            None => return Err(QuantityError::Format),
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            Some(_) => (false, text),
        };
        let run = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let rest = rest.trim_start_matches('0');
        let (whole, rest) = rest.split_at(run(rest));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(after) => after.split_at(run(after)),
            None => ("", rest),
        };
        let letters = rest.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
        let mut end = letters;
        if rest[end..].starts_with(['-', '+']) {
            end += 1;
        }
        end += run(&rest[end..]);
        if end != rest.len() {
            return Err(QuantityError::Format);
        }
        Ok(Parts { negative, whole, fraction, suffix: rest })
    }
}

/// Base two or ten, the power, and the format of a suffix.
fn suffix(suffix: &str) -> Option<(bool, i32, Format)> {
    let decimal = |power| Some((false, power, Format::DecimalSi));
    let binary = |power| Some((true, power, Format::BinarySi));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let power = suffix.strip_prefix(['e', 'E'])?;
            let power: i64 = power.parse().ok()?;
            let most = i64::from(i32::MAX / 2);
            Some((false, power.clamp(-most, most) as i32, Format::DecimalExponent))
        }
    }
}

fn strip(digits: &mut Vec<u8>) {
    let zeros = digits.iter().take_while(|d| **d == 0).count();
    digits.drain(..zeros);
}

/// Multiplies by a power of two.
fn shift_left(digits: &mut Vec<u8>, power: u32) {
    let factor = 1u128 << power;
    let mut carry = 0u128;
    for digit in digits.iter_mut().rev() {
        let n = u128::from(*digit) * factor + carry;
        *digit = (n % 10) as u8;
        carry = n / 10;
    }
    let mut front = Vec::new();
    while carry > 0 {
        front.push((carry % 10) as u8);
        carry /= 10;
    }
    front.reverse();
    digits.splice(0..0, front);
}

/// Adds two numbers, most significant digits first.
fn add_digits(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut sum = Vec::with_capacity(a.len().max(b.len()) + 1);
    let (mut a, mut b, mut carry) = (a.iter().rev(), b.iter().rev(), 0);
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() && carry == 0 {
            break;
        }
        let n = x.unwrap_or(&0) + y.unwrap_or(&0) + carry;
        sum.push(n % 10);
        carry = n / 10;
    }
    sum.reverse();
    sum
}

/// Subtracts a number from one that is not smaller.
fn subtract_digits(a: &[u8], b: &[u8]) -> Vec<u8> {
    let (mut b, mut borrow) = (b.iter().rev(), 0);
    let mut difference: Vec<u8> = a
        .iter()
        .rev()
        .map(|x| {
            let y = b.next().unwrap_or(&0) + borrow;
            borrow = u8::from(*x < y);
            x + 10 * borrow - y
        })
        .collect();
    difference.reverse();
    difference
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

/// Rounds away from zero to billionths.
fn round_up(digits: &mut Vec<u8>, exponent: &mut i32) {
    if *exponent >= NANO || digits.is_empty() {
        return;
    }
    let drop = (NANO - *exponent) as usize;
    let keep = digits.len().saturating_sub(drop);
    let rest = digits.split_off(keep);
    if rest.iter().any(|d| *d != 0) {
        increment(digits);
    }
    *exponent = NANO;
}

/// Whether Go keeps the text: a plain number that already has the largest suffix which leaves no fraction.
fn canonical_as_written(
    text: &str,
    parts: &Parts<'_>,
    digits: &[u8],
    exponent: i32,
    base_two: bool,
    power: i32,
) -> bool {
    if text == "0" {
        return true;
    }
    if parts.whole.is_empty() {
        return false;
    }
    if base_two {
        let n = parts.whole.parse::<u64>().unwrap_or(0);
        return !n.is_multiple_of(1024) || power == 60;
    }
    exponent % 3 == 0 && !(digits.ends_with(&[0, 0, 0]))
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn sums() {
        for (a, b, sum) in [
            ("100m", "1", "1100m"),
            ("1", "100m", "1100m"),
            ("0", "1Gi", "1Gi"),
            ("512Mi", "512Mi", "1Gi"),
            ("1k", "24", "1024"),
            ("1Ki", "-1", "1023"),
            ("-1", "1", "0"),
            ("1", "-3", "-2"),
            ("999m", "1m", "1"),
        ] {
            let quantity = |text| Quantity::parse(text).unwrap();
            assert_eq!(quantity(a).plus(&quantity(b)).to_string(), sum, "{a} + {b}");
        }
    }
}
