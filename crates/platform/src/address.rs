//! Whether what people send to a URL stays between them and us.

use url::{Host, ParseError, Url};

/// True of https, and of this machine.
///
/// # Errors
/// The text is no URL.
pub fn private(url: &str) -> Result<bool, ParseError> {
    let url = Url::parse(url)?;
    Ok(url.scheme() == "https" || local(&url))
}

fn local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_this_machine_are_private() {
        for (url, expected) in [
            ("https://example.org", true),
            ("http://example.org", false),
            ("http://127.0.0.1:8790", true),
            ("http://[::1]:8790", true),
            ("http://localhost", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(private(url), Ok(expected), "{url}");
        }
        assert!(private("levqor").is_err());
    }
}
