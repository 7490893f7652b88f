//! One rule of one sweep. Whoever deletes or counts for it holds its row, and nobody does once it is closed.

use levqor_entities::{
    ids::SweepId,
    retention_parts::{Column, Entity, Model, State},
};
use levqor_store::{Db, StoreError, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use crate::policy::Policy;

/// Locks it until the transaction ends; whether it is open.
pub(super) async fn lock(tx: &Tx, sweep: SweepId, dataset: &str) -> Result<bool, StoreError> {
    let part = Entity::find_by_id((sweep, dataset.to_owned())).lock_exclusive();
    let part = part.one(&**tx).await.map_err(|error| tx.error(error))?;
    Ok(part.is_some_and(|part| part.state == State::Open))
}

/// As it is now.
pub(super) async fn find(db: &Db, sweep: SweepId, policy: &Policy) -> Result<Option<Model>, StoreError> {
    let part = Entity::find_by_id((sweep, policy.dataset.to_owned()))
        .one(db.reader())
        .await;
    part.map_err(|error| db.error(error))
}

/// Closes it, when it is open.
pub(super) async fn close(db: &Db, sweep: SweepId, dataset: &str, state: State) -> Result<(), StoreError> {
    let tx = db.begin().await?;
    let closed = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::SweepId.eq(sweep))
        .filter(Column::Dataset.eq(dataset))
        .filter(Column::State.eq(State::Open));
    closed.exec(&*tx).await.map_err(|error| tx.error(error))?;
    tx.commit().await
}

/// Closes what is open still: something is left of it. Waits for batches that are under way.
pub(crate) async fn close_all(tx: &Tx, sweep: SweepId) -> Result<(), StoreError> {
    let closed = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Partial))
        .filter(Column::SweepId.eq(sweep))
        .filter(Column::State.eq(State::Open));
    closed
        .exec(&**tx)
        .await
        .map(drop)
        .map_err(|error| tx.error(error))
}

/// All of a sweep.
pub(crate) async fn of_sweep(tx: &Tx, sweep: SweepId) -> Result<Vec<Model>, StoreError> {
    let parts = Entity::find().filter(Column::SweepId.eq(sweep)).all(&**tx).await;
    parts.map_err(|error| tx.error(error))
}
