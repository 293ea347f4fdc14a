//! Decimal arithmetic: sprig's float functions compute without binary rounding.

use crate::go::strconv;

/// A number as digits and a power of ten; `None` where more digits are needed than fit here.
#[derive(Clone, Copy)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

/// An operation of two decimals. Errors: the text of the panic. `None`: too many digits.
pub(super) type Operation = fn(Decimal, Decimal) -> Result<Option<Decimal>, String>;

/// Digits behind the point of a quotient.
const PRECISION: i32 = 16;

impl Decimal {
    /// The shortest digits that give the float again.
    fn new(n: f64) -> Result<Decimal, String> {
        if !n.is_finite() {
            let name = strconv::format_float(n, 'g', 64);
            return Err(format!("Cannot create a Decimal from {name}"));
        }
        let text = format!("{n:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent = exponent.parse::<i32>().unwrap_or(0) - fraction.len() as i32;
        Ok(Decimal { digits, exponent })
    }

    fn float(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(0.0)
    }

    /// The digits for a smaller exponent.
    fn scaled(self, exponent: i32) -> Option<i128> {
        let power = u32::try_from(self.exponent - exponent).ok()?;
        self.digits.checked_mul(10i128.checked_pow(power)?)
    }
}

/// The operation on all numbers from left to right.
///
/// Errors: the text of Go's panic.
pub(super) fn fold(first: f64, rest: impl Iterator<Item = f64>, operation: Operation) -> Result<f64, String> {
    let mut sum = Decimal::new(first)?;
    for n in rest {
        sum = operation(sum, Decimal::new(n)?)?.ok_or("the numbers have too many digits")?;
    }
    Ok(sum.float())
}

pub(super) fn add(a: Decimal, b: Decimal) -> Result<Option<Decimal>, String> {
    let exponent = a.exponent.min(b.exponent);
    let sum = || a.scaled(exponent)?.checked_add(b.scaled(exponent)?);
    Ok(sum().map(|digits| Decimal { digits, exponent }))
}

pub(super) fn sub(a: Decimal, b: Decimal) -> Result<Option<Decimal>, String> {
    add(a, Decimal { digits: -b.digits, ..b })
}

pub(super) fn mul(a: Decimal, b: Decimal) -> Result<Option<Decimal>, String> {
    let digits = a.digits.checked_mul(b.digits);
    Ok(digits.map(|digits| Decimal { digits, exponent: a.exponent + b.exponent }))
}

/// Rounded half away from zero to 16 digits behind the point.
pub(super) fn div(a: Decimal, b: Decimal) -> Result<Option<Decimal>, String> {
    if b.digits == 0 {
        return Err("decimal division by 0".into());
    }
    let shift = a.exponent - b.exponent + PRECISION;
    let power = |n: i32| 10i128.checked_pow(n.unsigned_abs());
    let quotient = || {
        let (above, below) = match shift >= 0 {
            true => (a.digits.checked_mul(power(shift)?)?, b.digits),
            false => (a.digits, b.digits.checked_mul(power(shift)?)?),
        };
        let (whole, rest) = (above / below, above % below);
        let away = if (above < 0) == (below < 0) { 1 } else { -1 };
        let up = rest.unsigned_abs().checked_mul(2)? >= below.unsigned_abs();
        Some(if up { whole + away } else { whole })
    };
    Ok(quotient().map(|digits| Decimal { digits, exponent: -PRECISION }))
}
