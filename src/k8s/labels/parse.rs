//! Selectors as text: `a=b,c in (d,e),!f`.
//!
//! Source: k8s.io/apimachinery labels 0.36, `Parse`.

use super::{Operator, Requirement, Selector, SelectorError};
use crate::k8s::names;

/// Characters that stand for themselves.
const SYMBOLS: &str = "=!(),><";
const OPERATORS: &[(&str, Operator)] = &[
    ("in", Operator::In),
    ("notin", Operator::NotIn),
    ("=", Operator::Equals),
    ("==", Operator::DoubleEquals),
    ("!=", Operator::NotEquals),
    (">", Operator::GreaterThan),
    ("<", Operator::LessThan),
];

impl Selector {
    /// Reads a selector as `kubectl -l` takes it; an empty one matches everything.
    ///
    /// Errors: what was found where something else was expected; an invalid key or value.
    pub fn from_text(text: &str) -> Result<Selector, SelectorError> {
        let mut reader = Reader { tokens: tokens(text), at: 0 };
        let mut requirements = reader.requirements().map_err(SelectorError)?;
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Selector { nothing: false, requirements })
    }
}

/// The words and symbols of a text; the longest symbols first.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
    while !rest.is_empty() {
        let end = match rest.starts_with(|c| SYMBOLS.contains(c)) {
            true => 1 + usize::from(rest.starts_with("==") || rest.starts_with("!=")),
            false => rest.find(|c| SYMBOLS.contains(c) || " \t\r\n".contains(c)).unwrap_or(rest.len()),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start_matches([' ', '\t', '\r', '\n']);
    }
    tokens
}

fn is_word(token: &str) -> bool {
    !token.is_empty() && !token.starts_with(|c| SYMBOLS.contains(c))
}

struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
}

type Read<T> = Result<T, String>;

impl<'a> Reader<'a> {
    /// The next token; empty at the end.
    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirements(&mut self) -> Read<Vec<Requirement>> {
        let mut all = Vec::new();
        loop {
            match self.peek() {
                "" => return Ok(all),
                token if is_word(token) || token == "!" => {}
                token => return Err(format!("found '{token}', expected: !, identifier, or 'end of string'")),
            }
            all.push(self.requirement().map_err(|e| format!("unable to parse requirement: {e}"))?);
            match self.next() {
                "" => return Ok(all),
                "," => {
                    let after = self.peek();
                    if !is_word(after) && after != "!" {
                        return Err(format!("found '{after}', expected: identifier after ','"));
                    }
                }
                token => return Err(format!("found '{token}', expected: ',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Read<Requirement> {
        let mut token = self.next();
        let missing = token == "!";
        if missing {
            token = self.next();
        }
        if !is_word(token) {
            return Err(format!("found '{token}', expected: identifier"));
        }
        let key = token.to_owned();
        let errors = names::qualified_name(&key);
        if !errors.is_empty() {
            // Here apimachinery names no place.
            return Err(super::invalid("<nil>", &key, &errors));
        }
        let made = |operator, values| Requirement { key: key.clone(), operator, values }.checked().map_err(|e| e.0);
        if missing {
            return made(Operator::DoesNotExist, Vec::new());
        }
        if matches!(self.peek(), "" | ",") {
            return made(Operator::Exists, Vec::new());
        }
        let token = self.next();
        let Some((_, operator)) = OPERATORS.iter().find(|(name, _)| *name == token) else {
            return Err(format!("found '{token}', expected: in, notin, =, ==, !=, gt, lt"));
        };
        let mut values = match operator {
            Operator::In | Operator::NotIn => self.list()?,
            _ => vec![self.value()?],
        };
        values.sort();
        values.dedup();
        made(*operator, values)
    }

    fn value(&mut self) -> Read<String> {
        match self.peek() {
            "" | "," => Ok(String::new()),
            token if is_word(token) => Ok(self.next().to_owned()),
            token => Err(format!("found '{token}', expected: identifier")),
        }
    }

    /// `(a,b)`; what is missing between commas is an empty value.
    fn list(&mut self) -> Read<Vec<String>> {
        let token = self.next();
        if token != "(" {
            return Err(format!("found '{token}' expected: '('"));
        }
        let mut values = Vec::new();
        match self.peek() {
            ")" => {
                self.at += 1;
                return Ok(vec![String::new()]);
            }
            token if is_word(token) || token == "," => {}
            token => return Err(format!("found '{token}', expected: ',', ')' or identifier")),
        }
        loop {
            match self.next() {
                "," => {
                    if values.is_empty() {
                        values.push(String::new());
                    }
                    match self.peek() {
                        ")" => {
                            values.push(String::new());
                            break;
                        }
                        "," => {
                            self.at += 1;
                            values.push(String::new());
                        }
                        _ => {}
                    }
                }
                token if is_word(token) => {
                    values.push(token.to_owned());
                    match self.peek() {
                        "," => {}
                        ")" => break,
                        token => return Err(format!("found '{token}', expected: ',' or ')'")),
                    }
                }
                token => return Err(format!("found '{token}', expected: ',', or identifier")),
            }
        }
        self.at += 1;
        Ok(values)
    }
}
