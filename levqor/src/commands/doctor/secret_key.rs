//! Whether the installation has its key.

use super::finding::Finding;
use crate::config::{Config, Database};

const NAME: &str = "secret_key";

/// `up` makes one; a fleet must be given one, the same for all roles.
pub(super) fn check(config: &Config) -> Finding {
    match (&config.secret_key, &config.database) {
        (Some(_), _) => Finding::ok(NAME, "is set"),
        (None, Database::Sqlite(_)) => {
            Finding::ok(NAME, "`levqor up` makes one and keeps it in its data folder")
        }
        (None, Database::Postgres(_)) => Finding::warn(
            NAME,
            "is not set: callbacks wait, and what needs tokens, codes or suppressed addresses is refused",
            "Set it to 64 hexadecimal digits (`openssl rand -hex 32`), the same for every role, and keep it safe.",
        ),
    }
}
