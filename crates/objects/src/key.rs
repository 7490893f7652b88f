//! Names of objects, which can leave neither the folder nor the bucket.

/// Segments of `a-z`, `0-9`, `-`, `_` and `.`, joined by `/`; none empty or beginning with a dot; at most 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// None when the text is no key.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let good = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        };
        (text.len() <= 255 && text.split('/').all(good)).then_some(Self(text))
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
    fn a_key_cannot_leave_its_folder() {
        for bad in ["", "/a", "a//b", "a/../b", ".a", "a/.b", "A", "a b", "a/", "ä"] {
            assert_eq!(Key::new(bad), None, "{bad}");
        }
        assert!(Key::new("dsar/0198a-b/export_1.zip").is_some());
        assert_eq!(Key::new("a".repeat(256)), None);
    }
}
