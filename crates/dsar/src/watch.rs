//! What is left behind by a crash between two commits or by a run that ended too soon, and what nobody came back for.

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

use crate::{
    DsarError, Request, State, find,
    open::{again, start},
    steps::expire,
    trail::note,
};

/// An accepted request has its run within moments; after this long somebody crashed.
const STRANDED: Duration = Duration::from_mins(1);

/// Most rows of a kind in one call.
const MOST: u64 = 500;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Requests whose run was started.
    pub started: u64,
    /// Requests that got another run, since theirs was cancelled or faulted before they were answered.
    pub restarted: u64,
    /// Packages deleted whose time was over, since the run that had to do it is gone.
    pub expired: u64,
    /// Requests that nobody confirmed in seven days, deleted.
    pub forgotten: u64,
}

/// Looks after the requests of all tenants: for the installation's own process only.
///
/// # Errors
/// The database is away.
pub async fn watch(platform: &Platform) -> Result<Watched, DsarError> {
    let now = platform.db.now().await?;
    let before = Timestamp(now.0 - Timestamp(0).after(STRANDED).0);
    Ok(Watched {
        started: stranded(platform, before).await?,
        restarted: forsaken(platform, before).await?,
        expired: overdue(platform, before).await?,
        forgotten: unconfirmed(platform, now).await?,
    })
}

async fn stranded(platform: &Platform, before: Timestamp) -> Result<u64, DsarError> {
    let db = &platform.db;
    let found = dsar_requests::find_stranded(before, MOST).all(db.reader()).await;
    let found = found.map_err(|error| db.error(error))?;
    for request in &found {
        start(platform, request).await;
    }
    Ok(found.len() as u64)
}

/// The law's month runs on, whoever ended the run.
async fn forsaken(platform: &Platform, before: Timestamp) -> Result<u64, DsarError> {
    let db = &platform.db;
    let found = dsar_requests::find_forsaken(before, MOST).all(db.reader()).await;
    let found = found.map_err(|error| db.error(error))?;
    for request in &found {
        tracing::warn!(request = %request.id, run = ?request.run_id, "a run ended before its request was answered");
        again(platform, request).await;
    }
    Ok(found.len() as u64)
}

async fn overdue(platform: &Platform, before: Timestamp) -> Result<u64, DsarError> {
    let db = &platform.db;
    let found = dsar_requests::find_overdue(before, MOST).all(db.reader()).await;
    let mut expired = 0;
    for request in found.map_err(|error| db.error(error))? {
        match expire(platform, request.tenant_id, request.id).await {
            Ok(_) => expired += 1,
            // One that cannot be deleted keeps no other.
            Err(error) => tracing::warn!(%error, request = %request.id, "a package is deleted later"),
        }
    }
    Ok(expired)
}

async fn unconfirmed(platform: &Platform, now: Timestamp) -> Result<u64, DsarError> {
    let (db, mut forgotten) = (&platform.db, 0);
    let late = dsar_grants::find_unconfirmed(now, MOST).all(db.reader()).await;
    for grant in late.map_err(|error| db.error(error))? {
        if let Some(request) = find(db, grant.tenant_id, grant.request_id).await? {
            forgotten += forget(platform, now, &request).await?;
        }
    }
    Ok(forgotten)
}

/// Deletes an unverified request; how many rows that were.
async fn forget(platform: &Platform, now: Timestamp, request: &Request) -> Result<u64, DsarError> {
    let tx = platform.db.begin().await?;
    let gone = dsar_requests::secure_delete(request.tenant_id)
        .filter(dsar_requests::Column::Id.eq(request.id))
        .filter(dsar_requests::Column::State.eq(State::Unverified));
    let gone = gone
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?
        .rows_affected;
    let grant = dsar_grants::secure_delete(request.tenant_id)
        .filter(Column::RequestId.eq(request.id))
        .filter(Column::ConfirmUntil.is_not_null());
    grant.exec(&*tx).await.map_err(|error| tx.error(error))?;
    if gone > 0 {
        note(
            &tx,
            platform,
            now,
            request,
            ("dsar.forgotten", Actor::System),
            json!({}),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(gone)
}
