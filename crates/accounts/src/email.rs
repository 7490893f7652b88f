//! E-mail addresses as people are found by them.

/// Most bytes of an address (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const LIMIT: usize = 254;

/// Characters that an address holds only in quotes or as a comment; no mailbox that people use has them, and mail
/// programs read them differently.
const SPECIAL: &str = "<>()[]\\,;:\"";

/// An address: trimmed and in lower case, so that two ways to write it are one person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// At most 254 bytes with exactly one `@`, something on both sides of it, no control or white space characters.
    /// Whether anybody reads mail there, only a mail can tell.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@') && text.len() <= LIMIT;
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !SPECIAL.contains(c);
        if whole && text.chars().all(plain) {
            Ok(Self(text))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_write_an_address_are_one() {
        let email = Email::parse("  Ada@Example.COM\n").unwrap();
        assert_eq!(email.as_str(), "ada@example.com");
        assert_eq!(Email::parse("ada@example.com"), Ok(email));
        assert_eq!(Email::parse("ÉVA@exämple.fr").unwrap().as_str(), "éva@exämple.fr");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(243));
        for text in [
            "",
            "@",
            "a@",
            "@b",
            "ab",
            "a@b@c",
            "a b@c",
            "a@b\r\nbcc: c@d",
            "a\0@b",
            "<a@b>",
            "a,b@c",
            "\"a\"@b",
            &long,
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text:?}");
        }
        assert!(Email::parse(&long[1..]).is_ok());
    }
}
