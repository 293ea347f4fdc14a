//! Injectors that are judged, besides the built-in simulator and a user's own type.

#[cfg(feature = "http")]
mod http;

#[cfg(feature = "http")]
pub use http::{Http, HttpOptions, Poster};

/// Headers between a target and a conjector server: the revision that is meant, and the trace of the answer.
pub mod header {
    /// The revision whose webhook is called.
    pub const REVISION: &str = "conjector-revision";
    /// Asks for the trace, and carries it back as base64 of a JSON list of steps.
    pub const TRACE: &str = "conjector-trace";
    /// The real injector would crash here; only clients that ask for the trace are told.
    pub const CRASH: &str = "conjector-crash";
}

/// Where a conjector server tells which configurations it answers for, as `{"contexts": […]}`.
pub const CONTEXTS_PATH: &str = "/conjector/contexts";

/// A text as one segment of a URL's path: everything but unreserved characters is percent-encoded.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text that was percent-encoded; `None` where it cannot have been.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| (b as char).to_digit(16));
        let (high, low) = (digit()?, digit()?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_paths() {
        let id = "decision/label[value=a%b,x=é]";
        let encoded = percent_encode(id);
        assert!(!encoded.contains('/') && !encoded.contains('['));
        assert_eq!(percent_decode(&encoded).as_deref(), Some(id));
        assert_eq!(percent_decode("%4"), None);
    }
}
