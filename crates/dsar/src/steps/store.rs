//! Reading the package back.

use levqor_audit::Actor;
use levqor_entities::dsar_requests::Column;
use levqor_platform::Platform;
use levqor_store::TenantId;
use sea_orm::sea_query::Expr;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{blocking, request};
use crate::{
    DsarError, DsarId, FEATURE, Request, State,
    change::change,
    objects::{PACKAGE, Sealed, package_key, snapshot_key},
    package::{Signer, verify::verify},
    trail::note,
};

/// Reads the package back from where it was put, checks it as anybody can, and deletes the copy it was made of. Nobody is
/// told of a package that is not whole.
///
/// # Errors
/// It is gone, does not open or is damaged, or database or object storage are away.
pub async fn store(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    if request.state != State::Packaged {
        return Ok(request);
    }
    let Some(objects) = Sealed::of(platform, &request).await? else {
        return Ok(request);
    };
    let digest = request.package_digest.clone().unwrap_or_default();
    let zip = objects.get(PACKAGE, &package_key(&request, &digest)?).await?;
    let key = Signer::new(platform.secrets(FEATURE)?)?.public_bytes();
    blocking(move || check(&zip, &digest, key)).await?;
    platform.objects.delete(&snapshot_key(&request)?).await?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Stored)),
        (Column::StoredAt, Expr::value(now)),
    ];
    let Some(request) = change(&tx, &request, &[State::Packaged], None, set).await? else {
        return super::request(platform, tenant, id).await;
    };
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.stored", Actor::System),
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}

fn check(zip: &[u8], digest: &[u8], key: [u8; 32]) -> Result<(), DsarError> {
    if Sha256::digest(zip).as_slice() != digest {
        return Err(DsarError::Damaged("its SHA-256 is another".to_owned()));
    }
    verify(zip, Some(key)).map(drop).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        DsarError::Damaged(faults.join("; "))
    })
}
