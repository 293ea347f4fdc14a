//! Documents as text: only what an operation comes by is taken apart, the rest keeps its spelling.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::operation::Operation;
use super::tree::{DEAD, Members, Open, Tree};
use super::{Patcher, no_document, operations};
use crate::go::json::{self, Str};

/// Applies the text of a patch to the text of a document and prints the result as the library does: compact, members
/// sorted where an operation came by, all else as it was written. An empty document stays empty. `max_copied` limits
/// the bytes that `copy` adds; 0 means none.
///
/// Errors: Go's text, of the patch first.
pub fn apply_text(document: &str, patch: &str, max_copied: u64) -> Result<String, String> {
    let read = json::parse(patch).map_err(|e| e.to_string())?;
    let count = operations(&read)?.len();
    if document.is_empty() {
        return Ok(String::new());
    }
    let whole = json::parse(document).map_err(|e| e.to_string())?;
    // Only a list without blanks before it is taken for one.
    let is_list = matches!(whole, json::Value::Array(_)) && document.starts_with('[');
    if !is_list && !matches!(whole, json::Value::Object(_) | json::Value::Null) {
        return Err(no_document(whole.kind()));
    }
    let mut patcher = Patcher { document: Node::read(document), copied: 0, max_copied };
    patcher.document.open();
    let mut list = Node::read(patch);
    for i in 0..count {
        let value = match list.open() {
            Some(Open::Array(items)) => match items[i].open() {
                Some(Open::Object(members)) => members.take("value"),
                _ => None,
            },
            _ => None,
        };
        patcher.apply(&Operation::of(&read[i], value))?;
    }
    Ok(patcher.document.print())
}

/// A part of a document.
#[derive(Clone)]
enum Node<'a> {
    Null,
    /// Valid JSON that is not taken apart, no null.
    Text(Cow<'a, str>),
    Object(BTreeMap<Str, Node<'a>>),
    Array(Vec<Node<'a>>),
}

impl<'a> Members<Node<'a>> for BTreeMap<Str, Node<'a>> {
    fn find(&mut self, key: &str) -> Option<&mut Node<'a>> {
        self.get_mut(key)
    }

    fn put(&mut self, key: &str, value: Node<'a>) {
        self.insert(key.into(), value);
    }

    fn take(&mut self, key: &str) -> Option<Node<'a>> {
        self.remove(key)
    }
}

impl<'a> Node<'a> {
    /// A node of valid JSON.
    fn read(text: &'a str) -> Node<'a> {
        Node::of(Cow::Borrowed(trim(text)))
    }

    fn of(text: Cow<'a, str>) -> Node<'a> {
        if text == "null" { Node::Null } else { Node::Text(text) }
    }

    /// Takes an object or a list apart, one level deep.
    fn take_apart(&mut self) {
        let Node::Text(text) = self else { return };
        if !text.starts_with(['{', '[']) {
            return;
        }
        let part = |from: usize, to: usize| match &*text {
            Cow::Borrowed(text) => Node::read(&text[from..to]),
            Cow::Owned(text) => Node::of(Cow::Owned(trim(&text[from..to]).to_owned())),
        };
        let (mut members, mut items) = (BTreeMap::new(), Vec::new());
        let mut at = skip(text, 1);
        while !text[at..].starts_with(['}', ']']) {
            let mut key = None;
            if text.starts_with('{') {
                let Ok((name, length)) = json::parse_prefix(&text.as_bytes()[at..]) else { return };
                key = name.as_str().map(Str::from);
                // The colon.
                at = skip(text, skip(text, at + length) + 1);
            }
            let Ok((_, length)) = json::parse_prefix(&text.as_bytes()[at..]) else { return };
            let node = part(at, at + length);
            match key {
                Some(key) => {
                    members.insert(key, node);
                }
                None => items.push(node),
            }
            at = skip(text, at + length);
            if text[at..].starts_with(',') {
                at = skip(text, at + 1);
            }
        }
        *self = if text.starts_with('{') { Node::Object(members) } else { Node::Array(items) };
    }

    fn write(&self, out: &mut String) {
        match self {
            Node::Null => out.push_str("null"),
            Node::Text(text) => compact(out, text),
            Node::Object(members) => {
                out.push('{');
                for (i, (key, node)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    json::write_string(out, key, true);
                    out.push(':');
                    node.write(out);
                }
                out.push('}');
            }
            Node::Array(items) => {
                out.push('[');
                for (i, node) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    node.write(out);
                }
                out.push(']');
            }
        }
    }
}

impl Tree for Node<'_> {
    fn null() -> Self {
        Node::Null
    }

    fn is_null(&self) -> bool {
        matches!(self, Node::Null)
    }

    fn open(&mut self) -> Option<Open<'_, Self>> {
        self.take_apart();
        match self {
            Node::Object(members) => Some(Open::Object(members)),
            Node::Array(items) => Some(Open::Array(items)),
            _ => None,
        }
    }

    fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn copied(self) -> Self {
        match self {
            Node::Null => Node::Null,
            node => Node::Text(Cow::Owned(node.print())),
        }
    }

    fn same(&mut self, other: &mut Self) -> Result<bool, String> {
        self.take_apart();
        other.take_apart();
        match (self, other) {
            (Node::Object(a), Node::Object(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, a) in a {
                    let Some(b) = b.get_mut(key) else { return Ok(false) };
                    if !a.same(b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Node::Array(a), Node::Array(b)) if a.len() == b.len() => {
                for (a, b) in a.iter_mut().zip(b) {
                    if a.is_null() || b.is_null() {
                        return Err(DEAD.into());
                    }
                    if !a.same(b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            // Scalars are compared as they are written.
            (Node::Text(a), Node::Text(b)) => Ok(a == b),
            (Node::Null, Node::Null) => Ok(true),
            _ => Ok(false),
        }
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

fn trim(text: &str) -> &str {
    text.trim_matches(BLANKS)
}

/// The position after the blanks at `at`.
fn skip(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(BLANKS).len()
}

/// Writes valid JSON without blanks between tokens, and with Go's escapes for HTML.
fn compact(out: &mut String, text: &str) {
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            ' ' | '\t' | '\r' | '\n' if !in_string => continue,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
        (in_string, escaped) = match c {
            '"' if !escaped => (!in_string, false),
            '\\' => (in_string, in_string && !escaped),
            _ => (in_string, false),
        };
    }
}
