//! Letting the clock run again.

use levqor_audit::Actor;
use levqor_entities::dsar_requests::Column;
use levqor_platform::Platform;
use levqor_store::{KeyId, TenantId};
use sea_orm::{ColumnTrait, sea_query::Expr};
use serde_json::json;

use super::{Reason, UNANSWERED, clock, running};
use crate::{DsarError, DsarId, Refusal, Request, change::change, trail::note};

/// Lets the clock run again; the date moves by exactly the time that it stood.
///
/// # Errors
/// The clock does not stand, or the request is over or unknown.
pub async fn resume(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    id: DsarId,
    reason: &Reason,
) -> Result<Request, DsarError> {
    let now = platform.db.now().await?;
    let request = running(platform, tenant, id).await?;
    if request.paused_at.is_none() {
        return Err(Refusal::Clock.into());
    }
    let paused_us = clock::paused_us(&request, now);
    let due_at = clock::due(request.received_at, clock::period(&request), paused_us)?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::PausedAt, Expr::value(None::<i64>)),
        (Column::PausedUs, Expr::value(paused_us)),
        (Column::ResumedAt, Expr::value(now)),
        (Column::DueAt, Expr::value(due_at)),
    ];
    let request = change(
        &tx,
        &request,
        &UNANSWERED,
        Some(Column::PausedAt.is_not_null()),
        set,
    )
    .await?
    .ok_or(Refusal::Clock)?;
    let detail = json!({"reason": reason.as_str(), "paused_us": paused_us, "due_at": due_at});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.resumed", Actor::Key(key)),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
