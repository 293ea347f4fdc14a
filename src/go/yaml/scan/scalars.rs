//! Scalars: block, quoted and plain ones, with their folding of lines.

use super::{Scanner, error};
use crate::go::yaml::cursor::Mark;
use crate::go::yaml::node::Error;

/// Line breaks and blanks between two words, until it is known what becomes of them.
#[derive(Default)]
struct Gap {
    blanks: String,
    first_break: String,
    more_breaks: String,
    /// There was a line break: blanks behind it are indentation.
    broken: bool,
}

impl Gap {
    /// Writes what the gap means: one line break is a blank, of several the first one goes.
    fn fold_into(&mut self, out: &mut String) {
        if !self.broken {
            out.push_str(&self.blanks);
        } else if self.first_break.starts_with('\n') && self.more_breaks.is_empty() {
            out.push(' ');
        } else {
            if !self.first_break.starts_with('\n') {
                out.push_str(&self.first_break);
            }
            out.push_str(&self.more_breaks);
        }
        *self = Gap::default();
    }
}

impl Scanner<'_> {
    /// Reads a gap's next character.
    fn gap(&mut self, gap: &mut Gap) {
        if self.cursor.is_blank(0) {
            match gap.broken {
                true => self.cursor.skip(),
                false => self.cursor.read(&mut gap.blanks),
            }
        } else if gap.broken {
            self.cursor.read_break(&mut gap.more_breaks);
        } else {
            gap.blanks.clear();
            self.cursor.read_break(&mut gap.first_break);
            gap.broken = true;
        }
    }

    /// A literal or folded scalar, and where it ends.
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(String, Mark), Error> {
        self.cursor.skip();
        self.cursor.look()?;
        let (mut chomping, mut increment) = (0i8, 0usize);
        // The two hints come in any order.
        for _ in 0..2 {
            match self.cursor.byte(0) {
                b'+' if chomping == 0 => chomping = 1,
                b'-' if chomping == 0 => chomping = -1,
                b'0' if increment == 0 => {
                    return Err(error("found an indentation indicator equal to 0", self.cursor.mark));
                }
                digit @ b'1'..=b'9' if increment == 0 => increment = usize::from(digit - b'0'),
                _ => break,
            }
            self.cursor.skip();
        }
        self.cursor.skip_blanks();
        self.cursor.skip_comment()?;
        if !self.cursor.is_end_of_line() {
            return Err(error("did not find expected comment or line break", self.cursor.mark));
        }
        self.cursor.skip_break();
        let around = usize::try_from(self.indent).unwrap_or(0);
        let mut indent = if increment > 0 { around + increment } else { 0 };
        let (mut text, mut last_break, mut breaks) = (String::new(), String::new(), String::new());
        let mut end = self.block_breaks(&mut indent, &mut breaks)?;
        let mut leading_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.at_end() {
            let blank = self.cursor.is_blank(0);
            if !literal && !leading_blank && !blank && last_break.starts_with('\n') {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&last_break);
            }
            last_break.clear();
            text.push_str(&breaks);
            breaks.clear();
            leading_blank = blank;
            while !self.cursor.is_end_of_line() {
                self.cursor.read(&mut text);
                self.cursor.look()?;
            }
            self.cursor.read_break(&mut last_break);
            end = self.block_breaks(&mut indent, &mut breaks)?;
        }
        if chomping != -1 {
            text.push_str(&last_break);
        }
        if chomping == 1 {
            text.push_str(&breaks);
        }
        Ok((text, end))
    }

    /// Empty lines and the indentation of the next one, which sets the scalar's when it is still 0.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Result<Mark, Error> {
        let (mut end, mut widest) = (self.cursor.mark, 0);
        loop {
            self.cursor.look()?;
            let inside = |column| *indent == 0 || column < *indent;
            while inside(self.cursor.mark.column) && self.cursor.byte(0) == b' ' {
                self.cursor.skip();
                self.cursor.look()?;
            }
            widest = widest.max(self.cursor.mark.column);
            if inside(self.cursor.mark.column) && self.cursor.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(error(problem, self.cursor.mark));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.read_break(breaks);
            end = self.cursor.mark;
        }
        if *indent == 0 {
            *indent = widest.max(usize::try_from(self.indent + 1).unwrap_or(0)).max(1);
        }
        Ok(end)
    }

    /// A scalar in single or double quotes.
    pub(super) fn quoted_scalar(&mut self, quote: u8) -> Result<String, Error> {
        let single = quote == b'\'';
        self.cursor.skip();
        let (mut text, mut gap) = (String::new(), Gap::default());
        loop {
            self.cursor.look()?;
            if self.cursor.is_document_indicator() {
                return Err(error("found unexpected document indicator", self.cursor.mark));
            }
            if self.cursor.at_end() {
                return Err(error("found unexpected end of stream", self.cursor.mark));
            }
            while !self.cursor.is_space(0) {
                match self.cursor.byte(0) {
                    b'\'' if single && self.cursor.byte(1) == b'\'' => {
                        text.push('\'');
                        self.cursor.skip_many(2);
                    }
                    c if c == quote => break,
                    b'\\' if !single && self.cursor.is_break(1) => {
                        self.cursor.skip();
                        self.cursor.skip_break();
                        gap.broken = true;
                        break;
                    }
                    b'\\' if !single => self.escape(&mut text)?,
                    _ => self.cursor.read(&mut text),
                }
                self.cursor.look()?;
            }
            if self.cursor.byte(0) == quote {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                self.gap(&mut gap);
                self.cursor.look()?;
            }
            match gap.broken && gap.first_break.is_empty() {
                // Behind an escaped line break only further ones count.
                true => text.push_str(&std::mem::take(&mut gap).more_breaks),
                false => gap.fold_into(&mut text),
            }
            gap = Gap::default();
        }
        self.cursor.skip();
        Ok(text)
    }

    /// `\` and what it stands for.
    fn escape(&mut self, text: &mut String) -> Result<(), Error> {
        let mut digits = 0;
        match self.cursor.byte(1) {
            b'0' => text.push('\0'),
            b'a' => text.push('\x07'),
            b'b' => text.push('\x08'),
            b't' | b'\t' => text.push('\t'),
            b'n' => text.push('\n'),
            b'v' => text.push('\x0b'),
            b'f' => text.push('\x0c'),
            b'r' => text.push('\r'),
            b'e' => text.push('\x1b'),
            c @ (b' ' | b'"' | b'\'' | b'\\') => text.push(c as char),
            b'N' => text.push('\u{85}'),
            b'_' => text.push('\u{a0}'),
            b'L' => text.push('\u{2028}'),
            b'P' => text.push('\u{2029}'),
            b'x' => digits = 2,
            b'u' => digits = 4,
            b'U' => digits = 8,
            _ => return Err(error("found unknown escape character", self.cursor.mark)),
        }
        self.cursor.skip_many(2);
        if digits == 0 {
            return Ok(());
        }
        self.cursor.look()?;
        let mut code = 0u32;
        for i in 0..digits {
            let Some(digit) = (self.cursor.byte(i) as char).to_digit(16) else {
                return Err(error("did not find expected hexdecimal number", self.cursor.mark));
            };
            code = code << 4 | digit;
        }
        let Some(c) = char::from_u32(code) else {
            return Err(error("found invalid Unicode character escape code", self.cursor.mark));
        };
        text.push(c);
        self.cursor.skip_many(digits);
        Ok(())
    }

    /// A scalar without quotes, and where it ends.
    pub(super) fn plain_scalar(&mut self) -> Result<(String, Mark), Error> {
        let indent = self.indent + 1;
        let (mut text, mut gap, mut end) = (String::new(), Gap::default(), self.cursor.mark);
        loop {
            self.cursor.look()?;
            if self.cursor.is_document_indicator() || self.cursor.byte(0) == b'#' {
                break;
            }
            while !self.cursor.is_space(0) {
                let c = self.cursor.byte(0);
                if (c == b':' && self.cursor.is_space(1)) || (self.flow_level > 0 && b",?[]{}".contains(&c)) {
                    break;
                }
                if gap.broken || !gap.blanks.is_empty() {
                    gap.fold_into(&mut text);
                }
                self.cursor.read(&mut text);
                end = self.cursor.mark;
                self.cursor.look()?;
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                if gap.broken && self.cursor.byte(0) == b'\t' && (self.cursor.mark.column as i64) < indent {
                    return Err(error("found a tab character that violates indentation", self.cursor.mark));
                }
                self.gap(&mut gap);
                self.cursor.look()?;
            }
            if self.flow_level == 0 && (self.cursor.mark.column as i64) < indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        Ok((text, end))
    }
}
