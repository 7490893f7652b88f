//! What a sweep would take, without taking it.

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Span, Target, batch::key};
use crate::{Db, StoreError, TenantId, Timestamp};

/// Most rows looked at for a count.
const MOST: i64 = 1_000_000;

/// Ids shown of rows that would go.
const SAMPLE: i64 = 5;

/// Rows whose time is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Rows that the next sweep would take.
    pub rows: i64,
    /// Rows that a hold keeps.
    pub held: i64,
    /// There are more than the million that were counted.
    pub more: bool,
    /// The least clock of those that would go.
    pub oldest: Option<Timestamp>,
    /// The greatest.
    pub newest: Option<Timestamp>,
    /// Keys of the first five that would go.
    pub sample: Vec<String>,
}

impl Db {
    /// Counts rows whose time is over, of one tenant or of all. Changes nothing.
    ///
    /// # Errors
    /// The database is away, or the target names what is not there.
    pub async fn expired(
        &self,
        target: &Target,
        span: &Span,
        tenant: Option<TenantId>,
    ) -> Result<Expired, StoreError> {
        let counts = self.look(target.count(), span, MOST, tenant).await?;
        let counts = counts
            .first()
            .ok_or_else(|| StoreError::Corrupt("a count gave no row".to_owned()))?;
        let number = |at| {
            counts
                .try_get_by_index::<i64>(at)
                .map_err(|error| self.error(error))
        };
        let time = |at| {
            counts
                .try_get_by_index::<Option<i64>>(at)
                .map_err(|error| self.error(error))
        };
        let (all, held) = (number(0)?, number(1)?);
        let sample = self.look(target.sample(), span, SAMPLE, tenant).await?;
        let sample = sample
            .iter()
            .map(|row| key(row, 0).map_err(|error| self.error(error)));
        Ok(Expired {
            rows: all - held,
            held,
            more: all >= MOST,
            oldest: time(2)?.map(Timestamp),
            newest: time(3)?.map(Timestamp),
            sample: sample.collect::<Result<_, _>>()?,
        })
    }

    async fn look(
        &self,
        text: String,
        span: &Span,
        limit: i64,
        tenant: Option<TenantId>,
    ) -> Result<Vec<sea_orm::QueryResult>, StoreError> {
        let numbers = [span.latest(), span.from.0, span.as_of.0, span.days, limit];
        let mut values: Vec<Value> = numbers.map(Into::into).into();
        values.push(tenant.map(|tenant| tenant.0).into());
        let db = self.reader();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
        db.query_all_raw(statement)
            .await
            .map_err(|error| self.error(error))
    }
}
