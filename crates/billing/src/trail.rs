//! Where a change of billing is made: one transaction, one time, and a note of it in the audit trail.

use levqor_audit::{Actor, Entry};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, Tx};
use sea_orm::DbErr;
use serde_json::Value;

/// Name of the stream in the audit trail.
const STREAM: &str = "billing";

/// A transaction of billing.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) tx: &'a Tx,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// Notes what was done, with the transaction.
    pub(crate) async fn note(
        &self,
        tenant: TenantId,
        actor: Actor,
        kind: &str,
        detail: Value,
    ) -> Result<(), StoreError> {
        let entry = Entry {
            tenant,
            stream: STREAM,
            kind,
            actor,
            subject: None,
            detail: &detail,
        };
        levqor_audit::append(self.tx, self.platform, self.now, entry).await
    }

    /// For `map_err`.
    pub(crate) fn error(&self, error: DbErr) -> StoreError {
        self.tx.error(error)
    }
}
