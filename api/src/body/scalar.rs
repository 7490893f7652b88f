//! Strings, numbers and words of JSON text.

use super::{
    fault::{Fault, Kind},
    json::Reader,
};

impl Reader<'_> {
    /// Reads a word such as `true`.
    pub(super) fn literal(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("a JSON value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a string literal; whether it holds escapes.
    pub(super) fn string(&mut self) -> Result<bool, Fault> {
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0x20..) => self.at += 1,
                _ => {
                    return Err(
                        self.unexpected("the end of the string (control characters are written \\u00..)")
                    );
                }
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => match self.unit()? {
                0 => return Err(Fault::new(Kind::Nul, start)),
                0xD800..=0xDBFF => self.low_surrogate(start)?,
                0xDC00..=0xDFFF => return Err(Fault::new(Kind::Syntax("no lone surrogate"), start)),
                _ => (),
            },
            _ => return Err(self.unexpected("an escape such as \\n")),
        }
        Ok(())
    }

    fn low_surrogate(&mut self, start: usize) -> Result<(), Fault> {
        let lone = Fault::new(Kind::Syntax("a pair of surrogates"), start);
        if self.peek() != Some(b'\\') {
            return Err(lone);
        }
        self.at += 1;
        if self.peek() != Some(b'u') || !(0xDC00..=0xDFFF).contains(&self.unit()?) {
            return Err(lone);
        }
        Ok(())
    }

    /// Reads `uXXXX`.
    fn unit(&mut self) -> Result<u16, Fault> {
        let digits = self.text.get(self.at + 1..self.at + 5).unwrap_or_default();
        let unit = digits
            .iter()
            .all(u8::is_ascii_hexdigit)
            .then(|| {
                std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            })
            .flatten();
        self.at += 1;
        let unit = unit.ok_or_else(|| self.unexpected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }

    pub(super) fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.range(start, exponent)
    }

    /// A double has at most 309 digits before the point; only then, or with an exponent, can it overflow.
    fn range(&self, start: usize, exponent: bool) -> Result<(), Fault> {
        let digits = &self.text[start..self.at];
        if !exponent && digits.len() < 309 {
            return Ok(());
        }
        let number = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<f64>().ok());
        match number {
            Some(number) if number.is_finite() => Ok(()),
            _ => Err(Fault::new(Kind::Range, start)),
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.unexpected("a digit"));
        }
        Ok(())
    }
}
