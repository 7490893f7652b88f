//! Promises to pay: the operator lets an account be until a date.

use levqor_audit::Actor;
use levqor_entities::{billing_accounts, billing_invoices};
use levqor_platform::Platform;
use levqor_processes::{ProcessError, SYSTEM};
use levqor_store::{RunId, TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{account::locked, books, policy, process::CHANGED, trail::Desk};

/// Nothing goes on before `until`, and a suspended tenant may start runs again; then what is due by that time is done.
/// False when the tenant has no account.
pub async fn hold(
    platform: &Platform,
    tenant: TenantId,
    until: Timestamp,
    reason: &str,
) -> Result<bool, ProcessError> {
    let note = ("billing.held", json!({"until": until.0, "reason": reason}));
    set(platform, tenant, Some((until, reason)), note).await
}

/// The promise is kept or broken: dunning goes on at once. False when the tenant has no account.
pub async fn release(platform: &Platform, tenant: TenantId) -> Result<bool, ProcessError> {
    set(platform, tenant, None, ("billing.released", json!({}))).await
}

async fn set(
    platform: &Platform,
    tenant: TenantId,
    promise: Option<(Timestamp, &str)>,
    (kind, detail): (&str, Value),
) -> Result<bool, ProcessError> {
    let tx = platform.db.begin().await?;
    let now = platform.db.now().await?;
    let desk = Desk {
        platform,
        tx: &tx,
        now,
    };
    let Some(mut account) = locked(desk, tenant).await? else {
        return Ok(false);
    };
    account.hold_until = promise.map(|(until, _)| until);
    let changed = billing_accounts::secure_update(tenant)
        .col_expr(
            billing_accounts::Column::HoldUntil,
            Expr::value(account.hold_until),
        )
        .col_expr(
            billing_accounts::Column::HoldReason,
            Expr::value(promise.map(|(_, reason)| reason)),
        )
        .col_expr(billing_accounts::Column::UpdatedAt, Expr::value(now))
        .exec(&*tx)
        .await;
    changed.map_err(|error| tx.error(error))?;
    let runs = reckon(desk, &account).await?;
    desk.note(tenant, Actor::Operator, kind, detail).await?;
    tx.commit().await?;
    for run in runs {
        platform.processes.wake(SYSTEM, run, CHANGED, &json!({})).await?;
    }
    Ok(true)
}

/// Says anew of each past-due invoice when to look at it; their runs.
async fn reckon(desk: Desk<'_>, account: &billing_accounts::Model) -> Result<Vec<RunId>, ProcessError> {
    let db = &desk.platform.db;
    let tenant = account.tenant_id;
    let rows = billing_invoices::find_past_due(tenant).all(&**desk.tx).await;
    let rows = rows.map_err(|error| desk.error(error))?;
    for row in &rows {
        let next = books::next_at(&policy::policy(db, row.policy).await?, account, row);
        let changed = billing_invoices::secure_update(tenant)
            .col_expr(billing_invoices::Column::NextAt, Expr::value(next))
            .filter(billing_invoices::Column::Id.eq(&row.id))
            .exec(&**desk.tx)
            .await;
        changed.map_err(|error| desk.error(error))?;
    }
    Ok(rows.into_iter().filter_map(|row| row.run_id).collect())
}
