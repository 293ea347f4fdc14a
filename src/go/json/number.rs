use std::fmt;

/// A JSON number that remembers how it was written where that matters.
///
/// Two numbers are equal when their values are, whatever their spelling: `1`, `1.0` and `1e0` are one number.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Int(i64),
    Uint(u64),
    /// A float in Go's own spelling ([`super::format_float`]).
    Float(f64),
    /// Any other spelling: `1e3`, `30.0`, `-0`, integers of more than 64 bits.
    Text(Box<str>),
}

impl Number {
    /// The number as JSON text spells it. `text` must be a valid JSON number; the parser guarantees it.
    pub(super) fn from_text(text: &str) -> Number {
        let bytes = text.as_bytes();
        let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
        let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        if plain && text != "-0" {
            if let Ok(n) = text.parse::<i64>() {
                return Number(Repr::Int(n));
            }
            if let Ok(n) = text.parse::<u64>() {
                return Number(Repr::Uint(n));
            }
        }
        Number(Repr::Text(text.into()))
    }

    /// Reads `text` as a JSON number; `None` where JSON's grammar does not allow it (`+1`, `.5`, `0x1`, `1_000`).
    pub fn parse(text: &str) -> Option<Number> {
        super::parse::is_number(text).then(|| Number::from_text(text))
    }

    /// The value as a signed integer, when it was written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Int(n) => Some(n),
            _ => None,
        }
    }

    /// The value as an unsigned integer, when it was written as one and fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Int(n) => u64::try_from(n).ok(),
            Repr::Uint(n) => Some(n),
            _ => None,
        }
    }

    /// The nearest 64-bit float; infinite when the number is out of range.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(n) => *n as f64,
            Repr::Uint(n) => *n as f64,
            Repr::Float(n) => *n,
            Repr::Text(text) => text.parse().unwrap_or(f64::INFINITY),
        }
    }

    /// True when the number is written without a fraction and without an exponent.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(_) | Repr::Uint(_) => true,
            Repr::Float(_) => false,
            Repr::Text(text) => !text.contains(['.', 'e', 'E']),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(n) => n.fmt(f),
            Repr::Uint(n) => n.fmt(f),
            Repr::Float(n) => f.write_str(&super::format_float(*n)),
            Repr::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Uint(a), Repr::Uint(b)) => a == b,
            (Repr::Text(a), Repr::Text(b)) if a == b => true,
            _ => self.as_f64() == other.as_f64(),
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number(Repr::Int(n))
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Number {
        i64::try_from(n).map_or(Number(Repr::Uint(n)), Number::from)
    }
}

impl From<f64> for Number {
    /// A float prints as Go prints a `float64` in JSON. NaN and infinities have no JSON form; callers reject them.
    fn from(n: f64) -> Number {
        Number(Repr::Float(n))
    }
}
