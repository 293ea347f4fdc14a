//! Identifiers in other spellings, as huandu/xstrings makes them.

use super::super::functions::Functions;
use super::super::value::Value;

pub(super) fn register(f: &mut Functions) {
    f.add("camelcase", "string", |c| Ok(Value::string(camel(c.str(0)))));
    f.add("snakecase", "string", |c| Ok(Value::string(joined(c.str(0), '_'))));
    f.add("kebabcase", "string", |c| Ok(Value::string(joined(c.str(0), '-'))));
}

fn is_connector(c: char) -> bool {
    matches!(c, '-' | '_') || c.is_whitespace()
}

/// One character in upper case; those that would become several stay.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Letters of two with the first one large, between their large and small forms.
const TITLES: [char; 4] = ['\u{1c5}', '\u{1c8}', '\u{1cb}', '\u{1f2}'];

/// One character as the first of a word.
pub(super) fn title(c: char) -> char {
    TITLES.into_iter().find(|t| (*t as u32).abs_diff(c as u32) <= 1).unwrap_or_else(|| upper(c))
}

/// True for letters of two with the first one large.
pub(super) fn is_title(c: char) -> bool {
    TITLES.contains(&c)
}

/// One character in lower case.
pub(super) fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Words begin with a capital; a single connector between two words goes, of several the first stays.
fn camel(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let leading = chars.iter().take_while(|c| is_connector(**c)).count();
    let mut out: String = chars[..leading].iter().collect();
    let Some(&first) = chars.get(leading) else {
        // The last connector is counted twice.
        out.extend(chars.last());
        return out;
    };
    let rest = &chars[leading + 1..];
    if rest.is_empty() {
        out.push(upper(first));
        return out;
    }
    let mut previous = upper(first);
    // Capitals that follow a capital at the beginning of a word become small.
    let mut shouting = first.is_uppercase();
    for &c in rest {
        let mut next = c;
        if is_connector(previous) && is_connector(c) {
            out.push(previous);
        } else if is_connector(previous) {
            shouting = c.is_uppercase();
            next = upper(c);
        } else {
            shouting &= c.is_uppercase();
            if shouting {
                next = lower(c);
            }
            out.push(previous);
        }
        previous = next;
    }
    out.push(previous);
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Letters of scripts with cases; other letters are words of their own.
fn is_alphabet(c: char) -> bool {
    c.is_alphabetic() && (c.is_lowercase() || c.is_uppercase())
}

fn is_punctuation(c: char) -> bool {
    match c.is_ascii() {
        // Symbols are no punctuation to Unicode.
        true => c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c),
        false => {
            matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3003}')
        }
    }
}

/// Splits at changes of kind; the last of several capitals belongs to the word that follows.
fn words(text: &str) -> Vec<(Kind, String)> {
    let chars: Vec<char> = text.chars().collect();
    let run =
        |from: usize, holds: &dyn Fn(char) -> bool| from + chars[from..].iter().take_while(|c| holds(**c)).count();
    let is_lower_part = |c: char| is_alphabet(c) && !c.is_uppercase();
    let mut words = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let (kind, end) = if is_connector(c) {
            (Kind::Connector, run(at, &is_connector))
        } else if is_punctuation(c) {
            (Kind::Punctuation, run(at, &is_punctuation))
        } else if c.is_uppercase() {
            let capitals = run(at, &char::is_uppercase);
            let followed = chars.get(capitals).is_some_and(|c| is_alphabet(*c));
            let end = match capitals - at {
                1 => run(capitals, &is_lower_part),
                _ if followed => capitals - 1,
                _ => capitals,
            };
            (Kind::Upper, end)
        } else if is_alphabet(c) {
            (Kind::Alphabet, run(at, &is_lower_part))
        } else if c.is_numeric() {
            (Kind::Number, run(at, &char::is_numeric))
        } else {
            let other = |c: char| {
                !is_connector(c) && !is_punctuation(c) && !c.is_uppercase() && !is_alphabet(c) && !c.is_numeric()
            };
            (Kind::Other, run(at, &other))
        };
        words.push((kind, chars[at..end].iter().collect()));
        at = end;
    }
    words
}

/// The words in lower case with the connector between them. Numbers belong to what follows them in small letters, else
/// to the word before.
fn joined(text: &str, connector: char) -> String {
    let words = words(text);
    let kind = |i: usize| words.get(i).map(|(kind, _)| *kind);
    let mut out = String::new();
    let put = |out: &mut String, i: usize| {
        if let Some((kind, word)) = words.get(i) {
            match kind {
                Kind::Connector => out.extend(word.chars().map(|_| connector)),
                _ => out.extend(word.chars().map(lower)),
            }
        }
    };
    // True where a connector belongs before the word; the end counts as one where it follows a plain word.
    let joins = |i: usize| !matches!(kind(i), None | Some(Kind::Connector | Kind::Punctuation));
    let mut at = 0;
    while at < words.len() {
        put(&mut out, at);
        let this = kind(at);
        at += 1;
        if at == words.len() {
            break;
        }
        match this {
            Some(Kind::Connector | Kind::Punctuation) | None => {}
            Some(Kind::Number) => {
                while matches!(kind(at), Some(Kind::Alphabet | Kind::Number)) {
                    put(&mut out, at);
                    at += 1;
                }
                if joins(at) {
                    out.push(connector);
                }
            }
            Some(_) if kind(at) != Some(Kind::Number) => {
                if joins(at) {
                    out.push(connector);
                }
            }
            // A number at the very end follows without a connector.
            Some(_) if at + 1 == words.len() => {}
            Some(_) if kind(at + 1) != Some(Kind::Alphabet) => {
                put(&mut out, at);
                at += 1;
                if joins(at) {
                    out.push(connector);
                }
            }
            Some(_) => {
                out.push(connector);
                while matches!(kind(at), Some(Kind::Alphabet | Kind::Number)) {
                    put(&mut out, at);
                    at += 1;
                }
                if joins(at) {
                    out.push(connector);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("  x ", "__x_"),
        ] {
            assert_eq!(joined(text, '_'), snake, "{text}");
        }
        for (text, camel_case) in [
            ("some_words", "SomeWords"),
            ("_complex__case_", "_Complex_Case_"),
            ("no_https", "NoHttps"),
            ("GOLANG_IS_GREAT", "GolangIsGreat"),
            ("3.7", "3.7"),
        ] {
            assert_eq!(camel(text), camel_case, "{text}");
        }
    }
}
