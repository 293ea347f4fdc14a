//! Addresses and prefixes as Go's `net/netip` and `net` packages read them, with their error texts.

use crate::go::strconv::quote;

/// The bytes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addr {
    /// Four bytes.
    V4([u8; 4]),
    /// Sixteen bytes; `true` with a zone.
    V6([u8; 16], bool),
}

/// What is wrong and the rest of the text at which it shows.
struct Problem<'a> {
    message: &'static str,
    at: &'a str,
}

fn problem<'a, T>(message: &'static str, at: &'a str) -> Result<T, Problem<'a>> {
    Err(Problem { message, at })
}

/// Reads an address, `netip.ParseAddr`.
///
/// Errors: Go's text.
pub fn parse_addr(text: &str) -> Result<Addr, String> {
    let parsed = match text.find(['.', ':', '%']).map(|i| text.as_bytes()[i]) {
        Some(b'.') => v4(text).map(Addr::V4),
        Some(b':') => v6(text),
        Some(_) => problem("missing IPv6 address", ""),
        None => problem("unable to parse IP", ""),
    };
    parsed.map_err(|Problem { message, at }| {
        let at = if at.is_empty() { String::new() } else { format!(" (at {})", quote(at)) };
        format!("ParseAddr({}): {message}{at}", quote(text))
    })
}

/// Checks `ADDRESS/BITS`, `netip.ParsePrefix`.
///
/// Errors: Go's text.
pub fn parse_prefix(text: &str) -> Result<(Addr, u8), String> {
    let failed = |message: String| format!("netip.ParsePrefix({}): {message}", quote(text));
    let (address, bits) = text.rsplit_once('/').ok_or_else(|| failed("no '/'".into()))?;
    let address = parse_addr(address).map_err(failed)?;
    let max = match address {
        Addr::V4(_) => 32,
        Addr::V6(_, false) => 128,
        Addr::V6(_, true) => return Err(failed("IPv6 zones cannot be present in a prefix".into())),
    };
    let bad = || failed(format!("bad bits after slash: {}", quote(bits)));
    // No sign, no leading zeros.
    if bits.is_empty() || !bits.bytes().all(|b| b.is_ascii_digit()) || bits.len() > 1 && bits.starts_with('0') {
        return Err(bad());
    }
    match bits.parse::<i64>() {
        Ok(bits) if bits <= max => Ok((address, bits as u8)),
        Ok(_) => Err(failed("prefix length out of range".into())),
        Err(_) => Err(bad()),
    }
}

/// `net.ParseCIDR`: `ADDRESS/BITS`, where the number may have leading zeros and no zone is taken.
///
/// Errors: Go's text.
pub fn parse_cidr(text: &str) -> Result<(), String> {
    let read = || {
        let (address, bits) = text.split_once('/')?;
        if address.contains('%') {
            return None;
        }
        let longest = if matches!(parse_addr(address).ok()?, Addr::V4(_)) { 32 } else { 128 };
        let digits = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
        (digits && bits.parse::<u64>().is_ok_and(|n| n <= longest)).then_some(())
    };
    read().ok_or_else(|| format!("invalid CIDR address: {text}"))
}

fn v4(text: &str) -> Result<[u8; 4], Problem<'_>> {
    let mut fields = [0; 4];
    let (mut field, mut value, mut digits) = (0, 0u32, 0);
    for (i, c) in text.char_indices() {
        match c {
            '0'..='9' => {
                if digits == 1 && value == 0 {
                    return problem("IPv4 field has octet with leading zero", "");
                }
                value = value * 10 + (c as u32 - '0' as u32);
                digits += 1;
                if value > 255 {
                    return problem("IPv4 field has value >255", "");
                }
            }
            '.' => {
                if digits == 0 || i + 1 == text.len() {
                    return problem("IPv4 field must have at least one digit", &text[i..]);
                }
                if field == 3 {
                    return problem("IPv4 address too long", "");
                }
                fields[field] = value as u8;
                field += 1;
                (value, digits) = (0, 0);
            }
            _ => return problem("unexpected character", &text[i..]),
        }
    }
    if field < 3 {
        return problem("IPv4 address too short", "");
    }
    fields[3] = value as u8;
    Ok(fields)
}

fn v6(text: &str) -> Result<Addr, Problem<'_>> {
    let (mut rest, zone) = match text.split_once('%') {
        Some((_, "")) => return problem("zone must be a non-empty string", ""),
        Some((address, _)) => (address, true),
        None => (text, false),
    };
    let mut bytes = [0u8; 16];
    let mut at = 0;
    // Where the zeros of `::` go.
    let mut gap = None;
    if let Some(after) = rest.strip_prefix("::") {
        gap = Some(0);
        rest = after;
        if rest.is_empty() {
            return Ok(Addr::V6(bytes, zone));
        }
    }
    while at < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return problem("each group must have 4 or fewer digits", rest);
        }
        if digits == 0 {
            return problem("each colon-separated field must have at least one digit", rest);
        }
        if rest[digits..].starts_with('.') {
            if gap.is_none() && at != 12 {
                return problem("embedded IPv4 address must replace the final 2 fields of the address", rest);
            }
            if at + 4 > 16 {
                return problem("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
            }
            bytes[at..at + 4].copy_from_slice(&v4(rest)?);
            rest = "";
            at += 4;
            break;
        }
        let value = u16::from_str_radix(&rest[..digits], 16).unwrap_or_default();
        bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
        at += 2;
        rest = &rest[digits..];
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else { return problem("unexpected character, want colon", rest) };
        if after.is_empty() {
            return problem("colon must be followed by more characters", rest);
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if gap.is_some() {
                return problem("multiple :: in address", rest);
            }
            gap = Some(at);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return problem("trailing garbage after address", rest);
    }
    match gap {
        None if at < 16 => problem("address string too short", ""),
        Some(_) if at == 16 => problem("the :: must expand to at least one field of zeros", ""),
        Some(gap) => {
            bytes.copy_within(gap..at, gap + 16 - at);
            bytes[gap..gap + 16 - at].fill(0);
            Ok(Addr::V6(bytes, zone))
        }
        None => Ok(Addr::V6(bytes, zone)),
    }
}

/// Splits `HOST:PORT` or `[HOST]:PORT`, `net.SplitHostPort`.
///
/// Errors: Go's text.
pub fn split_host_port(text: &str) -> Result<(&str, &str), String> {
    let failed = |message: &str| match text {
        "" => message.to_owned(),
        text => format!("address {text}: {message}"),
    };
    let colon = text.rfind(':').ok_or_else(|| failed("missing port in address"))?;
    let (host, brackets_from) = if text.starts_with('[') {
        let end = text.find(']').ok_or_else(|| failed("missing ']' in address"))?;
        if end + 1 == text.len() {
            return Err(failed("missing port in address"));
        }
        if end + 1 != colon {
            let after =
                if text[end + 1..].starts_with(':') { "too many colons in address" } else { "missing port in address" };
            return Err(failed(after));
        }
        (&text[1..end], (1, end + 1))
    } else {
        let host = &text[..colon];
        if host.contains(':') {
            return Err(failed("too many colons in address"));
        }
        (host, (0, 0))
    };
    if text[brackets_from.0..].contains('[') {
        return Err(failed("unexpected '[' in address"));
    }
    if text[brackets_from.1..].contains(']') {
        return Err(failed("unexpected ']' in address"));
    }
    Ok((host, &text[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (text, want) in [
            ("10.0.0.0/8", ""),
            ("::/0", ""),
            ("2001:db8::1.2.3.4/64", ""),
            ("10.0.0.0", "netip.ParsePrefix(\"10.0.0.0\"): no '/'"),
            ("10.0.0.0/08", "netip.ParsePrefix(\"10.0.0.0/08\"): bad bits after slash: \"08\""),
            ("10.0.0.0/33", "netip.ParsePrefix(\"10.0.0.0/33\"): prefix length out of range"),
            ("1.2.3/8", "netip.ParsePrefix(\"1.2.3/8\"): ParseAddr(\"1.2.3\"): IPv4 address too short"),
            (
                "1..3.4/8",
                "netip.ParsePrefix(\"1..3.4/8\"): ParseAddr(\"1..3.4\"): IPv4 field must have at least one digit (at \".3.4\")",
            ),
            ("fe80::1%eth0/64", "netip.ParsePrefix(\"fe80::1%eth0/64\"): IPv6 zones cannot be present in a prefix"),
            ("1:2/8", "netip.ParsePrefix(\"1:2/8\"): ParseAddr(\"1:2\"): address string too short"),
        ] {
            assert_eq!(parse_prefix(text).err().unwrap_or_default(), want);
        }
        assert_eq!(
            parse_addr("::ffff:1.2.3.4").unwrap(),
            Addr::V6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4], false)
        );
    }

    #[test]
    fn hosts_and_ports() {
        assert_eq!(split_host_port("[::1]:80"), Ok(("::1", "80")));
        assert_eq!(split_host_port("a:b:80").unwrap_err(), "address a:b:80: too many colons in address");
        assert_eq!(split_host_port("").unwrap_err(), "missing port in address");
        assert_eq!(split_host_port("a").unwrap_err(), "address a: missing port in address");
    }
}
