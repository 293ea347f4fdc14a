//! Go's `net/url`: taking URLs apart and putting them together.
//!
//! ```
//! use conjector::go::url::Url;
//!
//! let url = Url::parse("https://u@h:8080/a%20b?q=1#f").unwrap();
//! assert_eq!((url.host.as_str(), url.path.as_str(), url.raw_query.as_str()), ("h:8080", "/a b", "q=1"));
//! assert_eq!(url.to_string(), "https://u@h:8080/a%20b?q=1#f");
//! assert_eq!(Url::parse(":x").unwrap_err(), r#"parse ":x": missing protocol scheme"#);
//! ```

use std::fmt;

use crate::go::strconv::quote;

/// The parts of a URL, decoded where the name does not say `raw`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// Before the first colon, in lower case.
    pub scheme: String,
    /// What follows the scheme where no slash does.
    pub opaque: String,
    /// User and, where there is a colon, password.
    pub user: Option<(String, Option<String>)>,
    /// Host with port.
    pub host: String,
    /// The path.
    pub path: String,
    /// Behind `?`.
    pub raw_query: String,
    /// There is a `?` with nothing behind it.
    pub force_query: bool,
    /// Behind `#`.
    pub fragment: String,
}

/// The part that a text stands in: each leaves other characters alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    User,
    Fragment,
}

impl Url {
    /// Takes a URL apart.
    ///
    /// Errors: Go's text, `parse "…": …`.
    pub fn parse(text: &str) -> Result<Url, String> {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Url::without_fragment(rest).map_err(|e| format!("parse {}: {e}", quote(rest)))?;
        url.fragment = unescape(fragment, Part::Fragment).map_err(|e| format!("parse {}: {e}", quote(text)))?;
        Ok(url)
    }

    fn without_fragment(text: &str) -> Result<Url, String> {
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err("net/url: invalid control character in URL".into());
        }
        let mut url = Url::default();
        if text == "*" {
            url.path = "*".into();
            return Ok(url);
        }
        let (scheme, mut rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        if rest.ends_with('?') && rest.matches('?').count() == 1 {
            url.force_query = true;
            rest = &rest[..rest.len() - 1];
        } else if let Some((before, query)) = rest.split_once('?') {
            url.raw_query = query.to_owned();
            rest = before;
        }
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            // Else it could be taken for a scheme.
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".into());
            }
        }
        if (!url.scheme.is_empty() || !rest.starts_with("///"))
            && let Some(after) = rest.strip_prefix("//")
        {
            let end = after.find('/').unwrap_or(after.len());
            url.authority(&after[..end])?;
            rest = &after[end..];
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    fn authority(&mut self, text: &str) -> Result<(), String> {
        let (user, host) = match text.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, text),
        };
        self.host = parse_host(host)?;
        let Some(user) = user else { return Ok(()) };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
        if !user.bytes().all(allowed) {
            return Err("net/url: invalid userinfo".into());
        }
        let (name, password) = match user.split_once(':') {
            Some((name, password)) => (name, Some(unescape(password, Part::User)?)),
            None => (user, None),
        };
        self.user = Some((unescape(name, Part::User)?, password));
        Ok(())
    }

    /// The host without its port and brackets.
    pub fn hostname(&self) -> &str {
        let host = match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &self.host,
        };
        host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
    }

    /// User and password as they stand in a URL; empty without.
    pub fn userinfo(&self) -> String {
        match &self.user {
            Some((name, Some(password))) => format!("{}:{}", escape(name, Part::User), escape(password, Part::User)),
            Some((name, None)) => escape(name, Part::User),
            None => String::new(),
        }
    }
}

/// The URL with all parts escaped as Go escapes them. (A parsed `url.URL` of Go also remembers how its path was written.)
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(f, "{}:", self.scheme)?;
        }
        if !self.opaque.is_empty() {
            f.write_str(&self.opaque)?;
        } else {
            let path = escape(&self.path, Part::Path);
            if !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some() {
                if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                    f.write_str("//")?;
                }
                if self.user.is_some() {
                    write!(f, "{}@", self.userinfo())?;
                }
                f.write_str(&escape(&self.host, Part::Host))?;
            }
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                f.write_str("/")?;
            }
            let nothing_before = self.scheme.is_empty() && self.host.is_empty() && self.user.is_none();
            if nothing_before && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
                f.write_str("./")?;
            }
            f.write_str(&path)?;
        }
        if self.force_query || !self.raw_query.is_empty() {
            write!(f, "?{}", self.raw_query)?;
        }
        if !self.fragment.is_empty() {
            write!(f, "#{}", escape(&self.fragment, Part::Fragment))?;
        }
        Ok(())
    }
}

/// The scheme, where there is one, and what follows its colon.
fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' if i == 0 => return Err("missing protocol scheme".into()),
            b':' => return Ok((&text[..i], &text[i + 1..])),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

fn parse_host(text: &str) -> Result<String, String> {
    let is_port =
        |port: &str| port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    if text.starts_with('[') {
        let end = text.rfind(']').ok_or("missing ']' in host")?;
        if !is_port(&text[end + 1..]) {
            return Err(format!("invalid port {} after host", quote(&text[end + 1..])));
        }
    } else if let Some(i) = text.rfind(':')
        && !is_port(&text[i..])
    {
        return Err(format!("invalid port {} after host", quote(&text[i..])));
    }
    unescape(text, Part::Host)
}

fn unescape(text: &str, part: Part) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let b = bytes[i];
        if b == b'%' {
            let digits = text.get(i + 1..i + 3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let Some(byte) = digits.and_then(|d| u8::from_str_radix(d, 16).ok()) else {
                let end = (i + 3).min(text.len());
                let shown = String::from_utf8_lossy(&bytes[i..end]).into_owned();
                return Err(format!("invalid URL escape {}", quote(&shown)));
            };
            // Only bytes that are no ASCII may be escaped in a host.
            if part == Part::Host && byte < 0x80 && byte != b'%' {
                return Err(format!("invalid URL escape {}", quote(&text[i..i + 3])));
            }
            out.push(byte);
            i += 3;
            continue;
        }
        if part == Part::Host && b < 0x80 && !stays(b, part) {
            return Err(format!("invalid character {} in host name", quote(&text[i..=i])));
        }
        out.push(b);
        i += 1;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Whether a byte stands in the part without being escaped.
fn stays(b: u8, part: Part) -> bool {
    if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
        return true;
    }
    match part {
        Part::Host => b"!$&'()*+,;=:[]<>\"".contains(&b),
        Part::Path => b"$&+,/:;=@".contains(&b),
        Part::User => b"$&+,;=".contains(&b),
        Part::Fragment => b"$&+,/:;=?@!()*".contains(&b),
    }
}

fn escape(text: &str, part: Part) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if stays(b, part) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
