//! What is wrong with a JSON text, and where.

use crate::error::{Code, Problem};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not UTF-8.
    Encoding,
    /// Not JSON; what should stand there.
    Syntax(&'static str),
    /// U+0000.
    Nul,
    /// A member twice in one object.
    Duplicate,
    /// Too many levels.
    Depth,
    /// Beyond a double.
    Range,
    /// Good JSON, but no object.
    NotAnObject,
}

/// A fault at a byte of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What.
    pub kind: Kind,
    /// Offset in bytes.
    pub at: usize,
    /// JSON pointer of the value it lies in.
    pub pointer: String,
}

impl Fault {
    pub(crate) fn new(kind: Kind, at: usize) -> Self {
        Self {
            kind,
            at,
            pointer: String::new(),
        }
    }

    /// Puts a segment before the pointer: the fault lies in this member or element.
    pub(crate) fn within(mut self, segment: &str) -> Self {
        self.pointer.insert_str(0, &pointer(segment));
        self
    }

    /// As an error of a request whose body is `text`.
    pub(crate) fn problem(self, text: &[u8]) -> Problem {
        let mut place = Place::default();
        for byte in &text[..self.at.min(text.len())] {
            place.pass(*byte);
        }
        self.placed(place)
    }

    /// As an error of a request, when the place was counted along the way.
    pub(super) fn placed(self, place: Place) -> Problem {
        let (code, detail) = match self.kind {
            Kind::Encoding => (Code::InvalidEncoding, "The body is not UTF-8.".into()),
            Kind::Syntax(wanted) => (Code::InvalidJson, format!("Expected {wanted}.")),
            Kind::Nul => (Code::NulCharacter, "The body holds U+0000.".into()),
            Kind::Duplicate => (
                Code::DuplicateKey,
                "This member stands twice in its object.".into(),
            ),
            Kind::Depth => (
                Code::NestingTooDeep,
                "More than 64 levels of arrays and objects.".into(),
            ),
            Kind::Range => (
                Code::NumberOutOfRange,
                "The number is beyond double precision.".into(),
            ),
            Kind::NotAnObject => (Code::InvalidMember, "Expected a JSON object.".into()),
        };
        Problem::new(code, detail)
            .at(self.pointer)
            .position(place.line, place.column)
    }
}

/// A JSON pointer of one segment (RFC 6901).
pub(crate) fn pointer(segment: &str) -> String {
    format!("/{}", segment.replace('~', "~0").replace('/', "~1"))
}

/// Line and column of the next byte, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: u64,
    column: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Place {
    /// Steps over a byte.
    pub(super) fn pass(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.line += 1;
                self.column = 1;
            }
            // Not the first byte of its character.
            0x80..=0xBF => (),
            _ => self.column += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_counts_characters_from_one() {
        let position = |text: &str, at: usize| {
            let body = Fault::new(Kind::Nul, at).problem(text.as_bytes()).body("", "");
            (body.line.unwrap(), body.column.unwrap())
        };
        assert_eq!(position("ab", 0), (1, 1));
        assert_eq!(position("{\n  \"é\": x", 10), (2, 8));
        assert_eq!(position("", 7), (1, 1));
    }

    #[test]
    fn segments_are_escaped_and_go_in_front() {
        let fault = Fault::new(Kind::Nul, 0).within("a/b~c").within("0");
        assert_eq!(fault.pointer, "/0/a~1b~0c");
    }
}
