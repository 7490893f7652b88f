//! A reason, as the tenant gives it and the person reads it.

/// Most characters.
const MOST: usize = 2_000;

/// Text of 1 to 2,000 characters without control characters other than line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// None when it is no such text.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let good = |c: char| !c.is_control() || c == '\n';
        (!text.is_empty() && text.chars().count() <= MOST && text.chars().all(good))
            .then(|| Self(text.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_text_that_says_something() {
        assert_eq!(Reason::new(" two\nlines ").unwrap().as_str(), "two\nlines");
        for bad in ["", "  ", "a\0b", "a\u{1b}[31m", &"x".repeat(2_001)] {
            assert_eq!(Reason::new(bad), None, "{bad:?}");
        }
    }
}
