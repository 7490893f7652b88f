//! Giving a request up.

use levqor_audit::Actor;
use levqor_entities::{dsar_grants, dsar_requests::Column};
use levqor_platform::Platform;
use levqor_store::TenantId;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::request;
use crate::{DsarError, DsarId, Request, State, change::change, objects::delete, trail::note};

/// Most characters of the cause.
const MOST: usize = 500;

/// Notes that the package could not be made, for the tenant to answer by hand before the due date; deletes what there is
/// of it. The person may ask again at once.
///
/// # Errors
/// Database or object storage are away.
pub async fn fail(
    platform: &Platform,
    tenant: TenantId,
    id: DsarId,
    why: &str,
) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    let prepared = [State::Accepted, State::Collected, State::Packaged, State::Stored];
    let why: String = why.chars().take(MOST).collect();
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Failed)),
        (Column::FailedAt, Expr::value(now)),
        (Column::Failure, Expr::value(why.as_str())),
    ];
    if let Some(request) = change(&tx, &request, &prepared, None, set).await? {
        let gone = dsar_grants::secure_delete(tenant).filter(dsar_grants::Column::RequestId.eq(id));
        gone.exec(&*tx).await.map_err(|error| tx.error(error))?;
        note(
            &tx,
            platform,
            now,
            &request,
            ("dsar.failed", Actor::System),
            json!({"why": why}),
        )
        .await?;
    }
    tx.commit().await?;
    delete(platform, &request).await?;
    super::request(platform, tenant, id).await
}
