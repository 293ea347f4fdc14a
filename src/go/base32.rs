//! Base32 as `encoding/base32` writes and reads it.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Standard base32 with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut block = [0; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            let digit = ALPHABET[(bits >> (35 - 5 * i) & 31) as usize];
            out.push(if i < digits { char::from(digit) } else { '=' });
        }
    }
    out
}

/// Reads standard base32 with padding; line breaks are passed over.
///
/// Errors: the offset of the first bad byte.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let bytes: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    let mut out = Vec::with_capacity(bytes.len() / 8 * 5);
    let mut at = 0;
    while at < bytes.len() {
        let (mut bits, mut digits) = (0u64, 0);
        while digits < 8 {
            let Some(&b) = bytes.get(at) else { return Err(at - digits) };
            at += 1;
            let left = bytes.len() - at;
            if b == b'=' && digits >= 2 && left < 8 {
                if left + digits < 7 {
                    return Err(bytes.len());
                }
                let padding = &bytes[at..at + 7 - digits];
                if let Some(k) = padding.iter().position(|b| *b != b'=') {
                    return Err(at + k - 1);
                }
                // Only other numbers of digits make whole bytes.
                if matches!(digits, 3 | 6) {
                    return Err(at - 1);
                }
                at = bytes.len();
                break;
            }
            let digit = ALPHABET.iter().position(|d| *d == b).ok_or(at - 1)?;
            bits |= (digit as u64) << (35 - 5 * digits);
            digits += 1;
        }
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + digits * 5 / 8]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode(&encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encode(b"foobar"), "MZXW6YTBOI======");
        assert_eq!(decode("a"), Err(0));
        assert_eq!((decode("MFRA"), decode("MFRA=="), decode("MF======")), (Err(0), Err(6), Ok(b"a".to_vec())));
    }
}
