//! Mending what fell between two steps.

use std::time::Duration;

use levqor_entities::{billing_invoices, stripe_events};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};

/// How long after its due time a stage counts as forgotten.
const LATE: Duration = Duration::from_hours(1);

/// Most runs mended in a pass.
const LIMIT: u64 = 100;

/// Events that were processed while their customer was being linked are processed anew, and an invoice whose stage is
/// an hour late, because its run faulted or was cancelled, gets another run. How many there were.
pub async fn mend(platform: &Platform) -> Result<u64, StoreError> {
    let db = &platform.db;
    let now = db.now().await?;
    let before = Timestamp(
        now.0
            .saturating_sub(i64::try_from(LATE.as_micros()).unwrap_or(i64::MAX)),
    );
    let late = billing_invoices::find_overdue(before)
        .filter(billing_invoices::Column::UpdatedAt.lt(before))
        .limit(LIMIT)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let tx = db.begin().await?;
    let released = stripe_events::release_linked()
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    for row in &late {
        tracing::warn!(invoice = row.id, run = ?row.run_id, "a stage of dunning is late; another run is started");
        restart(&tx, row, now).await?;
    }
    tx.commit().await?;
    Ok(released.rows_affected + late.len() as u64)
}

async fn restart(
    tx: &levqor_store::Tx,
    row: &billing_invoices::Model,
    now: Timestamp,
) -> Result<(), StoreError> {
    use billing_invoices::Column::{Episode, Id, PastDue, Starting, UpdatedAt};
    let restarted = billing_invoices::secure_update(row.tenant_id)
        .col_expr(Starting, Expr::value(true))
        .col_expr(Episode, Expr::value(row.episode + 1))
        .col_expr(UpdatedAt, Expr::value(now))
        .filter(Id.eq(&row.id))
        .filter(Episode.eq(row.episode))
        .filter(PastDue.eq(true))
        .exec(&**tx)
        .await;
    restarted.map(drop).map_err(|error| tx.error(error))
}
