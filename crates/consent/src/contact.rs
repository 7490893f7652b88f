//! Addresses, and the turn that changes of their consents take.

use std::time::Duration;

use levqor_accounts::Email;
use levqor_entities::{
    consent_contacts::{self as contacts, lock, lock_id},
    ids::ContactId,
};
use levqor_store::{StoreError, Timestamp};
use sea_orm::ActiveValue::Set;

use crate::{
    ask::CONFIRM_MAILS,
    record::{Work, missing},
};

/// At most one mail that asks for a confirmation in this time (domain 2.8).
const BETWEEN_MAILS: Duration = Duration::from_hours(24);

/// The address's row, made when it is new. Others who change a consent of it wait from here on.
pub(crate) async fn turn(work: &Work<'_>, email: &Email) -> Result<contacts::Model, StoreError> {
    let row = contacts::ActiveModel {
        id: Set(ContactId(work.platform.ids.uuid_v7())),
        tenant_id: Set(work.tenant),
        email: Set(email.as_str().to_owned()),
        confirm_mails: Set(0),
        last_confirm_mail_at: Set(None),
        created_at: Set(work.now),
    };
    let inserted = contacts::insert_new(row).exec_without_returning(&**work.tx).await;
    inserted.map_err(|error| work.tx.error(error))?;
    find_turn(work, email).await?.ok_or_else(|| missing("contact"))
}

/// The same for an address that may be unknown.
pub(crate) async fn find_turn(work: &Work<'_>, email: &Email) -> Result<Option<contacts::Model>, StoreError> {
    let found = lock(work.tenant, email.as_str()).one(&**work.tx).await;
    found.map_err(|error| work.tx.error(error))
}

/// The same by id; None when the address was erased.
pub(crate) async fn turn_of(work: &Work<'_>, id: ContactId) -> Result<Option<contacts::Model>, StoreError> {
    let found = lock_id(work.tenant, id).one(&**work.tx).await;
    found.map_err(|error| work.tx.error(error))
}

/// Whether the address may be mailed once more to ask for a confirmation.
pub(crate) fn may_be_mailed(contact: &contacts::Model, now: Timestamp) -> bool {
    let rested = contact
        .last_confirm_mail_at
        .is_none_or(|last| now >= last.after(BETWEEN_MAILS));
    rested && contact.confirm_mails < CONFIRM_MAILS
}
