//! Members that people wrote.

use crate::error::{Code, Problem};

/// 1 to `most` characters. `pointer` begins with a slash.
pub(crate) fn text(pointer: &str, text: String, most: usize) -> Result<String, Problem> {
    let good = !text.trim().is_empty() && text.chars().count() <= most;
    good.then_some(text)
        .ok_or_else(|| invalid(pointer, format!("Expected 1 to {most} characters.")))
}

/// The same in one line, without control characters.
pub(crate) fn line(pointer: &str, line: String, most: usize) -> Result<String, Problem> {
    if line.chars().any(char::is_control) {
        return Err(invalid(pointer, "Expected one line, without control characters."));
    }
    text(pointer, line, most)
}

fn invalid(pointer: &str, detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidMember, detail).at(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_not_two() {
        assert!(line("/x", "é".repeat(3), 3).is_ok());
        for bad in ["", "  ", "a\nb", "abcd"] {
            let problem = line("/x", bad.to_owned(), 3).unwrap_err();
            assert_eq!(problem.body("", "").pointer.as_deref(), Some("/x"), "{bad:?}");
        }
    }
}
