//! The ledger of the autoscaler's decisions. What is in a decision is not the store's business: it is text here.

pub use levqor_entities::autoscaler_decisions::Model as Decided;
use levqor_entities::{
    autoscaler_decisions::{Column, Entity},
    ids::DecisionId,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Insert, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use crate::{Db, StoreError, Tx};

impl Db {
    /// Adds a decision.
    ///
    /// # Errors
    /// [`StoreError::NotLeader`] when its term is over: then nothing is added.
    pub async fn record_decision(&self, decision: Decided) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        lead(&tx, decision.term).await?;
        let written = Insert::one(decision.into_active_model())
            .exec_without_returning(&*tx)
            .await;
        written.map_err(|error| tx.error(error))?;
        tx.commit().await
    }

    /// At most `limit` decisions, the newest first; older than `before` when it is given.
    pub async fn decisions(
        &self,
        before: Option<DecisionId>,
        limit: u64,
    ) -> Result<Vec<Decided>, StoreError> {
        let mut found = Entity::find();
        if let Some(before) = before {
            found = found.filter(Column::Id.lt(before));
        }
        let found = found.order_by_desc(Column::Id).limit(limit);
        found.all(self.reader()).await.map_err(|error| self.error(error))
    }
}

/// Holds the term until the transaction ends (P9): a leader that is none any more adds nothing. On SQLite nobody else
/// writes meanwhile.
async fn lead(tx: &Tx, term: i64) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT term FROM leader WHERE term = $1 FOR SHARE",
        _ => "SELECT term FROM leader WHERE term = $1",
    };
    let statement = Statement::from_sql_and_values(backend, sql, [term.into()]);
    let found = tx.query_one_raw(statement).await;
    match found.map_err(|error| tx.error(error))? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotLeader(term)),
    }
}
