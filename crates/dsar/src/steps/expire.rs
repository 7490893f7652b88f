//! Deleting the package.

use levqor_audit::Actor;
use levqor_entities::{dsar_grants, dsar_requests::Column};
use levqor_platform::Platform;
use levqor_store::TenantId;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::request;
use crate::{DsarError, DsarId, Request, State, change::change, objects::delete, trail::note};

/// Deletes a request's objects and the key they are encrypted under, whatever became of it. Its row stays.
///
/// # Errors
/// Database or object storage are away.
pub async fn expire(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    delete(platform, &request).await?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let gone = dsar_grants::secure_delete(tenant).filter(dsar_grants::Column::RequestId.eq(id));
    gone.exec(&*tx).await.map_err(|error| tx.error(error))?;
    let set = vec![
        (Column::State, Expr::value(State::Expired)),
        (Column::ExpiredAt, Expr::value(now)),
    ];
    let Some(request) = change(&tx, &request, &[State::Ready, State::Downloaded], None, set).await? else {
        tx.commit().await?;
        return super::request(platform, tenant, id).await;
    };
    let detail = json!({"downloaded": request.granted_at.is_some()});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.expired", Actor::System),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
