//! Base64 as `encoding/base64` writes and reads it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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
    let bytes: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\n' | b'\r')).collect();
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut chunks = bytes.chunks(4).peekable();
    while let Some(chunk) = chunks.next() {
        let padding = chunk.iter().rev().take_while(|(_, b)| *b == b'=').count();
        let last = chunks.peek().is_none();
        let mut n = 0u32;
        for (i, (at, b)) in chunk.iter().enumerate() {
            let digit = match b {
                b'=' if last && padding <= 2 && i >= 4 - padding => 0,
                b => ALPHABET.iter().position(|a| a == b).ok_or(*at)?,
            };
            n = n << 6 | digit as u32;
        }
        if chunk.len() < 4 {
            // Go counts from what is missing back to the last whole group.
            let padded = chunk.iter().any(|(_, b)| *b == b'=');
            return Err(if padded { text.len() } else { text.len() - chunk.len() });
        }
        out.extend_from_slice(&n.to_be_bytes()[1..4 - padding]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_and_back() {
        for (text, encoded) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
            assert_eq!(super::encode(text.as_bytes()), encoded);
            assert_eq!(super::decode(encoded).unwrap(), text.as_bytes());
        }
        assert_eq!(super::decode("YW*j"), Err(2));
        assert_eq!(super::decode("YWJ"), Err(0));
    }
}
