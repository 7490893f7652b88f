//! Where the items of a batch lie. Items are checked one by one later, so that a bad one does not spoil the others;
//! here only the frame must hold.

use std::ops::Range;

use super::fault::{Fault, Kind};

/// The elements of a JSON array, without white space around them.
pub(crate) fn elements(text: &[u8]) -> Result<Vec<Range<usize>>, Fault> {
    let wrong = |at: usize, wanted: &'static str| Fault::new(Kind::Syntax(wanted), at);
    let start = space(text, 0);
    if text.get(start) != Some(&b'[') {
        return Err(wrong(start, "a JSON array of requests"));
    }
    let mut found = Vec::new();
    let mut at = space(text, start + 1);
    if text.get(at) == Some(&b']') {
        return end(text, at + 1).map(|()| found);
    }
    loop {
        let stop = element(text, at).ok_or_else(|| wrong(text.len(), "the end of the array"))?;
        let trimmed = text[at..stop].trim_ascii_end().len();
        if trimmed == 0 {
            return Err(wrong(at, "a request before the comma or bracket"));
        }
        found.push(at..at + trimmed);
        if text.get(stop) == Some(&b']') {
            return end(text, stop + 1).map(|()| found);
        }
        at = space(text, stop + 1);
    }
}

/// The lines of newline-delimited JSON that hold anything.
pub(crate) fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let start = at + (line.len() - line.trim_ascii_start().len());
        let length = line.trim_ascii().len();
        if length > 0 {
            found.push(start..start + length);
        }
        at += line.len() + 1;
    }
    found
}

fn space(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    text.len() - rest.trim_ascii_start().len()
}

fn end(text: &[u8], at: usize) -> Result<(), Fault> {
    let rest = space(text, at);
    if rest < text.len() {
        Err(Fault::new(Kind::Syntax("nothing after the array"), rest))
    } else {
        Ok(())
    }
}

/// Where the element that begins at `at` ends: the comma or bracket after it.
fn element(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => depth += 1,
            b',' | b']' | b'}' if depth == 0 => return Some(at).filter(|at| text[*at] != b'}'),
            b'}' | b']' => depth -= 1,
            _ => (),
        }
        at += 1;
    }
}

/// The closing quote of the string that opens at `at`.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += 1;
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 1,
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        elements(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn elements_are_split_at_commas_of_the_array_only() {
        assert_eq!(of("[]"), Vec::<&str>::new());
        assert_eq!(of(" [ ] "), Vec::<&str>::new());
        assert_eq!(
            of(r#"[{"a":[1,2],"b":"],\"{"} , {} ,3]"#),
            [r#"{"a":[1,2],"b":"],\"{"}"#, "{}", "3"]
        );
        assert_eq!(of("[{\"a\" 1}, bad]"), ["{\"a\" 1}", "bad"]);
    }

    #[test]
    fn a_broken_frame_is_refused_whole() {
        for text in [
            "", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1]]", "[1] x", "[\"a]", "[{]", "[}]", "[\"\\",
        ] {
            assert!(elements(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_without_anything_are_left_out() {
        let text = b"{\"a\":1}\r\n\n  {\"b\":2} \n";
        let found: Vec<&[u8]> = lines(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, [&b"{\"a\":1}"[..], &b"{\"b\":2}"[..]]);
    }
}
