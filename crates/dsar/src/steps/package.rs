//! Writing the package.

use levqor_audit::Actor;
use levqor_entities::dsar_requests::Column;
use levqor_platform::Platform;
use levqor_store::TenantId;
use sea_orm::sea_query::Expr;
use serde_json::json;

use super::{blocking, request};
use crate::{
    DsarError, DsarId, FEATURE, Request, State,
    change::change,
    objects::{PACKAGE, SNAPSHOT, Sealed, package_key, snapshot_key},
    package::{PackageError, Signer, Snapshot, build},
    trail::note,
};

/// Makes the package of the copied rows and puts it into the object storage, encrypted.
///
/// # Errors
/// The copy is gone or does not open, or database or object storage are away.
pub async fn package(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    if request.state != State::Collected {
        return Ok(request);
    }
    let Some(objects) = Sealed::of(platform, &request).await? else {
        return Ok(request);
    };
    let text = objects.get(SNAPSHOT, &snapshot_key(&request)?).await?;
    let signer = Signer::new(platform.secrets(FEATURE)?)?;
    let package = blocking(move || {
        let snapshot: Snapshot = serde_json::from_slice(&text).map_err(PackageError::from)?;
        Ok(build(&snapshot, &signer)?)
    });
    let package = package.await?;
    objects
        .put(PACKAGE, &package_key(&request, &package.digest)?, &package.zip)
        .await?;
    let size = i64::try_from(package.zip.len()).unwrap_or(i64::MAX);
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Packaged)),
        (Column::PackagedAt, Expr::value(now)),
        (Column::PackageDigest, Expr::value(package.digest.to_vec())),
        (Column::PackageSize, Expr::value(size)),
    ];
    let Some(request) = change(&tx, &request, &[State::Collected], None, set).await? else {
        return super::request(platform, tenant, id).await;
    };
    let detail = json!({"sha256": hex::encode(package.digest), "bytes": size});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.packaged", Actor::System),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}
