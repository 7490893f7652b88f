//! The exact texts that people were shown.

use levqor_entities::{consent_wordings as wordings, ids::WordingId};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::record::{Work, missing};

/// Hexadecimal digits of the hash in a version.
const DIGITS: usize = 8;

/// The row of this text, made when it is shown for the first time.
pub(crate) async fn remember(work: &Work<'_>, text: &str) -> Result<wordings::Model, StoreError> {
    let sha256 = Sha256::digest(text).to_vec();
    let row = wordings::ActiveModel {
        id: Set(WordingId(work.platform.ids.uuid_v7())),
        tenant_id: Set(work.tenant),
        version: Set(version(work.now, &sha256)),
        sha256: Set(sha256.clone()),
        text: Set(text.to_owned()),
        first_shown_at: Set(work.now),
    };
    let inserted = wordings::insert_new(row).exec_without_returning(&**work.tx).await;
    inserted.map_err(|error| work.tx.error(error))?;
    let found = wordings::find_by_hash(work.tenant, &sha256).one(&**work.tx).await;
    found
        .map_err(|error| work.tx.error(error))?
        .ok_or_else(|| missing("wording"))
}

/// The text with this id.
pub(crate) async fn find(work: &Work<'_>, id: WordingId) -> Result<wordings::Model, StoreError> {
    let found = wordings::secure_find(work.tenant)
        .filter(wordings::Column::Id.eq(id))
        .one(&**work.tx)
        .await;
    found
        .map_err(|error| work.tx.error(error))?
        .ok_or_else(|| missing("wording"))
}

/// The text with this id, outside of a transaction.
pub(crate) async fn text(platform: &Platform, tenant: TenantId, id: WordingId) -> Result<String, StoreError> {
    let db = &platform.db;
    let found = wordings::secure_find(tenant)
        .filter(wordings::Column::Id.eq(id))
        .one(db.reader())
        .await;
    let found = found
        .map_err(|error| db.error(error))?
        .ok_or_else(|| missing("wording"))?;
    Ok(found.text)
}

/// `2026-01-31/1f2e3d4c`: by the day for people, by the hash so that no two texts of a day share it.
fn version(first_shown: Timestamp, sha256: &[u8]) -> String {
    let day = jiff::Timestamp::from_microsecond(first_shown.0).unwrap_or_default();
    let digits = hex::encode(sha256);
    format!("{}/{}", day.strftime("%Y-%m-%d"), &digits[..DIGITS])
}
