//! Adding an entry.

use levqor_entities::{
    audit_events,
    audit_streams::{self, Column},
};
use levqor_platform::Platform;
use levqor_store::{AuditId, DataError, StoreError, Timestamp, Tx};
use levqor_workflow::canonical_value;
use sea_orm::{ColumnTrait, Insert, IntoActiveModel, QueryFilter, sea_query::Expr};

use crate::{
    Entry, PAYLOAD_LIMIT,
    header::{self, GENESIS, payload_hash},
};

/// Adds an entry in the caller's transaction: both become visible together or not at all. Until it ends, others who
/// append to this stream of this tenant wait; so append last, and to several streams in alphabetical order.
///
/// # Errors
/// [`StoreError::Data`] when the detail is larger than [`PAYLOAD_LIMIT`], and what the database says.
pub async fn append(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    let payload = canonical_value(entry.detail);
    if payload.len() > PAYLOAD_LIMIT {
        return Err(DataError(format!("the detail of {} is too large", entry.kind)).into());
    }
    let head = audit_streams::advance(entry.tenant, entry.stream, &GENESIS)
        .exec_with_returning(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    let salt = (platform.entropy)();
    let mut row = audit_events::Model {
        tenant_id: entry.tenant,
        stream: head.stream,
        seq: head.seq,
        id: AuditId(platform.ids.uuid_v7()),
        at: now,
        kind: entry.kind.to_owned(),
        actor: header::actor(entry.tenant, entry.actor),
        subject: entry
            .subject
            .map(|user| header::pseudonym(entry.tenant, user).into()),
        payload_hash: payload_hash(&salt, &payload).into(),
        hash: Vec::new(),
        user_id: entry.subject,
        salt: Some(salt.into()),
        payload: Some(payload),
    };
    row.hash = header::hash(&head.hash, &row).into();
    link(tx, row).await
}

/// Stores the entry and makes its hash the head's.
async fn link(tx: &Tx, row: audit_events::Model) -> Result<(), StoreError> {
    let head = audit_streams::secure_update(row.tenant_id)
        .filter(Column::Stream.eq(&row.stream))
        .col_expr(Column::Hash, Expr::value(row.hash.clone()));
    Insert::one(row.into_active_model())
        .exec_without_returning(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    head.exec(&**tx).await.map_err(|error| tx.error(error))?;
    Ok(())
}
