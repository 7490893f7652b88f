//! Asking for a consent.

use levqor_accounts::Email;
use levqor_audit::Actor;
use levqor_entities::{
    consent_contacts as contacts,
    consent_events::Kind,
    consent_links, consent_wordings as wordings,
    consents::{self, Status},
    ids::ConsentId,
};
use levqor_mail::{Envelope, Kind as MailKind, letters::ConsentConfirm};
use levqor_platform::{Platform, Token};
use levqor_store::{StoreError, TenantId, UserId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};

use crate::{
    ConsentError, Evidence, FEATURE, LIFE, Scope, contact, links,
    record::{Change, Work},
    sender::controller,
    wording,
};

/// Mails that ask an address for a confirmation before it gives one; then there are no more (domain 2.8).
pub const CONFIRM_MAILS: i64 = 3;

/// A consent to ask for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whom.
    pub email: Email,
    /// For which list.
    pub scope: Scope,
    /// Where the person entered the address, such as `signup_checkbox`.
    pub source: String,
    /// The exact text the person was shown.
    pub wording: String,
    /// Language of the page (BCP 47).
    pub locale: Option<String>,
    /// Who that is; looked up by the address when it is not said.
    pub user: Option<UserId>,
    /// Where the person was and with what.
    pub evidence: Evidence,
    /// Who asks.
    pub actor: Actor,
}

/// Asks for a consent: the address gets a mail with a link, unless it has agreed already, was mailed in the last 24
/// hours or three times in vain. Which of these it was is not told, so that nobody learns who is known here.
///
/// # Errors
/// The installation has no secret key or no public URL, or the database is away.
pub async fn ask(platform: &Platform, tenant: TenantId, ask: Ask) -> Result<(), ConsentError> {
    // Without it the answer to this question could not be taken.
    platform.secrets(FEATURE)?;
    let token = links::confirm(platform);
    let path = format!("/api/marketing/consent/confirm?token={}", token.text);
    let link = platform.link(FEATURE, &path)?;
    let ask = known(platform, tenant, ask).await?;
    let controller = controller(platform, tenant).await?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let work = Work {
        tx: &tx,
        platform,
        tenant,
        now,
        controller: &controller,
    };
    if work.ask(&ask, &token, link).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Finds out who is asked.
async fn known(platform: &Platform, tenant: TenantId, mut ask: Ask) -> Result<Ask, StoreError> {
    if ask.user.is_none() {
        let user = levqor_accounts::find_by_email(&platform.db, tenant, &ask.email).await?;
        ask.user = user.map(|user| user.id);
    }
    Ok(ask)
}

impl Work<'_> {
    /// Whether anything was written that is worth keeping.
    async fn ask(&self, ask: &Ask, token: &Token, link: String) -> Result<bool, StoreError> {
        let contact = contact::turn(self, &ask.email).await?;
        let wording = wording::remember(self, &ask.wording).await?;
        let found = consents::secure_find(self.tenant)
            .filter(consents::Column::Email.eq(ask.email.as_str()))
            .filter(consents::Column::Scope.eq(ask.scope.as_str()))
            .one(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))?;
        let mails = contact::may_be_mailed(&contact, self.now);
        let pending = found.as_ref().is_some_and(|consent| {
            consent.status == Status::PendingDoubleOptIn && consent.wording_id == wording.id
        });
        let granted = found
            .as_ref()
            .is_some_and(|consent| consent.status == Status::Granted);
        if granted || (pending && !mails) {
            return Ok(false);
        }
        let consent = match found {
            Some(consent) => consent,
            None => self.insert(ask, &contact, &wording).await?,
        };
        let consent = self.again(consent, ask, &wording).await?;
        if mails {
            self.send(&consent, contact, &wording, token, link).await?;
        }
        Ok(true)
    }

    async fn insert(
        &self,
        ask: &Ask,
        contact: &contacts::Model,
        wording: &wordings::Model,
    ) -> Result<consents::Model, StoreError> {
        let row = consents::Model {
            id: ConsentId(self.platform.ids.uuid_v7()),
            tenant_id: self.tenant,
            contact_id: contact.id,
            email: contact.email.clone(),
            user_id: ask.user,
            scope: ask.scope.as_str().to_owned(),
            status: Status::PendingDoubleOptIn,
            source: ask.source.clone(),
            locale: ask.locale.clone(),
            wording_id: wording.id,
            requested_at: self.now,
            granted_at: None,
            revoked_at: None,
            updated_at: self.now,
        };
        let inserted = row.into_active_model().insert(&**self.tx).await;
        inserted.map_err(|error| self.tx.error(error))
    }

    /// Notes the question, with what is known this time.
    async fn again(
        &self,
        mut consent: consents::Model,
        ask: &Ask,
        wording: &wordings::Model,
    ) -> Result<consents::Model, StoreError> {
        consent.source.clone_from(&ask.source);
        consent.locale.clone_from(&ask.locale);
        consent.user_id = ask.user.or(consent.user_id);
        let change = Change {
            kind: Kind::Requested,
            method: "form",
            wording,
            evidence: &ask.evidence,
            actor: ask.actor,
        };
        self.apply(consent, &change).await
    }

    async fn send(
        &self,
        consent: &consents::Model,
        contact: contacts::Model,
        wording: &wordings::Model,
        token: &Token,
        link: String,
    ) -> Result<(), StoreError> {
        let mails = contact.confirm_mails + 1;
        let mut contact = contact.into_active_model();
        contact.confirm_mails = Set(mails);
        contact.last_confirm_mail_at = Set(Some(self.now));
        let counted = contact.update(&**self.tx).await;
        counted.map_err(|error| self.tx.error(error))?;
        let mut row = links::lasting(
            self.tenant,
            consent_links::Kind::Confirm,
            token,
            consent.id.0,
            self.now,
        );
        row.wording_id = Set(Some(wording.id));
        row.expires_at = Set(Some(self.now.after(LIFE)));
        links::remember(self, vec![row]).await?;
        let letter = ConsentConfirm {
            controller: self.controller.to_owned(),
            scope: Scope::title(&consent.scope),
            wording: wording.text.clone(),
            link,
        };
        let envelope = Envelope {
            tenant: self.tenant,
            key: format!("consent/{}/{}", consent.id, hex::encode(&token.hash[..8])),
            kind: MailKind::Transactional,
            to: consent.email.clone(),
            user: consent.user_id,
            attachments: Vec::new(),
        };
        levqor_mail::enqueue(self.tx, self.platform, self.now, envelope, &letter)
            .await
            .map(drop)
    }
}
