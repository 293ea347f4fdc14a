//! Go's `regexp`: patterns are checked with Go's error texts and then run by the `regex` crate, which finds the same.
//!
//! ```
//! use conjector::go::regexp::Regexp;
//!
//! let regexp = Regexp::compile(r"(?P<first>a)(x*)").unwrap();
//! assert_eq!(regexp.replace_all("ax-a", "<$2${first}>"), "<xa>-<a>");
//! assert_eq!(regexp.split("1ax2a3", -1), ["1", "2", "3"]);
//! assert_eq!(Regexp::compile("a(b").unwrap_err(), "error parsing regexp: missing closing ): `a(b`");
//! ```

mod translate;

use regex::{Captures, Regex};

use crate::go::strconv;

/// How large a compiled pattern may become, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub struct Regexp {
    regex: Regex,
    /// Names of the groups from the first on; several may have the same.
    names: Vec<String>,
}

impl Regexp {
    /// Compiles a pattern.
    ///
    /// Errors: Go's text, `error parsing regexp: …`.
    pub fn compile(pattern: &str) -> Result<Regexp, String> {
        let fail = |message: String| format!("error parsing regexp: {message}");
        let translated = translate::translate(pattern).map_err(fail)?;
        let built = regex::RegexBuilder::new(&translated.pattern).size_limit(MAX_SIZE).build();
        let regex = built.map_err(|_| fail(format!("expression too large: `{pattern}`")))?;
        Ok(Regexp { regex, names: translated.names })
    }

    /// Compiles a pattern for a function that has no error to give.
    ///
    /// Errors: the text of Go's panic.
    pub fn must_compile(pattern: &str) -> Result<Regexp, String> {
        Regexp::compile(pattern).map_err(|error| {
            let plain = !pattern.contains(['`', '\u{feff}']) && pattern.chars().all(|c| c == '\t' || !c.is_control());
            let shown = if plain { format!("`{pattern}`") } else { strconv::quote(pattern) };
            format!("regexp: Compile({shown}): {error}")
        })
    }

    /// True where the pattern is found in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The first match.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.regex.find(text).map(|m| m.as_str())
    }

    /// The matches in order, none within another.
    pub fn find_all<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.regex.find_iter(text).map(|m| m.as_str())
    }

    /// Every match replaced by a template, in which `$1` and `${name}` stand for groups.
    pub fn replace_all(&self, text: &str, template: &str) -> String {
        self.regex.replace_all(text, |found: &Captures<'_>| self.expand(found, template)).into_owned()
    }

    /// Every match replaced by a text.
    pub fn replace_all_literal(&self, text: &str, by: &str) -> String {
        self.regex.replace_all(text, regex::NoExpand(by)).into_owned()
    }

    /// The pieces between matches: at most `n`, all for a negative number.
    pub fn split<'t>(&self, text: &'t str, n: i64) -> Vec<&'t str> {
        if n == 0 {
            return Vec::new();
        }
        if !self.regex.as_str().is_empty() && text.is_empty() {
            return vec![""];
        }
        let limit = usize::try_from(n).unwrap_or(usize::MAX);
        let mut pieces = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for found in self.regex.find_iter(text).take(limit) {
            if pieces.len() + 1 == limit {
                break;
            }
            end = found.start();
            if found.end() != 0 {
                pieces.push(&text[begin..end]);
            }
            begin = found.end();
        }
        if end != text.len() {
            pieces.push(&text[begin..]);
        }
        pieces
    }

    fn expand(&self, found: &Captures<'_>, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            match reference(rest) {
                Some((name, after)) => {
                    out.push_str(self.group(found, name));
                    rest = after;
                }
                None => out.push('$'),
            }
        }
        out + rest
    }

    fn group<'t>(&self, found: &Captures<'t>, name: &str) -> &'t str {
        let is_number = name.bytes().all(|b| b.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
        let text = |i: usize| found.get(i).map(|m| m.as_str());
        if is_number && let Ok(n) = name.parse() {
            return text(n).unwrap_or_default();
        }
        let named = self.names.iter().enumerate().filter(|(_, n)| *n == name);
        named.filter_map(|(i, _)| text(i + 1)).next().unwrap_or_default()
    }
}

/// The name that follows a `$`, braces dropped, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braced, text) = text.strip_prefix('{').map_or((false, text), |inside| (true, inside));
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = if braced { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::Regexp;

    #[test]
    fn refuses_as_go_does() {
        for (pattern, error) in [
            ("(", "missing closing ): `(`"),
            ("a)", "unexpected ): `a)`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("(?i)*", "missing argument to repetition operator: `*`"),
            ("a|+?", "missing argument to repetition operator: `+?`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a???", "invalid nested repetition operator: `???`"),
            ("[a", "missing closing ]: `[a`"),
            ("[[:alpha:]", "missing closing ]: `[[:alpha:]`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("[a--b]", "invalid character class range: `a--`"),
            ("[a-\\d]", "invalid escape sequence: `\\d`"),
            ("\\p{Foo}", "invalid character class range: `\\p{Foo}`"),
            ("\\p{Hex_Digit}", "invalid character class range: `\\p{Hex_Digit}`"),
            ("\\y", "invalid escape sequence: `\\y`"),
            ("\\x{110000}", "invalid escape sequence: `\\x{110000`"),
            ("\\8", "invalid escape sequence: `\\8`"),
            ("\\1", "invalid escape sequence: `\\1`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("(a{500}){3}", "invalid repeat count: `{3}`"),
            ("(?x)", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?P", "invalid or unsupported Perl syntax: `(?P`"),
            ("(?P<n", "invalid named capture: `(?P<n`"),
            ("\\", "trailing backslash at end of expression: ``"),
        ] {
            assert_eq!(Regexp::compile(pattern).unwrap_err(), format!("error parsing regexp: {error}"));
        }
    }

    #[test]
    fn finds_as_go_does() {
        for (pattern, text) in [
            ("{\"a\":[1,null]}", "{\"a\":,}"),
            ("a{,2}", "a{,2}"),
            (r"[\d\-x]+$", "1-x"),
            ("[[a]+", "[a"),
            ("[]a]", "]"),
            (r"\Qa.b\E+", "a.bb"),
            (r"(?ii)A\x{62}\103", "abC"),
            (r"\p{^Greek}\pL", "1é"),
            ("(?P<n>a)(?P<n>b)", "ab"),
            ("^*x", "x"),
        ] {
            assert!(Regexp::compile(pattern).unwrap().is_match(text), "{pattern}");
        }
        assert!(!Regexp::compile(r"^\w$").unwrap().is_match("é"));
        let digits = Regexp::compile("[0-9]*").unwrap();
        assert_eq!(digits.split("a1b", 2), ["a", "b"]);
        assert_eq!(digits.split("", -1), [""]);
        assert_eq!(digits.replace_all("a1", "$$-$-${-$1a-${0}"), "$-$-${--a$-$-${--1");
    }
}
