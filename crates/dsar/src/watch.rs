//! What is left behind by a crash between two commits, and what nobody came back for.

use std::time::Duration;

use levqor_audit::Actor;
use levqor_entities::{
    dsar_grants::{self, Column},
    dsar_requests,
};
use levqor_platform::Platform;
use levqor_store::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use crate::{DsarError, Request, State, find, open::start, trail::note};

/// An accepted request has its run within moments; after this long somebody crashed.
const STRANDED: Duration = Duration::from_mins(1);

/// Most rows of a kind in one call.
const MOST: u64 = 500;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Requests whose run was started.
    pub started: u64,
    /// Requests that nobody confirmed in seven days, deleted.
    pub forgotten: u64,
}

/// Looks after the requests of all tenants: for the installation's own process only.
///
/// # Errors
/// The database is away.
pub async fn watch(platform: &Platform) -> Result<Watched, DsarError> {
    let (db, mut watched) = (&platform.db, Watched::default());
    let now = db.now().await?;
    let before = Timestamp(now.0 - Timestamp(0).after(STRANDED).0);
    let stranded = dsar_requests::find_stranded(before, MOST).all(db.reader()).await;
    for request in stranded.map_err(|error| db.error(error))? {
        start(platform, &request).await;
        watched.started += 1;
    }
    let late = dsar_grants::find_unconfirmed(now, MOST).all(db.reader()).await;
    for grant in late.map_err(|error| db.error(error))? {
        if let Some(request) = find(db, grant.tenant_id, grant.request_id).await? {
            watched.forgotten += forget(platform, now, &request).await?;
        }
    }
    Ok(watched)
}

/// Deletes an unverified request; how many rows that were.
async fn forget(platform: &Platform, now: Timestamp, request: &Request) -> Result<u64, DsarError> {
    let tx = platform.db.begin().await?;
    let gone = dsar_requests::secure_delete(request.tenant_id)
        .filter(dsar_requests::Column::Id.eq(request.id))
        .filter(dsar_requests::Column::State.eq(State::Unverified));
    let gone = gone.exec(&*tx).await.map_err(|error| tx.error(error))?.rows_affected;
    let grant = dsar_grants::secure_delete(request.tenant_id)
        .filter(Column::RequestId.eq(request.id))
        .filter(Column::ConfirmUntil.is_not_null());
    grant.exec(&*tx).await.map_err(|error| tx.error(error))?;
    if gone > 0 {
        note(&tx, platform, now, request, ("dsar.forgotten", Actor::System), json!({})).await?;
    }
    tx.commit().await?;
    Ok(gone)
}
