//! A place in a text, moved character by character, with the classes of characters that YAML 1.1 knows.

use super::node::Error;

/// A position: characters from the beginning, line and column, all from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// How many bytes go-yaml reads at once: it complains about a forbidden character as soon as it has read it.
const CHUNK: usize = 512;

pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    pub(super) mark: Mark,
    /// Up to here the text holds only allowed characters.
    checked: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Cursor { text, at: 0, mark: Mark::default(), checked: 0 }
    }

    /// Makes sure that the next characters are allowed ones.
    pub(super) fn look(&mut self) -> Result<(), Error> {
        // The longest look ahead is of ten characters, those of an escape.
        while self.checked < self.text.len() && self.checked < self.at + 10 {
            let mut end = (self.checked + CHUNK).min(self.text.len());
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
            if self.text[self.checked..end].chars().any(is_forbidden) {
                return Err(Error::new("yaml: control characters are not allowed"));
            }
            self.checked = end;
        }
        Ok(())
    }

    /// The byte `ahead` bytes further on; 0 at the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.text[self.at..].starts_with(prefix)
    }

    /// A blank or a tab.
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b'\r' | b'\n' => true,
            0xc2 => self.byte(ahead + 1) == 0x85,
            0xe2 => self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    /// A line break or the end.
    pub(super) fn is_end_of_line(&self) -> bool {
        self.is_break(0) || self.at_end()
    }

    /// A blank, a line break or the end.
    pub(super) fn is_space(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break(ahead) || self.at + ahead >= self.text.len()
    }

    pub(super) fn is_word(&self) -> bool {
        self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-')
    }

    /// `---` or `...` at the beginning of a line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0 && (self.starts_with("---") || self.starts_with("...")) && self.is_space(3)
    }

    /// Goes on by a character, which is no line break.
    pub(super) fn skip(&mut self) {
        if let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            self.mark.index += 1;
            self.mark.column += 1;
        }
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        (0..count).for_each(|_| self.skip());
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Goes to the end of the line behind a `#`.
    pub(super) fn skip_comment(&mut self) -> Result<(), Error> {
        if self.byte(0) == b'#' {
            while !self.is_end_of_line() {
                self.skip();
                self.look()?;
            }
        }
        Ok(())
    }

    /// Goes over a line break, if there is one.
    pub(super) fn skip_break(&mut self) {
        self.read_break(&mut String::new());
    }

    /// Takes over a character.
    pub(super) fn read(&mut self, out: &mut String) {
        if let Some(c) = self.text[self.at..].chars().next() {
            out.push(c);
        }
        self.skip();
    }

    /// Takes over a line break, if there is one, as `\n` but for those that have a meaning of their own.
    pub(super) fn read_break(&mut self, out: &mut String) {
        if !self.is_break(0) {
            return;
        }
        let length = match self.byte(0) {
            b'\r' if self.byte(1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xc2 => 2,
            _ => 3,
        };
        match length {
            3 => out.push_str(&self.text[self.at..self.at + 3]),
            _ => out.push('\n'),
        }
        self.mark.index += if self.starts_with("\r\n") { 2 } else { 1 };
        self.at += length;
        self.mark.column = 0;
        self.mark.line += 1;
    }
}

fn is_forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
