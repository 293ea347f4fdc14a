//! Numbers for `Printf`: bases, signs, precision, exponents.

use super::verb::Spec;
use crate::go::strconv;

/// More digits than any float has; behind them there are only zeros.
const MOST_DIGITS: usize = 1100;

/// A text with zeros before it up to a width. Rust's own padding is bounded.
pub(super) fn zeros(text: &str, width: usize) -> String {
    "0".repeat(width.saturating_sub(text.len())) + text
}

/// An integer in a base, with sign, prefix, precision and zero padding as the flags ask.
pub(super) fn integer(negative: bool, magnitude: u64, verb: char, spec: &Spec) -> String {
    let digits = match verb {
        'b' => format!("{magnitude:b}"),
        'o' | 'O' => format!("{magnitude:o}"),
        'x' => format!("{magnitude:x}"),
        'X' => format!("{magnitude:X}"),
        _ => magnitude.to_string(),
    };
    let mut digits = digits;
    if let Some(precision) = spec.precision {
        if precision == 0 && magnitude == 0 {
            return String::new();
        }
        digits = zeros(&digits, precision);
    } else if spec.zero && !spec.minus && spec.width.is_some() {
        let sign = usize::from(negative || spec.plus || spec.space);
        let width = spec.width.unwrap_or(0).saturating_sub(sign);
        digits = zeros(&digits, width);
    }
    let prefix = match verb {
        'O' if spec.sharp && !digits.starts_with('0') => "0o0",
        'O' => "0o",
        'b' if spec.sharp => "0b",
        'o' if spec.sharp && !digits.starts_with('0') => "0",
        'x' if spec.sharp => "0x",
        'X' if spec.sharp => "0X",
        _ => "",
    };
    let sign = sign(negative, spec);
    format!("{sign}{prefix}{digits}")
}

/// What stands before a number.
fn sign(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec) {
        (true, _) => "-",
        (_, Spec { plus: true, .. }) => "+",
        (_, Spec { space: true, .. }) => " ",
        _ => "",
    }
}

/// A float for the verbs `e E f g G b x X`, with sign and zeros, without blanks around.
pub(super) fn float(n: f64, bits: u8, verb: char, precision: Option<usize>, spec: &Spec) -> String {
    let abs = n.abs();
    let mut text = if n.is_nan() {
        "NaN".to_owned()
    } else if n.is_infinite() {
        "Inf".to_owned()
    } else {
        match (verb.to_ascii_lowercase(), precision) {
            ('f', p) => {
                let p = p.unwrap_or(6);
                let text = format!("{abs:.*}", p.min(MOST_DIGITS));
                text + &"0".repeat(p.saturating_sub(MOST_DIGITS))
            }
            ('e', p) => {
                let p = p.unwrap_or(6);
                let text = strconv::pad_exponent(&format!("{abs:.*e}", p.min(MOST_DIGITS)));
                text.replacen('e', &("0".repeat(p.saturating_sub(MOST_DIGITS)) + "e"), 1)
            }
            ('g', Some(p)) => general(abs, p.clamp(1, MOST_DIGITS)),
            ('b', _) => binary(abs, bits),
            ('x', _) => hexadecimal(abs, precision),
            _ => strconv::format_float(abs, 'g', bits),
        }
    };
    if spec.sharp && verb != 'b' && n.is_finite() {
        text = with_point(&text, verb, precision);
    }
    if verb.is_ascii_uppercase() {
        text = text.to_ascii_uppercase();
    }
    let negative = n.is_sign_negative() && !n.is_nan();
    let sign = match sign(negative, spec) {
        "" if n.is_infinite() => "+",
        sign => sign,
    };
    if spec.zero
        && !spec.minus
        && n.is_finite()
        && let Some(width) = spec.width
    {
        let width = width.saturating_sub(sign.len());
        text = zeros(&text, width);
    }
    format!("{sign}{text}")
}

/// `#`: there is always a point, and `g` and `x` keep zeros up to their precision (6 without one).
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let is_hex = matches!(verb, 'x' | 'X');
    let exponent = text.find(|c: char| matches!(c, 'p' | 'P') || !is_hex && matches!(c, 'e' | 'E'));
    let (number, exponent) = text.split_at(exponent.unwrap_or(text.len()));
    let wanted = if matches!(verb, 'g' | 'G' | 'x') { precision.unwrap_or(6) } else { 0 };
    // Digits count from the first that is no zero.
    let mut digits = number.chars().filter(|c| *c != '.').skip_while(|c| *c == '0').count();
    let mut out = number.to_owned();
    if !number.contains('.') {
        digits += usize::from(number == "0");
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', wanted.saturating_sub(digits)));
    out + exponent
}

/// `%.{p}g`: `p` significant digits, trailing zeros dropped, an exponent below 1e-4 and from `p` digits on.
fn general(n: f64, p: usize) -> String {
    let scientific = format!("{n:.*e}", p - 1);
    let Some((_, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= p as i32 {
        let (digits, _) = scientific.split_once('e').unwrap_or((&scientific, ""));
        return strconv::pad_exponent(&format!("{}e{exponent}", trim(digits)));
    }
    let decimals = (p as i32 - 1 - exponent).max(0) as usize;
    trim(&format!("{n:.decimals$}"))
}

/// `%b`: the mantissa and the exponent of two.
fn binary(n: f64, bits: u8) -> String {
    let (mantissa, exponent) = if bits == 32 {
        let raw = (n as f32).to_bits();
        let exponent = (raw >> 23 & 0xff) as i32;
        let mantissa = u64::from(raw & 0x7f_ffff);
        if exponent == 0 { (mantissa, -149) } else { (mantissa | 1 << 23, exponent - 150) }
    } else {
        let raw = n.to_bits();
        let exponent = (raw >> 52 & 0x7ff) as i32;
        let mantissa = raw & ((1 << 52) - 1);
        if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) }
    };
    format!("{mantissa}p{exponent:+}")
}

/// `%x` of a float: `0x1.8p+01`.
fn hexadecimal(n: f64, precision: Option<usize>) -> String {
    if n == 0.0 {
        return match precision {
            Some(p) if p > 0 => format!("0x0.{}p+00", "0".repeat(p)),
            _ => "0x0p+00".into(),
        };
    }
    let raw = n.to_bits();
    let mut exponent = (raw >> 52 & 0x7ff) as i32 - 1023;
    let mut mantissa = raw & ((1 << 52) - 1);
    if exponent == -1023 {
        let shift = mantissa.leading_zeros() - 11;
        mantissa = mantissa << shift & ((1 << 52) - 1);
        exponent = -1022 - shift as i32;
    }
    let mut lead = 1;
    let mut digits = format!("{mantissa:013x}");
    match precision {
        None => digits = digits.trim_end_matches('0').to_owned(),
        Some(p) if p < 13 => {
            let drop = 4 * (13 - p) as u32;
            let half = 1u64 << (drop - 1);
            let whole = 1u64 << 52 | mantissa;
            let rest = whole & ((1 << drop) - 1);
            let mut kept = whole >> drop;
            if rest > half || rest == half && kept & 1 == 1 {
                kept += 1;
            }
            lead = kept >> (4 * p);
            if lead == 2 {
                lead = 1;
                exponent += 1;
                kept >>= 1;
            }
            let fraction = kept & ((1u64 << (4 * p)) - 1);
            digits = if p == 0 { String::new() } else { format!("{fraction:0p$x}") };
        }
        Some(p) => digits += &"0".repeat(p.saturating_sub(digits.len())),
    }
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{lead}{point}{digits}p{sign}{:02}", exponent.abs())
}
