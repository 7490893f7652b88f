//! One text for both databases, for tables that need no storage settings: types in braces are the database's own.

use sea_orm_migration::sea_orm::DbBackend;

/// A word in braces, what it is on Postgres, and on SQLite.
const WORDS: [(&str, &str, &str); 6] = [
    ("{uuid}", "uuid", "BLOB"),
    ("{bytes}", "bytea", "BLOB"),
    ("{int}", "bigint", "INTEGER"),
    ("{bool}", "boolean", "INTEGER"),
    (
        "{serial}",
        "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
    ),
    ("{strict}", "", "STRICT"),
];

/// The text as this database reads it.
pub(crate) fn portable(text: &str, backend: DbBackend) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (word, postgres, sqlite)| {
        text.replace(word, if backend == DbBackend::Postgres { postgres } else { sqlite })
    })
}
