//! Cuts the items of a batch out of a text that arrives in chunks. Items are checked one by one later, so that a bad
//! one does not spoil the others; here only the frame must hold.

use bytes::Bytes;

use super::{
    fault::{Fault, Kind, Place},
    raw::BODY_LIMIT,
};
use crate::error::Problem;

/// Of a longer item only this much is kept: one byte more than it may have.
const KEPT: usize = BODY_LIMIT + 1;

/// Where in a batch the reading is. It holds the item that has begun and nothing else of the text.
pub(crate) struct Splitter {
    frame: Frame,
    place: Place,
    item: Vec<u8>,
    /// Bytes of the item, kept or not; 0 when none has begun.
    length: usize,
    /// The same without white space at its end.
    trimmed: usize,
}

impl Splitter {
    /// The items are the elements of a JSON array.
    pub(crate) fn array() -> Self {
        Self::new(Frame::Array(Expect::Open))
    }

    /// The items are the lines that hold anything.
    pub(crate) fn lines() -> Self {
        Self::new(Frame::Lines)
    }

    fn new(frame: Frame) -> Self {
        Self {
            frame,
            place: Place::default(),
            item: Vec::new(),
            length: 0,
            trimmed: 0,
        }
    }

    /// The next item that ends in `chunk`, without white space around it; `chunk` is moved past it. None when the
    /// chunk is used up. An item longer than [`BODY_LIMIT`] is cut off after one byte more.
    ///
    /// # Errors
    /// The text is no array. Nothing may be asked of the splitter then.
    pub(crate) fn next(&mut self, chunk: &mut &[u8]) -> Result<Option<Bytes>, Problem> {
        while let Some((byte, rest)) = chunk.split_first() {
            let step = self.frame.step(*byte, self.length > 0);
            let step = step.map_err(|wanted| self.fault(wanted))?;
            *chunk = rest;
            self.place.pass(*byte);
            match step {
                Step::Outside => (),
                Step::Inside => self.keep(*byte),
                Step::Ends => return Ok(Some(self.take())),
            }
        }
        Ok(None)
    }

    /// The text has ended: its last item, when no byte had to follow it.
    ///
    /// # Errors
    /// The array has not ended.
    pub(crate) fn end(&mut self) -> Result<Option<Bytes>, Problem> {
        match self.frame {
            Frame::Array(Expect::End) => Ok(None),
            Frame::Array(Expect::Open) => Err(self.fault(ARRAY)),
            Frame::Array(_) => Err(self.fault("the end of the array")),
            Frame::Lines => Ok((self.length > 0).then(|| self.take())),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.length < KEPT {
            self.item.push(byte);
        }
        self.length += 1;
        if !byte.is_ascii_whitespace() {
            self.trimmed = self.length;
        }
    }

    fn take(&mut self) -> Bytes {
        self.item.truncate(self.trimmed);
        self.length = 0;
        std::mem::take(&mut self.item).into()
    }

    fn fault(&self, wanted: &'static str) -> Problem {
        Fault::new(Kind::Syntax(wanted), 0).placed(self.place)
    }
}

const ARRAY: &str = "a JSON array";

/// What a byte is.
#[derive(Clone, Copy)]
enum Step {
    /// Of the frame.
    Outside,
    /// Of an item.
    Inside,
    /// The end of an item, not part of it.
    Ends,
}

#[derive(Clone, Copy)]
enum Frame {
    Lines,
    Array(Expect),
}

impl Frame {
    /// Takes a byte; an error says what should stand there.
    fn step(&mut self, byte: u8, begun: bool) -> Result<Step, &'static str> {
        match self {
            Self::Lines if byte == b'\n' && begun => Ok(Step::Ends),
            Self::Lines if byte.is_ascii_whitespace() && !begun => Ok(Step::Outside),
            Self::Lines => Ok(Step::Inside),
            Self::Array(expect) => {
                let (next, step) = expect.step(byte)?;
                *expect = next;
                Ok(step)
            }
        }
    }
}

/// What an array goes on with. The numbers are the levels of arrays and objects open in the element.
#[derive(Clone, Copy)]
enum Expect {
    /// Its bracket.
    Open,
    /// Its first element or its end.
    First,
    /// An element.
    Element,
    /// More of the element.
    Plain(usize),
    /// More of a string in the element.
    Text(usize),
    /// What a backslash in a string escapes.
    Escape(usize),
    /// Nothing.
    End,
}

impl Expect {
    fn step(self, byte: u8) -> Result<(Self, Step), &'static str> {
        match self {
            Self::Plain(0) if byte == b',' => Ok((Self::Element, Step::Ends)),
            Self::Plain(0) if byte == b']' => Ok((Self::End, Step::Ends)),
            Self::Plain(0) if byte == b'}' => Err("a comma or the end of the array"),
            Self::Plain(_) | Self::Text(_) | Self::Escape(_) => Ok((self.within(byte), Step::Inside)),
            _ if byte.is_ascii_whitespace() => Ok((self, Step::Outside)),
            Self::Open if byte == b'[' => Ok((Self::First, Step::Outside)),
            Self::Open => Err(ARRAY),
            Self::First if byte == b']' => Ok((Self::End, Step::Outside)),
            Self::End => Err("nothing after the array"),
            Self::First | Self::Element if matches!(byte, b',' | b']' | b'}') => {
                Err("an item before the comma or bracket")
            }
            Self::First | Self::Element => Ok((Self::Plain(0).within(byte), Step::Inside)),
        }
    }

    /// After another byte of the element.
    fn within(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Text(depth), b'\\') => Self::Escape(depth),
            (Self::Text(depth), b'"') => Self::Plain(depth),
            (Self::Text(depth) | Self::Escape(depth), _) | (Self::Plain(depth), b'"') => Self::Text(depth),
            (Self::Plain(depth), b'{' | b'[') => Self::Plain(depth + 1),
            (Self::Plain(depth), b'}' | b']') => Self::Plain(depth - 1),
            (other, _) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a text that arrives in these chunks, or the place and word of what is wrong with its frame.
    fn split(mut splitter: Splitter, chunks: &[&[u8]]) -> Result<Vec<Bytes>, String> {
        let mut found = Vec::new();
        let said = |problem: Problem| {
            let body = problem.body("", "");
            format!("{:?}:{:?} {}", body.line, body.column, body.detail)
        };
        for mut chunk in chunks.iter().copied() {
            while let Some(item) = splitter.next(&mut chunk).map_err(said)? {
                found.push(item);
            }
        }
        found.extend(splitter.end().map_err(said)?);
        Ok(found)
    }

    fn of(text: &str) -> Vec<Bytes> {
        split(Splitter::array(), &[text.as_bytes()]).unwrap()
    }

    #[test]
    fn elements_are_split_at_commas_of_the_array_only() {
        assert_eq!(of("[]"), Vec::<Bytes>::new());
        assert_eq!(of(" [ ] "), Vec::<Bytes>::new());
        assert_eq!(
            of(r#"[{"a":[1,2],"b":"],\"{"} , {} ,3]"#),
            [r#"{"a":[1,2],"b":"],\"{"}"#, "{}", "3"]
        );
        assert_eq!(of("[{\"a\" 1}, bad]"), ["{\"a\" 1}", "bad"]);
    }

    #[test]
    fn a_broken_frame_is_refused_whole() {
        for text in BROKEN {
            assert!(split(Splitter::array(), &[text.as_bytes()]).is_err(), "{text}");
        }
    }

    const BROKEN: [&str; 14] = [
        "", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1]]", "[1] x", "[\"a]", "[{]", "[}]", "[1}]", "[\"\\",
    ];

    #[test]
    fn lines_without_anything_are_left_out() {
        let text = b"{\"a\":1}\r\n\n  {\"b\":2} \n";
        let found = split(Splitter::lines(), &[text]).unwrap();
        assert_eq!(found, [&b"{\"a\":1}"[..], &b"{\"b\":2}"[..]]);
    }

    #[test]
    fn where_chunks_end_makes_no_difference() {
        let good = "\n[ {\"a\\\"]\": [1, {}], \"é\": \"\\\\\"} ,\t\"x,]\\\\\" , é🎉, [[\"[\"]] ] \n";
        let lines = "{\"a\": \"é\"}\r\n\n  {\"b\n, 🎉 } \n5";
        let texts = BROKEN.iter().chain([&good, &lines]).map(|text| text.as_bytes());
        let bad = [&b"[\"\xff\xc3\", \0, \x80]"[..], b"[\xf0\x9f,]"];
        for text in texts.chain(bad) {
            for form in [Splitter::array, Splitter::lines] {
                let whole = split(form(), &[text]);
                let bytes: Vec<&[u8]> = text.chunks(1).collect();
                assert_eq!(split(form(), &bytes), whole);
                for first in 0..=text.len() {
                    for second in first..=text.len() {
                        let chunks = [&text[..first], &text[first..second], &text[second..]];
                        assert_eq!(split(form(), &chunks), whole, "{first} {second}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_fault_is_placed_in_the_whole_text() {
        let place = |text: &str| split(Splitter::array(), &[text.as_bytes()]).unwrap_err();
        assert_eq!(
            place("[1,\n \"é\", ]"),
            "Some(2):Some(7) Expected an item before the comma or bracket."
        );
        assert_eq!(place("[1,\n2"), "Some(2):Some(2) Expected the end of the array.");
        assert_eq!(place("5"), "Some(1):Some(1) Expected a JSON array.");
    }

    #[test]
    fn of_an_item_no_more_is_held_than_it_may_have() {
        let mut splitter = Splitter::lines();
        for _ in 0..3 {
            let text = vec![b'x'; BODY_LIMIT];
            assert_eq!(splitter.next(&mut &text[..]).unwrap(), None);
            assert!(splitter.item.len() <= KEPT);
        }
        assert_eq!(splitter.next(&mut &b"\n"[..]).unwrap().unwrap().len(), KEPT);
        assert_eq!(splitter.next(&mut &b"next\n"[..]).unwrap().unwrap(), "next");
    }

    #[test]
    fn white_space_around_an_item_does_not_make_it_longer() {
        let space = " ".repeat(BODY_LIMIT);
        assert_eq!(of(&format!("[{space}1{space}, 2]")), ["1", "2"]);
    }
}
