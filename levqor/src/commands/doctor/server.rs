//! Whether the database server keeps what is committed, and how old it is.

use levqor_store::{Product, ServerFacts};

use super::finding::Finding;

const NAME: &str = "database_server";

/// The oldest major version of Postgres that still gets security fixes (postgresql.org, versioning policy).
const MAINTAINED: u32 = 15;

/// The oldest major version that has what the schema and the statements use.
const OLDEST: u32 = 14;

/// From what the server says of itself.
pub(super) fn check(facts: &ServerFacts) -> Finding {
    match facts.product {
        Product::Postgres => postgres(facts),
        Product::Sqlite => sqlite(facts),
    }
}

fn sqlite(facts: &ServerFacts) -> Finding {
    let version = &facts.version;
    match facts.setting("journal_mode") {
        Some("wal") => Finding::ok(
            NAME,
            format!("SQLite {version} inside the process, write-ahead log"),
        ),
        other => Finding::fail(
            NAME,
            format!("SQLite {version} in journal mode {}", other.unwrap_or("unknown")),
            "Move the data folder to a local file system: the write-ahead log needs shared memory.",
        ),
    }
}

/// A setting, a value with which committed runs can be lost or read wrongly, what that means.
const HARMFUL: [(&str, &str, &str); 3] = [
    (
        "fsync",
        "off",
        "Set fsync = on: a crash of the machine would destroy the database.",
    ),
    (
        "synchronous_commit",
        "off",
        "Set synchronous_commit = on: a crash would lose runs that were answered with 202.",
    ),
    (
        "default_transaction_read_only",
        "on",
        "Name the primary server in database_url: this one takes no writes.",
    ),
];

fn postgres(facts: &ServerFacts) -> Finding {
    let version = &facts.version;
    let is = |name: &str, value: &str| facts.setting(name) == Some(value);
    if let Some(&(name, value, action)) = HARMFUL.iter().find(|(name, value, _)| is(name, value)) {
        return Finding::fail(NAME, format!("Postgres {version} with {name} = {value}"), action);
    }
    if facts.major() < OLDEST {
        let action = "Use a maintained version, 15 or later.";
        return Finding::fail(NAME, format!("Postgres {version} is too old"), action);
    }
    if !is("default_transaction_isolation", "read committed") {
        let level = facts
            .setting("default_transaction_isolation")
            .unwrap_or("unknown");
        let action =
            "Run `levqor migrate` as the role that the processes use: statements count on read committed.";
        return Finding::fail(NAME, format!("Postgres {version} with isolation {level}"), action);
    }
    if is("full_page_writes", "off") {
        let action = "Set full_page_writes = on, unless the file system writes whole pages at once.";
        return Finding::warn(
            NAME,
            format!("Postgres {version} with full_page_writes = off"),
            action,
        );
    }
    if facts.major() < MAINTAINED {
        let action = "Use a maintained version, 15 or later.";
        return Finding::warn(NAME, format!("Postgres {version} gets no fixes any more"), action);
    }
    Finding::ok(NAME, format!("Postgres {version}, durable, read committed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::State;

    fn found(product: Product, version: &str, settings: &[(&str, &str)]) -> State {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let facts = ServerFacts {
            product,
            version: version.to_owned(),
            settings: settings.collect(),
        };
        check(&facts).state
    }

    #[test]
    fn a_server_that_may_lose_commits_cannot_be_worked_with() {
        let good = [
            ("default_transaction_isolation", "read committed"),
            ("fsync", "on"),
        ];
        let with = |version: &str, more: (&'static str, &'static str)| {
            found(Product::Postgres, version, &[&good[..1], &[more]].concat())
        };
        assert_eq!(found(Product::Postgres, "17.2 (Debian 17.2-1)", &good), State::Ok);
        assert_eq!(with("17.2", ("fsync", "off")), State::Fail);
        assert_eq!(with("17.2", ("synchronous_commit", "off")), State::Fail);
        assert_eq!(with("17.2", ("synchronous_commit", "local")), State::Ok);
        assert_eq!(with("17.2", ("full_page_writes", "off")), State::Warn);
        assert_eq!(with("14.9", ("fsync", "on")), State::Warn);
        assert_eq!(with("13.1", ("fsync", "on")), State::Fail);
        let serializable = [("default_transaction_isolation", "serializable")];
        assert_eq!(found(Product::Postgres, "17.2", &serializable), State::Fail);
        assert_eq!(
            found(Product::Sqlite, "3.50.4", &[("journal_mode", "wal")]),
            State::Ok
        );
        assert_eq!(
            found(Product::Sqlite, "3.50.4", &[("journal_mode", "delete")]),
            State::Fail
        );
    }
}
