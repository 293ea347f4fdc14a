//! Directives, anchors and tags.

use super::{Kind, Scanner, error};
use crate::go::yaml::node::Error;

impl Scanner<'_> {
    /// A directive up to its line break.
    pub(super) fn directive(&mut self) -> Result<Kind, Error> {
        self.cursor.skip();
        let name = self.word()?;
        if name.is_empty() {
            return Err(error("could not find expected directive name", self.cursor.mark));
        }
        if !self.cursor.is_space(0) {
            return Err(error("found unexpected non-alphabetical character", self.cursor.mark));
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.cursor.skip_blanks();
                let major = self.version_number()?;
                if self.cursor.byte(0) != b'.' {
                    return Err(error("did not find expected digit or '.' character", self.cursor.mark));
                }
                self.cursor.skip();
                Kind::Version(major, self.version_number()?)
            }
            "TAG" => {
                self.cursor.skip_blanks();
                let handle = self.tag_handle(true)?;
                if !self.cursor.is_blank(0) {
                    return Err(error("did not find expected whitespace", self.cursor.mark));
                }
                self.cursor.skip_blanks();
                let prefix = self.tag_uri("")?;
                if !self.cursor.is_space(0) {
                    return Err(error("did not find expected whitespace or line break", self.cursor.mark));
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return Err(error("found unknown directive name", self.cursor.mark)),
        };
        self.cursor.skip_blanks();
        self.cursor.skip_comment()?;
        if !self.cursor.is_end_of_line() {
            return Err(error("did not find expected comment or line break", self.cursor.mark));
        }
        Ok(kind)
    }

    fn version_number(&mut self) -> Result<u8, Error> {
        let (mut number, mut length) = (0, 0);
        while self.cursor.byte(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                let mark = self.cursor.mark;
                return Err(error("found extremely long version number", mark));
            }
            number = number * 10 + (self.cursor.byte(0) - b'0');
            self.cursor.skip();
        }
        match length {
            0 => Err(error("did not find expected version number", self.cursor.mark)),
            _ => Ok(number),
        }
    }

    fn word(&mut self) -> Result<String, Error> {
        let mut word = String::new();
        while self.cursor.is_word() {
            self.cursor.read(&mut word);
            self.cursor.look()?;
        }
        Ok(word)
    }

    /// The name behind `&` or `*`.
    pub(super) fn anchor(&mut self) -> Result<String, Error> {
        self.cursor.skip();
        let name = self.word()?;
        let ends = self.cursor.is_space(0) || b"?:,]}%@`".contains(&self.cursor.byte(0));
        if name.is_empty() || !ends {
            return Err(error("did not find expected alphabetic or numeric character", self.cursor.mark));
        }
        Ok(name)
    }

    pub(super) fn tag(&mut self) -> Result<Kind, Error> {
        let (handle, suffix);
        if self.cursor.byte(1) == b'<' {
            self.cursor.skip_many(2);
            (handle, suffix) = (String::new(), self.tag_uri("")?);
            if self.cursor.byte(0) != b'>' {
                return Err(error("did not find the expected '>'", self.cursor.mark));
            }
            self.cursor.skip();
        } else {
            let head = self.tag_handle(false)?;
            (handle, suffix) = if head.len() > 1 && head.ends_with('!') {
                let suffix = self.tag_uri("")?;
                (head, suffix)
            } else {
                match self.tag_uri(&head)? {
                    // A lone `!` is a tag of its own.
                    uri if uri.is_empty() => (String::new(), "!".to_owned()),
                    uri => ("!".to_owned(), uri),
                }
            };
        }
        if !self.cursor.is_space(0) {
            return Err(error("did not find expected whitespace or line break", self.cursor.mark));
        }
        Ok(Kind::Tag { handle, suffix })
    }

    fn tag_handle(&mut self, directive: bool) -> Result<String, Error> {
        let mark = self.cursor.mark;
        if self.cursor.byte(0) != b'!' {
            return Err(error("did not find expected '!'", mark));
        }
        self.cursor.skip();
        let mut handle = "!".to_owned() + &self.word()?;
        if self.cursor.byte(0) == b'!' {
            self.cursor.read(&mut handle);
        } else if directive && handle != "!" {
            return Err(error("did not find expected '!'", self.cursor.mark));
        }
        Ok(handle)
    }

    /// The rest of a tag behind its `head`, of which the `!` does not belong to it.
    fn tag_uri(&mut self, head: &str) -> Result<String, Error> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut any = !head.is_empty();
        while self.cursor.is_word() || b";/?:@&=+$,.!~*'()[]%".contains(&self.cursor.byte(0)) {
            any = true;
            match self.cursor.byte(0) {
                b'%' => self.uri_escapes(&mut uri)?,
                c => {
                    uri.push(c);
                    self.cursor.skip();
                }
            }
            self.cursor.look()?;
        }
        if !any {
            return Err(error("did not find expected tag URI", self.cursor.mark));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// The escaped bytes of one character.
    fn uri_escapes(&mut self, uri: &mut Vec<u8>) -> Result<(), Error> {
        let mut left = None;
        while left != Some(0) {
            let mark = self.cursor.mark;
            let hex = |ahead| (self.cursor.byte(ahead) as char).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.byte(0), hex(1), hex(2)) else {
                return Err(error("did not find URI escaped octet", mark));
            };
            let octet = (high << 4 | low) as u8;
            left = match (left, octet) {
                (Some(left), 0x80..=0xbf) => Some(left - 1),
                (Some(_), _) => return Err(error("found an incorrect trailing UTF-8 octet", mark)),
                (None, 0..=0x7f) => Some(0),
                (None, 0xc0..=0xdf) => Some(1),
                (None, 0xe0..=0xef) => Some(2),
                (None, 0xf0..=0xf7) => Some(3),
                (None, _) => return Err(error("found an incorrect leading UTF-8 octet", mark)),
            };
            uri.push(octet);
            self.cursor.skip_many(3);
            self.cursor.look()?;
        }
        Ok(())
    }
}
