//! Extending the time to three months.

use levqor_audit::Actor;
use levqor_entities::dsar_requests::Column;
use levqor_platform::Platform;
use levqor_store::{KeyId, TenantId};
use sea_orm::{ColumnTrait, sea_query::Expr};
use serde_json::json;

use super::{Reason, Told, UNANSWERED, clock, running, tell};
use crate::{DsarError, DsarId, Refusal, Request, change::change, due::Period, trail::note};

/// Extends the time by two months, counted from the start, and tells the person why (GDPR article 12(3)). Doing so again
/// is refused, and so is doing it after the first month.
///
/// # Errors
/// It is too late, or the request is over or unknown.
pub async fn extend(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    id: DsarId,
    reason: &Reason,
) -> Result<Request, DsarError> {
    let now = platform.db.now().await?;
    let request = running(platform, tenant, id).await?;
    if request.extended_at.is_some() || !clock::may_extend(&request, now)? {
        return Err(Refusal::CannotExtend.into());
    }
    let due_at = clock::due(
        request.received_at,
        Period::Extended,
        clock::paused_us(&request, now),
    )?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::ExtendedAt, Expr::value(now)),
        (Column::ExtensionReason, Expr::value(reason.as_str())),
        (Column::DueAt, Expr::value(due_at)),
    ];
    let request = change(
        &tx,
        &request,
        &UNANSWERED,
        Some(Column::ExtendedAt.is_null()),
        set,
    )
    .await?
    .ok_or(Refusal::CannotExtend)?;
    let told = Told {
        about: "extended".to_owned(),
        what: "Your request for your data takes longer than a month.".to_owned(),
        reason: reason.as_str().to_owned(),
        next: format!(
            "You will have an answer by {}. You may complain to a supervisory authority, or go to court, if you think that this \
             is not justified.",
            clock::last_day(due_at)?
        ),
    };
    tell(&tx, platform, now, &request, told).await?;
    let detail = json!({"reason": reason.as_str(), "due_at": due_at});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.extended", Actor::Key(key)),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
