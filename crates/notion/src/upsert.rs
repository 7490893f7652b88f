//! Writing what Notion is to hold.

use levqor_entities::{
    ids::{NotionRowId, TenantId},
    notion_rows::{ActiveModel, Column, find_external, secure_update},
};
use levqor_platform::Platform;
use levqor_store::{DataError, StoreError, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait, Insert, QueryFilter, sea_query::Expr};
use serde_json::{Map, Value};

use crate::dataset;

/// What a page is to hold.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose data it is; the installation's own for sums.
    pub tenant: TenantId,
    /// In which database.
    pub dataset: &'static str,
    /// By which it is found again, at most 255 bytes; unique in the dataset.
    pub external_id: String,
    /// Fields of the dataset; others are not sent.
    pub fields: Map<String, Value>,
}

/// Writes a row, to be sent once this transaction is committed. One that is there already with the same fields stays as
/// it is; one with others is sent again.
///
/// # Errors
/// [`StoreError::Data`] when there is no such dataset, or the external id is empty or too long.
pub async fn upsert(tx: &Tx, platform: &Platform, now: Timestamp, row: Row) -> Result<(), StoreError> {
    if dataset(row.dataset).is_none() || row.external_id.is_empty() || row.external_id.len() > 255 {
        let why = format!(
            "no row {:?} of a dataset {:?} can be",
            row.external_id, row.dataset
        );
        return Err(StoreError::Data(DataError(why)));
    }
    let fields = Value::Object(row.fields).to_string();
    let new = ActiveModel {
        tenant_id: Set(row.tenant),
        id: Set(NotionRowId(platform.ids.uuid_v7())),
        dataset: Set(row.dataset.to_owned()),
        external_id: Set(row.external_id.clone()),
        fields: Set(fields.clone()),
        version: Set(1),
        synced_version: Set(0),
        page_id: Set(None),
        attempts: Set(0),
        due: Set(now),
        reason: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        synced_at: Set(None),
    };
    let written = Insert::one(new)
        .on_conflict_do_nothing_on([Column::Dataset, Column::ExternalId])
        .exec_without_returning(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    if matches!(written, sea_orm::TryInsertResult::Inserted(1..)) {
        return Ok(());
    }
    change(tx, now, &row.external_id, row.dataset, row.tenant, fields).await
}

async fn change(
    tx: &Tx,
    now: Timestamp,
    external_id: &str,
    dataset: &str,
    tenant: TenantId,
    fields: String,
) -> Result<(), StoreError> {
    let known = find_external(dataset, external_id)
        .one(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    let Some(known) = known.filter(|known| known.tenant_id == tenant && known.fields != fields) else {
        return Ok(());
    };
    secure_update(tenant)
        .filter(Column::Id.eq(known.id))
        .col_expr(Column::Fields, Expr::value(fields))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Due, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(&**tx)
        .await
        .map(drop)
        .map_err(|error| tx.error(error))
}
