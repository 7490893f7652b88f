//! What the database server says of itself, for the operator's checks.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Db, StoreError, db::Now};

/// Which program keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// A server.
    Postgres,
    /// Inside this process.
    Sqlite,
}

/// A database server and its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// Which program.
    pub product: Product,
    /// As it writes it, such as `17.2` or `3.50.4`.
    pub version: String,
    /// Settings that decide whether what was committed lasts and is read as it must be, by name.
    pub settings: Vec<(String, String)>,
}

impl ServerFacts {
    /// The number before the first point of the version; 0 when there is none.
    pub fn major(&self) -> u32 {
        let digits: String = self.version.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    }

    /// A setting by its name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let found = self.settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

const POSTGRES: &str = "SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'fsync', \
     'synchronous_commit', 'full_page_writes', 'default_transaction_isolation', 'default_transaction_read_only') \
     ORDER BY name";

const SQLITE: &str = "SELECT 'server_version', sqlite_version() UNION ALL SELECT 'journal_mode', journal_mode FROM \
     pragma_journal_mode";

impl Db {
    /// What the server says of itself.
    pub async fn server(&self) -> Result<ServerFacts, StoreError> {
        let (product, text) = match &self.clock {
            Now::Postgres(_) => (Product::Postgres, POSTGRES),
            Now::Embedded(_) => (Product::Sqlite, SQLITE),
        };
        let backend = match product {
            Product::Postgres => DbBackend::Postgres,
            Product::Sqlite => DbBackend::Sqlite,
        };
        let rows = self
            .reader()
            .query_all_raw(Statement::from_string(backend, text))
            .await;
        let rows = rows.map_err(|error| self.error(error))?;
        let pair = |row: &sea_orm::QueryResult| {
            let name: String = row.try_get_by_index(0)?;
            Ok((name, row.try_get_by_index::<String>(1)?))
        };
        let settings: Result<Vec<_>, sea_orm::DbErr> = rows.iter().map(pair).collect();
        let mut settings = settings.map_err(|error| self.error(error))?;
        let at = settings.iter().position(|(name, _)| name == "server_version");
        let version = at.map_or_else(String::new, |at| settings.remove(at).1);
        Ok(ServerFacts {
            product,
            version,
            settings,
        })
    }
}
