//! Go's `mime`: media types.
//!
//! ```
//! use conjector::go::mime::media_type;
//!
//! assert_eq!(media_type("Text/HTML; charset=utf-8").unwrap(), "text/html");
//! assert_eq!(media_type("a b").unwrap_err(), "mime: expected slash after first token");
//! ```

/// The media type of a `Content-Type`, in lower case and without its parameters.
///
/// Errors: Go's text.
pub fn media_type(text: &str) -> Result<String, &'static str> {
    let (base, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    let base = base.trim().to_lowercase();
    check_type(&base)?;
    let mut names: Vec<String> = Vec::new();
    while !rest.is_empty() {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        match parameter(rest) {
            Some((name, after)) => {
                if names.contains(&name) {
                    return Err("mime: duplicate parameter name");
                }
                names.push(name);
                rest = after;
            }
            // A semicolon at the end is let through.
            None if rest.trim() == ";" => break,
            None => return Err("mime: invalid media parameter"),
        }
    }
    Ok(base)
}

fn check_type(text: &str) -> Result<(), &'static str> {
    let (kind, rest) = token(text);
    if kind.is_empty() {
        return Err("mime: no media type");
    }
    if rest.is_empty() {
        return Ok(());
    }
    let Some(rest) = rest.strip_prefix('/') else { return Err("mime: expected slash after first token") };
    let (subtype, rest) = token(rest);
    if subtype.is_empty() {
        return Err("mime: expected token after slash");
    }
    match rest.is_empty() {
        true => Ok(()),
        false => Err("mime: unexpected content after media subtype"),
    }
}

/// The token that a text begins with, and what follows.
fn token(text: &str) -> (&str, &str) {
    let of_token = |c: char| c.is_ascii_graphic() && !r#"()<>@,;:\"/[]?="#.contains(c);
    text.split_at(text.find(|c| !of_token(c)).unwrap_or(text.len()))
}

/// The name of `; NAME=VALUE` at the beginning of a text, and what follows.
fn parameter(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix(';')?.trim_start();
    let (name, rest) = token(rest);
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    if name.is_empty() {
        return None;
    }
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, rest) = token(rest);
        return (!value.is_empty()).then(|| (name.to_lowercase(), rest));
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            '"' if !escaped => return Some((name.to_lowercase(), &quoted[at + 1..])),
            '\r' | '\n' => return None,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn texts_that_are_no_media_types() {
        for (text, expected) in [
            ("", "mime: no media type"),
            ("a b;;c", "mime: expected slash after first token"),
            ("a/", "mime: expected token after slash"),
            ("a/b c", "mime: unexpected content after media subtype"),
            ("a/b; c", "mime: invalid media parameter"),
            ("a/b; c=1; C=2", "mime: duplicate parameter name"),
            ("a/b; c=\"x", "mime: invalid media parameter"),
        ] {
            assert_eq!(media_type(text), Err(expected), "{text:?}");
        }
        assert_eq!(media_type("a/B ; c=\"x;\\\"y\" ;").as_deref(), Ok("a/b"));
    }
}
