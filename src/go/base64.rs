//! Base64 as `encoding/base64` writes and reads it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What is no digit.
const NONE: u8 = 0xff;

/// The value of each digit by its byte.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
};

/// Standard base64 with padding.
pub fn encode(bytes: &[u8]) -> String {
    let digits = |n: u32| [18, 12, 6, 0].map(|shift| ALPHABET[(n >> shift & 63) as usize]);
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let (triples, rest) = bytes.as_chunks::<3>();
    for &[a, b, c] in triples {
        out.extend_from_slice(&digits(u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c)));
    }
    if let Some(&a) = rest.first() {
        let [first, second, third, _] = digits(u32::from(a) << 16 | u32::from(*rest.get(1).unwrap_or(&0)) << 8);
        out.extend_from_slice(&[first, second, if rest.len() == 2 { third } else { b'=' }, b'=']);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Reads standard base64 with padding; line breaks are passed over.
///
/// Errors: the offset of the first bad byte.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    // Whole groups of digits, as nearly all texts are but for their end.
    let (groups, _) = text.as_bytes().as_chunks::<4>();
    let mut plain = 0;
    for group in groups {
        let values = group.map(|b| VALUES[b as usize]);
        if values.contains(&NONE) {
            break;
        }
        let n = values.iter().fold(0, |n, value| n << 6 | u32::from(*value));
        out.extend_from_slice(&n.to_be_bytes()[1..]);
        plain += 4;
    }
    rest(text, plain, &mut out)?;
    Ok(out)
}

/// The groups from `start` on, with line breaks and padding.
fn rest(text: &str, start: usize, out: &mut Vec<u8>) -> Result<(), usize> {
    let digits = text.bytes().enumerate().skip(start);
    let digits: Vec<(usize, u8)> = digits.filter(|(_, b)| !matches!(b, b'\n' | b'\r')).collect();
    let mut groups = digits.chunks(4).peekable();
    while let Some(group) = groups.next() {
        let padding = group.iter().rev().take_while(|(_, b)| *b == b'=').count();
        let last = groups.peek().is_none();
        let mut n = 0u32;
        for (i, (at, b)) in group.iter().enumerate() {
            let value = match VALUES[*b as usize] {
                NONE if *b == b'=' && last && padding <= 2 && i >= 4 - padding => 0,
                NONE => return Err(*at),
                value => value,
            };
            n = n << 6 | u32::from(value);
        }
        if group.len() < 4 {
            // Go counts from what is missing back to the last whole group.
            let padded = group.iter().any(|(_, b)| *b == b'=');
            return Err(if padded { text.len() } else { text.len() - group.len() });
        }
        out.extend_from_slice(&n.to_be_bytes()[1..4 - padding]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_and_back() {
        for (text, encoded) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
            assert_eq!(super::encode(text.as_bytes()), encoded);
            assert_eq!(super::decode(encoded).unwrap(), text.as_bytes());
        }
        assert_eq!(super::decode("YWJj\r\nZA\n==").unwrap(), b"abcd");
        assert_eq!(super::decode("YW=="), Ok(b"a".to_vec()));
        assert_eq!(super::decode("YW==YW=="), Err(2));
        assert_eq!(super::decode("YW*j"), Err(2));
        assert_eq!(super::decode("YWJ"), Err(0));
    }
}
