//! Names of lists.

/// Longest name.
const LONGEST: usize = 50;

/// A list that people consent to: `marketing`, `product_updates`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope(String);

/// The text names no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 50 of a-z, 0-9 and _, beginning with a letter, and not `all`")]
pub struct InvalidScope;

impl Scope {
    /// From its name. `all` is none: it stands for every list at once.
    ///
    /// # Errors
    /// [`InvalidScope`]
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= LONGEST
            && text.bytes().all(plain)
            && text != "all";
        good.then(|| Self(text.to_owned())).ok_or(InvalidScope)
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its name for people: `product updates`.
    pub fn title(name: &str) -> String {
        name.replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_plain_and_not_all() {
        assert_eq!(
            Scope::parse("product_updates").unwrap().as_str(),
            "product_updates"
        );
        for bad in ["", "all", "A", "1a", "_a", "a b", "a\n", "é", &"a".repeat(51)] {
            assert_eq!(Scope::parse(bad), Err(InvalidScope), "{bad:?}");
        }
    }
}
