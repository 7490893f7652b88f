//! Whether links in mails lead somewhere.

use levqor_platform::private;

use super::finding::Finding;
use crate::config::{Config, Database};

const NAME: &str = "public_url";

const ACTION: &str = "Set it to the https URL under which people reach the API.";

/// https, or on this machine.
pub(super) fn check(config: &Config) -> Finding {
    match (&config.public_url, &config.database) {
        (None, Database::Sqlite(_)) => Finding::ok(NAME, "`levqor up` takes the address it listens on"),
        (None, Database::Postgres(_)) => {
            Finding::warn(NAME, "is not set: what sends links to people is refused", ACTION)
        }
        (Some(text), _) => match private(text) {
            Ok(true) => Finding::ok(NAME, text.clone()),
            Ok(false) => Finding::warn(NAME, format!("{text}: links with tokens go unencrypted"), ACTION),
            Err(error) => Finding::fail(NAME, format!("{text} is no URL: {error}"), ACTION),
        },
    }
}
