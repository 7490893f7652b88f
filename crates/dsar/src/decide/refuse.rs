//! Refusing a request.

use levqor_audit::Actor;
use levqor_entities::{dsar_grants, dsar_requests::Column};
use levqor_platform::Platform;
use levqor_store::{KeyId, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{Reason, Told, UNANSWERED, running, tell};
use crate::{DsarError, DsarId, Refusal, Request, State, change::change, trail::note};

/// Refuses a request and tells the person why, and what they can do about it (GDPR article 12(4) and (5)). The key of what
/// was prepared is deleted at once; the process deletes the objects.
///
/// # Errors
/// The request is over or unknown.
pub async fn refuse(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    id: DsarId,
    reason: &Reason,
) -> Result<Request, DsarError> {
    let now = platform.db.now().await?;
    let request = running(platform, tenant, id).await?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Refused)),
        (Column::RefusedAt, Expr::value(now)),
        (Column::RefusalReason, Expr::value(reason.as_str())),
        (Column::PausedAt, Expr::value(None::<i64>)),
    ];
    let changed = change(&tx, &request, &UNANSWERED, None, set).await?;
    let request = changed.ok_or(Refusal::Over(request.state))?;
    let grant = dsar_grants::secure_delete(tenant).filter(dsar_grants::Column::RequestId.eq(id));
    grant.exec(&*tx).await.map_err(|error| tx.error(error))?;
    let told = Told {
        about: "refused".to_owned(),
        what: "Your request for your data was refused.".to_owned(),
        reason: reason.as_str().to_owned(),
        next: "If you think that this is wrong, you may complain to a supervisory authority, or go to court."
            .to_owned(),
    };
    tell(&tx, platform, now, &request, told).await?;
    let detail = json!({"reason": reason.as_str()});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.refused", Actor::Key(key)),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
