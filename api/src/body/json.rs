//! A strict reader of JSON text that builds nothing. In one pass over the bytes it checks the grammar (RFC 8259) and
//! what the rest of the system relies on: UTF-8, no member twice, no U+0000, no lone surrogate, bounded depth, numbers
//! within a double's range. It answers where each member lies, so that a payload is kept byte for byte.

use std::{borrow::Cow, ops::Range};

use super::{
    fault::{Fault, Kind},
    keys::Keys,
};

/// Most levels of arrays and objects in a payload.
pub(crate) const MAX_DEPTH: usize = 64;

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// Its name, unescaped.
    pub name: Cow<'a, str>,
    /// Where its value lies, without white space around it.
    pub value: Range<usize>,
}

/// The members of the one object that `text` is. Values may be nested [`MAX_DEPTH`] levels deep.
pub(crate) fn members(text: &[u8]) -> Result<Vec<Member<'_>>, Fault> {
    let mut reader = Reader::new(text)?;
    reader.space();
    if reader.peek() != Some(b'{') {
        reader.value(MAX_DEPTH)?;
        reader.end()?;
        return Err(Fault::new(Kind::NotAnObject, 0));
    }
    let mut members = Vec::with_capacity(8);
    reader.object(MAX_DEPTH + 1, &mut |name, value| {
        members.push(Member { name, value });
    })?;
    reader.end()?;
    Ok(members)
}

/// Checks one JSON text of any type.
pub(crate) fn check(text: &[u8]) -> Result<(), Fault> {
    let mut reader = Reader::new(text)?;
    reader.value(MAX_DEPTH)?;
    reader.end()
}

/// The text of a JSON string literal that was checked before; None when the value is of another type.
pub(crate) fn string(literal: &[u8]) -> Option<String> {
    (literal.first() == Some(&b'"'))
        .then(|| serde_json::from_slice(literal).ok())
        .flatten()
}

/// A cursor over text that is UTF-8. Strings and numbers are read in `scalar`.
pub(super) struct Reader<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Result<Self, Fault> {
        match std::str::from_utf8(text) {
            Ok(_) => Ok(Self { text, at: 0 }),
            Err(error) => Err(Fault::new(Kind::Encoding, error.valid_up_to())),
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What is wrong with the byte at the cursor, when `wanted` should stand there.
    pub(super) fn unexpected(&self, wanted: &'static str) -> Fault {
        let kind = match self.peek() {
            Some(0) => Kind::Nul,
            _ => Kind::Syntax(wanted),
        };
        Fault::new(kind, self.at)
    }

    fn expect(&mut self, byte: u8, wanted: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.space();
        if self.at < self.text.len() {
            return Err(self.unexpected("the end of the text"));
        }
        Ok(())
    }

    /// Reads a value in which `depth` levels may be opened.
    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth, &mut |_, _| ()),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(|_| ()),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn object(
        &mut self,
        depth: usize,
        found: &mut dyn FnMut(Cow<'a, str>, Range<usize>),
    ) -> Result<(), Fault> {
        self.open(depth)?;
        if self.closed(b'}') {
            return Ok(());
        }
        let mut keys = Keys::default();
        loop {
            self.space();
            let start = self.at;
            let name = self.name()?;
            if !keys.insert(name.clone()) {
                return Err(Fault::new(Kind::Duplicate, start).within(&name));
            }
            self.space();
            self.expect(b':', "a colon after the member's name")?;
            self.space();
            let value = self.at;
            self.value(depth - 1).map_err(|fault| fault.within(&name))?;
            found(name, value..self.at);
            if !self.more(b'}', "a comma or the end of the object")? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.open(depth)?;
        if self.closed(b']') {
            return Ok(());
        }
        let mut index = 0_usize;
        loop {
            self.value(depth - 1)
                .map_err(|fault| fault.within(&index.to_string()))?;
            index += 1;
            if !self.more(b']', "a comma or the end of the array")? {
                return Ok(());
            }
        }
    }

    /// Steps over the opening bracket.
    fn open(&mut self, depth: usize) -> Result<(), Fault> {
        if depth == 0 {
            return Err(Fault::new(Kind::Depth, self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over a closing bracket that follows at once.
    fn closed(&mut self, bracket: u8) -> bool {
        self.space();
        let closed = self.peek() == Some(bracket);
        self.at += usize::from(closed);
        closed
    }

    /// Steps over a comma (true) or the closing bracket (false).
    fn more(&mut self, bracket: u8, wanted: &'static str) -> Result<bool, Fault> {
        self.space();
        let comma = self.peek() == Some(b',');
        if !comma && self.peek() != Some(bracket) {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        Ok(comma)
    }

    fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a member's name in quotes"));
        }
        let start = self.at;
        let escaped = self.string()?;
        let literal = &self.text[start..self.at];
        if escaped {
            return Ok(Cow::Owned(string(literal).unwrap_or_default()));
        }
        Ok(std::str::from_utf8(&literal[1..literal.len() - 1]).map_or(Cow::Borrowed(""), Cow::Borrowed))
    }
}
