//! One text for both databases, for tables that need no storage settings: types in braces are the database's own.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// A word in braces, what it is on Postgres, and on SQLite.
const WORDS: [(&str, &str, &str); 7] = [
    ("{uuid}", "uuid", "BLOB"),
    ("{bytes}", "bytea", "BLOB"),
    ("{int}", "bigint", "INTEGER"),
    ("{real}", "double precision", "REAL"),
    ("{bool}", "boolean", "INTEGER"),
    (
        "{serial}",
        "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
    ),
    ("{strict}", "", "STRICT"),
];

/// The text as this database reads it.
fn portable(text: &str, backend: DbBackend) -> String {
    WORDS
        .iter()
        .fold(text.to_owned(), |text, (word, postgres, sqlite)| {
            text.replace(
                word,
                if backend == DbBackend::Postgres {
                    postgres
                } else {
                    sqlite
                },
            )
        })
}

/// A migration that is one such text.
pub(crate) struct Portable {
    /// As it is recorded in the database, such as `m0002_people`.
    pub(crate) name: &'static str,
    /// Its statements.
    pub(crate) sql: &'static str,
}

impl MigrationName for Portable {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Portable {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = portable(self.sql, manager.get_database_backend());
        manager.get_connection().execute_unprepared(&text).await.map(drop)
    }
}
