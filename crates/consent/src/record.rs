//! One change of a consent: its row, the event, the entry in the audit trail; all in one transaction.

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    consent_events::{self as events, Kind},
    consent_wordings as wordings,
    consents::{self, Status},
};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, Tx};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use crate::Evidence;

/// How all lists reach people.
const CHANNEL: &str = "email";

/// A transaction at work for a tenant.
pub(crate) struct Work<'a> {
    pub(crate) tx: &'a Tx,
    pub(crate) platform: &'a Platform,
    pub(crate) tenant: TenantId,
    pub(crate) now: Timestamp,
    /// Who answers for the tenant's lists.
    pub(crate) controller: &'a str,
}

/// What happened, and who says so.
pub(crate) struct Change<'a> {
    pub(crate) kind: Kind,
    /// How, such as `confirm_link`.
    pub(crate) method: &'a str,
    /// The text shown.
    pub(crate) wording: &'a wordings::Model,
    pub(crate) evidence: &'a Evidence,
    pub(crate) actor: Actor,
}

impl Work<'_> {
    /// Makes the change. A question may come from elsewhere this time, in another language, and the person be known by
    /// now: what `before` says of that is stored too.
    pub(crate) async fn apply(
        &self,
        before: consents::Model,
        change: &Change<'_>,
    ) -> Result<consents::Model, StoreError> {
        let after = self.changed(before, change);
        let stored = after.update(&**self.tx).await;
        let after = stored.map_err(|error| self.tx.error(error))?;
        let event = self.event(&after, change).insert(&**self.tx).await;
        event.map_err(|error| self.tx.error(error))?;
        self.audit(&after, change).await?;
        Ok(after)
    }

    fn changed(&self, before: consents::Model, change: &Change<'_>) -> consents::ActiveModel {
        let mut row = before.into_active_model();
        row.updated_at = Set(self.now);
        match change.kind {
            Kind::Requested => {
                for column in [
                    consents::Column::Source,
                    consents::Column::Locale,
                    consents::Column::UserId,
                ] {
                    row.reset(column);
                }
                row.status = Set(Status::PendingDoubleOptIn);
                row.requested_at = Set(self.now);
                row.wording_id = Set(change.wording.id);
            }
            Kind::Granted => {
                row.status = Set(Status::Granted);
                row.granted_at = Set(Some(self.now));
                row.wording_id = Set(change.wording.id);
            }
            Kind::Revoked => {
                row.status = Set(Status::Revoked);
                row.revoked_at = Set(Some(self.now));
            }
            Kind::Expired => row.status = Set(Status::Expired),
        }
        row
    }

    fn event(&self, consent: &consents::Model, change: &Change<'_>) -> events::ActiveModel {
        events::ActiveModel {
            tenant_id: Set(self.tenant),
            consent_id: Set(consent.id),
            email: Set(consent.email.clone()),
            user_id: Set(consent.user_id),
            at: Set(self.now),
            kind: Set(change.kind),
            scope: Set(consent.scope.clone()),
            channel: Set(CHANNEL.to_owned()),
            source: Set(consent.source.clone()),
            method: Set(change.method.to_owned()),
            controller: Set(self.controller.to_owned()),
            wording_id: Set(change.wording.id),
            wording_version: Set(change.wording.version.clone()),
            wording_sha256: Set(change.wording.sha256.clone()),
            network: Set(change.evidence.network.clone()),
            agent_hash: Set(change.evidence.agent_hash.clone()),
            ..Default::default()
        }
    }

    async fn audit(&self, consent: &consents::Model, change: &Change<'_>) -> Result<(), StoreError> {
        let kind = match change.kind {
            Kind::Requested => "consent.requested",
            Kind::Granted => "consent.granted",
            Kind::Revoked => "consent.revoked",
            Kind::Expired => "consent.expired",
        };
        let detail = json!({
            "consent": consent.id,
            "scope": consent.scope,
            "method": change.method,
            "wording_version": change.wording.version,
        });
        let entry = Entry {
            tenant: self.tenant,
            stream: "consent",
            kind,
            actor: change.actor,
            subject: consent.user_id,
            detail: &detail,
        };
        levqor_audit::append(self.tx, self.platform, self.now, entry).await
    }
}

/// A row that another row of ours points to, and that is not there.
pub(crate) fn missing(what: &str) -> StoreError {
    StoreError::Corrupt(format!("a consent's {what} is missing"))
}
