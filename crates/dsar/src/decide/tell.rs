//! Telling the person.

use levqor_entities::users;
use levqor_mail::{Envelope, Kind, letters::DsarUpdate};
use levqor_platform::Platform;
use levqor_store::{Timestamp, Tx};
use sea_orm::{ColumnTrait, QueryFilter};

use super::controller;
use crate::{DsarError, Request};

/// What the person is told.
pub(crate) struct Told {
    /// Part of the mail's key: told once for each.
    pub(crate) about: String,
    /// What happened, in a sentence.
    pub(crate) what: String,
    /// The tenant's reason; empty when there is none.
    pub(crate) reason: String,
    /// What to expect or do now.
    pub(crate) next: String,
}

/// Writes the mail in the caller's transaction; nothing when the person is gone.
pub(crate) async fn tell(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    request: &Request,
    told: Told,
) -> Result<(), DsarError> {
    let found = users::secure_find(request.tenant_id).filter(users::Column::Id.eq(request.user_id));
    let Some(user) = found.one(&**tx).await.map_err(|error| tx.error(error))? else {
        return Ok(());
    };
    let envelope = Envelope {
        tenant: request.tenant_id,
        key: format!("dsar/{}/{}", request.id, told.about),
        kind: Kind::Transactional,
        to: user.email,
        user: Some(request.user_id),
        attachments: Vec::new(),
    };
    let letter = DsarUpdate {
        controller: controller(tx, request.tenant_id).await?,
        what: told.what,
        reason: told.reason,
        next: told.next,
    };
    levqor_mail::enqueue(tx, platform, now, envelope, &letter).await?;
    Ok(())
}
