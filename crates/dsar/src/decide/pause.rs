//! Stopping the clock.

use levqor_audit::Actor;
use levqor_entities::dsar_requests::Column;
use levqor_platform::Platform;
use levqor_store::{KeyId, TenantId};
use sea_orm::{ColumnTrait, sea_query::Expr};
use serde_json::json;

use super::{Reason, Told, UNANSWERED, running, tell};
use crate::{DsarError, DsarId, Refusal, Request, change::change, trail::note};

/// Stops the clock while the person is asked what the controller needs to know, and asks them. The process goes on: what
/// it prepares meanwhile is none the worse for it.
///
/// # Errors
/// The clock stands already, or the request is over or unknown.
pub async fn pause(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    id: DsarId,
    reason: &Reason,
) -> Result<Request, DsarError> {
    let now = platform.db.now().await?;
    let request = running(platform, tenant, id).await?;
    if request.paused_at.is_some() {
        return Err(Refusal::Clock.into());
    }
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::PausedAt, Expr::value(now)),
        (Column::PauseReason, Expr::value(reason.as_str())),
    ];
    let request = change(&tx, &request, &UNANSWERED, Some(Column::PausedAt.is_null()), set)
        .await?
        .ok_or(Refusal::Clock)?;
    let told = Told {
        about: format!("paused/{}", now.0),
        what: "There is a question about your request for your data.".to_owned(),
        reason: reason.as_str().to_owned(),
        next: "Please answer it. The time until your request must be answered does not run until then."
            .to_owned(),
    };
    tell(&tx, platform, now, &request, told).await?;
    let detail = json!({"reason": reason.as_str()});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.paused", Actor::Key(key)),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
