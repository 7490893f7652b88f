//! The chains there are, one after the other by an index, without a list in memory.

use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::Scope;

/// A chain.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) tenant: TenantId,
    pub(super) stream: String,
}

/// Chains that rows of a table name.
pub(super) struct Streams<E: EntityTrait> {
    rows: Select<E>,
    tenant: E::Column,
    stream: E::Column,
    last: Option<Chain>,
}

impl<E: EntityTrait> Streams<E> {
    /// Of the scope, named in these two columns.
    pub(super) fn new(mut rows: Select<E>, tenant: E::Column, stream: E::Column, scope: &Scope) -> Self {
        if let Some(only) = scope.tenant {
            rows = rows.filter(tenant.eq(only));
        }
        if let Some(only) = &scope.stream {
            rows = rows.filter(stream.eq(only));
        }
        let last = None;
        Self {
            rows,
            tenant,
            stream,
            last,
        }
    }

    /// The next one: of the same tenant, else of the next tenant. Two bounds at once would not use the index well.
    pub(super) async fn next(&mut self, db: &Db) -> Result<Option<Chain>, StoreError> {
        let found = match &self.last {
            None => self.first(db, self.rows.clone()).await?,
            Some(last) => {
                let same = self.rows.clone().filter(self.tenant.eq(last.tenant));
                match self.first(db, same.filter(self.stream.gt(&last.stream))).await? {
                    Some(found) => Some(found),
                    None => {
                        self.first(db, self.rows.clone().filter(self.tenant.gt(last.tenant)))
                            .await?
                    }
                }
            }
        };
        self.last.clone_from(&found);
        Ok(found)
    }

    async fn first(&self, db: &Db, rows: Select<E>) -> Result<Option<Chain>, StoreError> {
        let found = rows
            .select_only()
            .columns([self.tenant, self.stream])
            .order_by_asc(self.tenant)
            .order_by_asc(self.stream)
            .into_tuple()
            .one(db.reader())
            .await
            .map_err(|error| db.error(error))?;
        Ok(found.map(|(tenant, stream)| Chain { tenant, stream }))
    }
}
