//! `resource.Quantity`: numbers with suffixes (`100m`, `1.5Gi`, `12e6`), exact to a billionth.
//!
//! ```
//! use conjector::k8s::Quantity;
//!
//! let memory = Quantity::parse("1536Mi").unwrap();
//! assert_eq!(memory.scaled_value(0), 1536 << 20);
//! assert_eq!(Quantity::parse("0.5").unwrap().to_string(), "500m");
//! assert_eq!(Quantity::parse("0.5").unwrap().scaled_value(0), 1); // whole numbers are rounded up
//! assert_eq!(Quantity::parse("1 Gi").unwrap_err().to_string(), "quantities must match the regular expression \
//!     '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
//! ```
//!
//! Go keeps small numbers as an integer with a scale and others as a big decimal; which of the two it is decides what
//! some getters give beyond 64 bits, and whether a text is kept as it was written.
//!
//! Source: k8s.io/apimachinery 0.36, `api/resource`.

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
    /// The value is `digits` × 10^`exponent`. Which of the possible exponents it is shows in [`Quantity::decimal`].
    exponent: i32,
    /// Go holds it as a 64-bit integer with a scale, not as a big decimal, which decides what its getters give.
    small: bool,
    format: Format,
    /// The text itself, where Go keeps it instead of a canonical form.
    kept: Option<String>,
}

/// 2^63 - 1, the most that a binary quantity may be.
const MAX: &[u8] = b"9223372036854775807";

/// How far exponents go in calculations; Go has no limit there, and dies of some. Texts keep larger ones.
pub const MAX_EXPONENT: i32 = 100_000;

/// The smallest power of ten that is told apart.
const NANO: i32 = -9;

impl Quantity {
    /// Reads a quantity as `resource.ParseQuantity` does.
    ///
    /// Errors: what is wrong with the text, with Go's words.
    pub fn parse(text: &str) -> Result<Quantity, QuantityError> {
        let parts = Parts::of(text)?;
        let (base_two, power, format) = suffix(parts.suffix).ok_or(QuantityError::Suffix)?;
        let whole = if parts.whole.is_empty() { "0" } else { parts.whole };
        let written: Vec<u8> = whole.bytes().chain(parts.fraction.bytes()).map(|b| b - b'0').collect();
        let mut quantity = Quantity {
            negative: parts.negative,
            exponent: if base_two { 0 } else { power }.wrapping_sub(parts.fraction.len() as i32),
            digits: written.clone(),
            small: true,
            format,
            kept: None,
        };
        if base_two {
            shift_left(&mut quantity.digits, power as u32);
        }
        strip(&mut quantity.digits);
        quantity.negative &= !quantity.is_zero();
        // Go's short way: the digits fit into 64 bits for sure.
        let room = match base_two {
            true if parts.fraction.is_empty() => 14 - whole.len() as i32 - power * 3 / 10,
            true => -1,
            false => 18 - written.len() as i32,
        };
        if room >= 0 && quantity.exponent >= NANO {
            let canonical = match base_two {
                true => whole.parse::<u64>().is_ok_and(|n| n % 8 != 0),
                false => quantity.exponent % 3 == 0 && !written.ends_with(&[0, 0, 0]) && written[0] != 0,
            };
            quantity.kept = (canonical || text == "0").then(|| text.to_owned());
            return Ok(quantity);
        }
        if !parts.has_digits {
            return Err(QuantityError::Numeric);
        }
        quantity.small = false;
        quantity.exponent = quantity.exponent.clamp(-MAX_EXPONENT, MAX_EXPONENT);
        if !quantity.is_zero() {
            (quantity.digits, quantity.exponent) = (quantity.rounded(NANO), NANO);
        }
        if base_two {
            let max = Quantity { digits: MAX.iter().map(|b| b - b'0').collect(), exponent: 0, ..quantity.clone() };
            if quantity.compare_magnitude(&max).is_gt() {
                return Ok(max);
            }
            if !quantity.negative && quantity.is_below_one() {
                quantity.format = Format::DecimalSi;
            }
        }
        Ok(quantity)
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
        !self.digits.is_empty() && self.digits.len() as i64 + i64::from(self.exponent) <= 0
    }

    fn compare_magnitude(&self, other: &Quantity) -> Ordering {
        let size =
            |q: &Quantity| if q.digits.is_empty() { i64::MIN } else { q.digits.len() as i64 + i64::from(q.exponent) };
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
        let small = self.small && other.small && digits.len() <= 18;
        Quantity { negative: negative && !digits.is_empty(), digits, exponent, small, format, kept: None }
    }

    /// The same value with the opposite sign.
    #[must_use]
    pub fn negated(&self) -> Quantity {
        Quantity { negative: !self.negative && !self.is_zero(), kept: None, ..self.clone() }
    }

    /// The value rounded up (away from zero) to a multiple of 10^`scale`, as decimal digits without sign.
    fn rounded(&self, scale: i32) -> Vec<u8> {
        let mut digits = self.digits.clone();
        let more = i64::from(self.exponent) - i64::from(scale);
        if more >= 0 {
            let zeros = if digits.is_empty() { 0 } else { more.min(i64::from(2 * MAX_EXPONENT)) };
            digits.extend(std::iter::repeat_n(0, zeros as usize));
            return digits;
        }
        let rest = digits.split_off(digits.len().saturating_sub(more.unsigned_abs() as usize));
        if rest.iter().any(|d| *d != 0) {
            increment(&mut digits);
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

    /// The value as a plain decimal number with all its digits, also zeros at the end of a fraction: `AsDec().String()`.
    pub fn decimal(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let mut digits = self.text();
        if self.exponent >= 0 {
            let zeros = if self.is_zero() { 0 } else { self.exponent.min(2 * MAX_EXPONENT) };
            digits.extend(std::iter::repeat_n('0', zeros as usize));
        } else {
            let fraction = self.exponent.unsigned_abs() as usize;
            digits = "0".repeat((fraction + 1).saturating_sub(digits.len())) + &digits;
            digits.insert(digits.len() - fraction, '.');
        }
        format!("{sign}{digits}")
    }

    /// The digits as text.
    fn text(&self) -> String {
        match self.is_zero() {
            true => "0".into(),
            false => self.digits.iter().map(|d| (d + b'0') as char).collect(),
        }
    }

    /// Rounded up (away from zero) to a multiple of 10^`scale`; the text is kept where nothing is to be done.
    #[must_use]
    pub fn round_up(&self, scale: i32) -> Quantity {
        match self.small && self.exponent >= scale {
            true => self.clone(),
            false => Quantity { digits: self.rounded(scale), exponent: scale, kept: None, ..*self },
        }
    }

    /// The integer value, as `AsInt64` gives it: only for whole numbers that were read the short way.
    pub fn as_i64(&self) -> Option<i64> {
        (self.small && self.exponent >= 0).then(|| self.checked(0)).flatten()
    }

    /// The digits at a scale that is not above the exponent; `None` where they do not fit into 64 bits.
    fn checked(&self, scale: i32) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        let fits = self.digits.len() as i64 + i64::from(self.exponent) - i64::from(scale) <= 19;
        let magnitude = fits.then(|| self.rounded(scale)).and_then(|d| integer(&d).to_i128())?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    /// The whole value in units of 10^`scale`, rounded up (away from zero), with all its digits; 0 for units, -3 for
    /// thousandths.
    pub fn scaled(&self, scale: i32) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", Quantity { digits: self.rounded(scale), ..self.clone() }.text())
    }

    /// The value in units of 10^`scale`, rounded up: 0 for `Value`, -3 for `MilliValue`. As in Go, what does not fit into
    /// 64 bits gives 0 or wraps around, and big fractions below zero are rounded the wrong way.
    pub fn scaled_value(&self, scale: i32) -> i64 {
        let signed = |wrapped: i64| if self.negative { wrapped.wrapping_neg() } else { wrapped };
        if self.small {
            // Go multiplies by these powers at once and ignores the overflow, by others step by step until it notices.
            return match i64::from(self.exponent) - i64::from(scale) {
                ..=3 | 6 | 9 => signed(integer(&self.rounded(scale)).wrapped()),
                _ => self.checked(scale).unwrap_or(0),
            };
        }
        let unscaled = integer(&self.digits);
        let less = scale.saturating_sub(self.exponent);
        if less <= 0 {
            let factor = 10i64.checked_pow(less.unsigned_abs()).unwrap_or(i64::MIN);
            return signed(unscaled.wrapped()).wrapping_mul(factor);
        }
        let below_max = self.negative || unscaled.to_i128().is_some_and(|n| n < i128::from(i64::MAX));
        if let (true, Some(divisor)) = (below_max && less < 19, 10i64.checked_pow(less.unsigned_abs())) {
            let wrapped = signed(unscaled.wrapped());
            return wrapped / divisor + i64::from(wrapped % divisor != 0);
        }
        let at = self.digits.len().saturating_sub(less.unsigned_abs() as usize);
        let (quotient, rest) = self.digits.split_at(at);
        let inexact = rest.iter().any(|d| *d != 0);
        // Division rounds down, then one is added.
        let down = integer(quotient).wrapped().wrapping_add(i64::from(self.negative && inexact));
        signed(down).wrapping_add(i64::from(inexact))
    }
}

/// An unsigned integer of decimal digits.
struct Integer<'a>(&'a [u8]);

fn integer(digits: &[u8]) -> Integer<'_> {
    Integer(digits)
}

impl Integer<'_> {
    fn to_i128(&self) -> Option<i128> {
        self.0.iter().try_fold(0i128, |n, d| n.checked_mul(10)?.checked_add(i128::from(*d)))
    }

    /// The low 64 bits.
    fn wrapped(&self) -> i64 {
        self.0.iter().fold(0i64, |n, d| n.wrapping_mul(10).wrapping_add(i64::from(*d)))
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
        let one_ki = || Quantity { digits: vec![1, 0, 2, 4], exponent: 0, ..self.clone() };
        if self.format == Format::BinarySi && self.compare_magnitude(&one_ki()).is_ge() {
            // Whole numbers; others would lose their fractions.
            let fraction = (-i64::from(self.exponent)).max(0) as usize;
            let whole = self.digits[self.digits.len().saturating_sub(fraction)..].iter().all(|d| *d == 0);
            let n = if whole { integer(&self.rounded(0)).to_i128() } else { None };
            if let Some(mut n) = n {
                let mut power = 0;
                while n >= 1024 && n % 1024 == 0 {
                    n /= 1024;
                    power += 1;
                }
                return write!(f, "{n}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(power).unwrap_or(&""));
            }
        }
        let zeros = self.digits.iter().rev().take_while(|d| **d == 0).count();
        let exponent = i64::from(self.exponent) + zeros as i64;
        let padding = exponent.rem_euclid(3);
        self.digits[..self.digits.len() - zeros].iter().try_for_each(|d| write!(f, "{d}"))?;
        (0..padding).try_for_each(|_| f.write_str("0"))?;
        match (self.format, exponent - padding) {
            (Format::DecimalExponent, 0) => Ok(()),
            (Format::DecimalExponent, e) => write!(f, "e{e}"),
            (_, e) => {
                // Beyond the last suffix there is none, and Go forgets the zeros.
                let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
                f.write_str(usize::try_from(e / 3 + 3).ok().and_then(|i| suffixes.get(i)).unwrap_or(&""))
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
    /// There is a digit before the suffix, be it a leading zero.
    has_digits: bool,
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
        let has_digits = text[..text.len() - rest.len()].bytes().any(|b| b.is_ascii_digit());
        Ok(Parts { negative, whole, fraction, suffix: rest, has_digits })
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
            // Go cuts off what 32 bits do not hold.
            Some((false, power as i32, Format::DecimalExponent))
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

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn getters_overflow_as_in_go() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert_eq!(quantity("1E").scaled_value(-3), 0);
        assert_eq!(quantity("029.63979715716Pi").scaled_value(-3), -3522043289338387565);
        assert_eq!(quantity("-021.47512184410").scaled_value(-3), -21474);
        assert_eq!(quantity("1.0").as_i64(), None);
        assert_eq!(quantity(".5Gi").decimal(), "536870912.000000000");
        assert_eq!(quantity("1000000E").to_string(), "1");
    }

    /// Exponents that no number holds end neither in a hang nor in endless memory.
    #[test]
    fn exponents_are_limited() {
        for text in ["1e2000000000", "-1e-2000000000", "1.5e9223372036854775807", "12345678901234567890e100001"] {
            let quantity = Quantity::parse(text).unwrap();
            quantity.scaled_value(-3);
            assert!(quantity.round_up(0).to_string().len() <= 2 * super::MAX_EXPONENT as usize);
            assert!(quantity.decimal().len() <= 3 * super::MAX_EXPONENT as usize);
            let _ = quantity.plus(&Quantity::parse("1n").unwrap());
        }
    }

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
