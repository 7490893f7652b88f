//! One batch of a sweep.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use uuid::Uuid;

use super::{Gone, Span, Target, sql::STILL};
use crate::{StoreError, TenantId, Timestamp, Tx};

impl Tx {
    /// From now to the end of this transaction no hold and no tenant's period changes.
    ///
    /// # Errors
    /// The database is away.
    pub async fn hold_still(&self) -> Result<(), StoreError> {
        if self.get_database_backend() == DbBackend::Postgres {
            let locked = self.execute_unprepared(STILL).await;
            locked.map_err(|error| self.error(error))?;
        }
        Ok(())
    }

    /// Deletes (or blanks) at most `limit` rows whose time is over and that no hold covers, oldest first. Rows that
    /// another transaction has locked are passed over. Call [`Tx::hold_still`] before.
    ///
    /// # Errors
    /// The database is away, or the target names what is not there.
    pub async fn expire(&self, target: &Target, span: &Span, limit: i64) -> Result<Vec<Gone>, StoreError> {
        let backend = self.get_database_backend();
        let values = [span.latest(), span.from.0, span.as_of.0, span.days, limit];
        let text = target.batch(backend == DbBackend::Postgres);
        let statement = Statement::from_sql_and_values(backend, text, values.map(Into::into));
        let rows = self.query_all_raw(statement).await;
        let rows = rows.map_err(|error| self.error(error))?;
        rows.iter()
            .map(|row| gone(row).map_err(|error| self.error(error)))
            .collect()
    }
}

fn gone(row: &QueryResult) -> Result<Gone, sea_orm::DbErr> {
    Ok(Gone {
        tenant: row.try_get_by_index::<Option<Uuid>>(0)?.map(TenantId),
        clock: Timestamp(row.try_get_by_index(1)?),
        days: row.try_get_by_index(2)?,
        id: key(row, 3)?,
    })
}

/// The columns from `first` on as one text.
pub(super) fn key(row: &QueryResult, first: usize) -> Result<String, sea_orm::DbErr> {
    let parts = (first..row.column_names().len()).map(|at| part(row, at));
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join("/"))
}

/// Keys are numbers, texts or UUIDs. On SQLite a UUID is a BLOB, and a text of 16 bytes could be taken for one, so
/// texts are tried first.
fn part(row: &QueryResult, at: usize) -> Result<String, sea_orm::DbErr> {
    if let Ok(number) = row.try_get_by_index::<i64>(at) {
        return Ok(number.to_string());
    }
    if let Ok(text) = row.try_get_by_index::<String>(at) {
        return Ok(text);
    }
    row.try_get_by_index::<Uuid>(at).map(|id| id.to_string())
}
