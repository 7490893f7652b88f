//! Confirming a consent.

use levqor_audit::Actor;
use levqor_entities::{
    consent_events::Kind,
    consent_links::{self, Kind as LinkKind},
    consents::{self, Status},
    ids::ConsentId,
};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter,
};

use crate::{
    ConsentError, Evidence, Scope, contact, links,
    record::{Change, Work, missing},
    sender::controller,
    wording,
};

/// How it stands with what a link confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for the button.
    Open,
    /// It is confirmed.
    Granted,
    /// The link came too late.
    Expired,
}

/// What a link to confirm leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// How it stands.
    pub standing: Standing,
    /// Who asks.
    pub controller: String,
    /// For which list, for people.
    pub scope: String,
    /// The exact text the person was shown.
    pub wording: String,
    /// URL at which the person can change their mind; once it is granted.
    pub preferences: Option<String>,
}

/// Looks where a link leads, and changes nothing (domain 2.1). None: the link is not known, or what it was for was
/// withdrawn since.
///
/// # Errors
/// The database is away.
pub async fn look(platform: &Platform, token: &str) -> Result<Option<Confirmation>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Confirm, token).await? else {
        return Ok(None);
    };
    let db = &platform.db;
    let Some(consent) = target(db.reader(), &link)
        .await
        .map_err(|error| db.error(error))?
    else {
        return Ok(None);
    };
    let standing = standing(&consent, &link, db.now().await?);
    Ok(match standing {
        Some(standing) => Some(shown(platform, standing, &consent, &link).await?),
        None => None,
    })
}

/// Grants what a link is for: the answer to the button, not to the link itself, which scanners of mails follow
/// (domain 2.2). Safe to repeat. None as in [`look`].
///
/// # Errors
/// The installation has no secret key or no public URL, or the database is away.
pub async fn confirm(
    platform: &Platform,
    token: &str,
    from: impl Fn(levqor_store::TenantId) -> Result<Evidence, levqor_platform::NotConfigured>,
) -> Result<Option<Confirmation>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Confirm, token).await? else {
        return Ok(None);
    };
    let evidence = from(link.tenant_id)?;
    let controller = controller(platform, link.tenant_id).await?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let work = Work {
        tx: &tx,
        platform,
        tenant: link.tenant_id,
        now,
        controller: &controller,
    };
    let Some((standing, consent)) = work.confirm(&link, &evidence).await? else {
        return Ok(None);
    };
    tx.commit().await?;
    Ok(Some(shown(platform, standing, &consent, &link).await?))
}

impl Work<'_> {
    async fn confirm(
        &self,
        link: &consent_links::Model,
        evidence: &Evidence,
    ) -> Result<Option<(Standing, consents::Model)>, ConsentError> {
        let Some(consent) = self.turn_of(ConsentId(link.target)).await? else {
            return Ok(None);
        };
        match standing(&consent, link, self.now) {
            None => Ok(None),
            Some(Standing::Open) => {
                let consent = self.grant(consent, link, evidence).await?;
                Ok(Some((Standing::Granted, consent)))
            }
            Some(standing) => Ok(Some((standing, consent))),
        }
    }

    /// The consent, once it is its address's turn; None when it was erased.
    pub(crate) async fn turn_of(&self, id: ConsentId) -> Result<Option<consents::Model>, StoreError> {
        let by_id = || consents::secure_find(self.tenant).filter(consents::Column::Id.eq(id));
        let found = by_id().one(&**self.tx).await;
        let Some(consent) = found.map_err(|error| self.tx.error(error))? else {
            return Ok(None);
        };
        contact::turn_of(self, consent.contact_id).await?;
        // Read anew: what was there before the turn may have changed while it waited.
        by_id()
            .one(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))
    }

    async fn grant(
        &self,
        consent: consents::Model,
        link: &consent_links::Model,
        evidence: &Evidence,
    ) -> Result<consents::Model, ConsentError> {
        self.answered(&consent).await?;
        self.remember_links(std::slice::from_ref(&consent)).await?;
        let wording = link.wording_id.ok_or_else(|| missing("wording"))?;
        let change = Change {
            kind: Kind::Granted,
            method: "confirm_link",
            wording: &wording::find(self, wording).await?,
            evidence,
            actor: consent.user_id.map_or(Actor::Anonymous, Actor::User),
        };
        Ok(self.apply(consent, &change).await?)
    }

    /// The address has answered, so that it may be asked again one day.
    async fn answered(&self, consent: &consents::Model) -> Result<(), StoreError> {
        let Some(contact) = contact::turn_of(self, consent.contact_id).await? else {
            return Ok(());
        };
        let mut contact = contact.into_active_model();
        contact.confirm_mails = Set(0);
        contact
            .update(&**self.tx)
            .await
            .map(drop)
            .map_err(|error| self.tx.error(error))
    }

    /// Makes known the links by which these consents can be withdrawn and chosen.
    pub(crate) async fn remember_links(&self, consents: &[consents::Model]) -> Result<(), ConsentError> {
        let mut rows = Vec::with_capacity(2 * consents.len());
        for consent in consents {
            let unsubscribe = links::unsubscribe(self.platform, consent)?;
            let preferences = links::preferences(self.platform, consent)?;
            let row = |kind, token, target| links::lasting(self.tenant, kind, token, target, self.now);
            rows.push(row(LinkKind::Unsubscribe, &unsubscribe, consent.id.0));
            rows.push(row(LinkKind::Preferences, &preferences, consent.contact_id.0));
        }
        Ok(links::remember(self, rows).await?)
    }
}

/// None: the link is of no use any more.
fn standing(consent: &consents::Model, link: &consent_links::Model, now: Timestamp) -> Option<Standing> {
    match consent.status {
        Status::Granted => Some(Standing::Granted),
        Status::PendingDoubleOptIn if link.expires_at.is_some_and(|end| now < end) => Some(Standing::Open),
        Status::PendingDoubleOptIn | Status::Expired => Some(Standing::Expired),
        Status::Revoked => None,
    }
}

/// The consent a link points to.
async fn target(
    connection: &impl ConnectionTrait,
    link: &consent_links::Model,
) -> Result<Option<consents::Model>, sea_orm::DbErr> {
    consents::secure_find(link.tenant_id)
        .filter(consents::Column::Id.eq(ConsentId(link.target)))
        .one(connection)
        .await
}

async fn shown(
    platform: &Platform,
    standing: Standing,
    consent: &consents::Model,
    link: &consent_links::Model,
) -> Result<Confirmation, ConsentError> {
    let wording = link.wording_id.unwrap_or(consent.wording_id);
    let preferences = match standing {
        Standing::Granted => {
            let token = links::preferences(platform, consent)?;
            Some(links::preferences_url(platform, &token)?)
        }
        Standing::Open | Standing::Expired => None,
    };
    Ok(Confirmation {
        standing,
        controller: controller(platform, consent.tenant_id).await?,
        scope: Scope::title(&consent.scope),
        wording: wording::text(platform, consent.tenant_id, wording).await?,
        preferences,
    })
}
