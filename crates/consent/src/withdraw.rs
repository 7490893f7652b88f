//! Withdrawing a consent: as easy as giving it (GDPR art. 7(3)).

use levqor_accounts::Email;
use levqor_audit::Actor;
use levqor_entities::{
    consent_events::Kind,
    consent_links::{self, Kind as LinkKind},
    consents::{self, Status},
    ids::ConsentId,
};
use levqor_platform::{NotConfigured, Platform};
use levqor_store::{KeyId, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    ConsentError, Evidence, Scope, contact, links,
    record::{Change, Work},
    sender::controller,
    wording,
};

/// What a link to unsubscribe is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Who sends.
    pub controller: String,
    /// Which list, for people; None when the consent was erased, and with it the answer.
    pub scope: Option<String>,
    /// Whether mail of it is still sent.
    pub subscribed: bool,
}

/// Looks where a link to unsubscribe leads, and changes nothing. None: the link is not one of ours.
///
/// # Errors
/// The database is away.
pub async fn look_unsubscribe(platform: &Platform, token: &str) -> Result<Option<List>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Unsubscribe, token).await? else {
        return Ok(None);
    };
    let db = &platform.db;
    let found = consents::secure_find(link.tenant_id)
        .filter(consents::Column::Id.eq(ConsentId(link.target)))
        .one(db.reader())
        .await;
    let consent = found.map_err(|error| db.error(error))?;
    Ok(Some(list(platform, &link, consent.as_ref()).await?))
}

/// Withdraws the consent that a link is for; the answer to one POST (RFC 8058). When this returns, it is withdrawn and
/// committed. Safe to repeat for ever, also when the consent was withdrawn otherwise or erased. None: the link is not one
/// of ours. `method` says how the POST came, such as `one_click`.
///
/// # Errors
/// The installation has no secret key, or the database is away.
pub async fn unsubscribe(
    platform: &Platform,
    token: &str,
    method: &str,
    from: impl Fn(TenantId) -> Result<Evidence, NotConfigured>,
) -> Result<Option<List>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Unsubscribe, token).await? else {
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
    let mut consent = work.turn_of(ConsentId(link.target)).await?;
    if let Some(live) = consent.take_if(|consent| consent.stands()) {
        let actor = live.user_id.map_or(Actor::Anonymous, Actor::User);
        consent = Some(work.withdraw(live, method, &evidence, actor).await?);
    }
    tx.commit().await?;
    Ok(Some(list(platform, &link, consent.as_ref()).await?))
}

/// Withdraws for the person, who told the tenant so: one list, or all when `scope` is None. How many consents were
/// withdrawn; none when the address is not known.
///
/// # Errors
/// The database is away.
pub async fn revoke(
    platform: &Platform,
    tenant: TenantId,
    email: &Email,
    scope: Option<&Scope>,
    key: KeyId,
) -> Result<usize, ConsentError> {
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
    if contact::find_turn(&work, email).await?.is_none() {
        return Ok(0);
    }
    let mut found = consents::secure_find(tenant).filter(consents::Column::Email.eq(email.as_str()));
    if let Some(scope) = scope {
        found = found.filter(consents::Column::Scope.eq(scope.as_str()));
    }
    let found = found.all(&*tx).await.map_err(|error| tx.error(error))?;
    let standing: Vec<_> = found.into_iter().filter(Stands::stands).collect();
    let revoked = standing.len();
    for consent in standing {
        work.withdraw(consent, "on_behalf", &Evidence::default(), Actor::Key(key))
            .await?;
    }
    tx.commit().await?;
    Ok(revoked)
}

impl Work<'_> {
    /// Withdraws. Links that would confirm it are of no use from then on.
    pub(crate) async fn withdraw(
        &self,
        consent: consents::Model,
        method: &str,
        evidence: &Evidence,
        actor: Actor,
    ) -> Result<consents::Model, StoreError> {
        let confirming = consent_links::secure_delete(self.tenant)
            .filter(consent_links::Column::Target.eq(consent.id.0))
            .filter(consent_links::Column::Kind.eq(LinkKind::Confirm));
        confirming
            .exec(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))?;
        let wording = wording::find(self, consent.wording_id).await?;
        let change = Change {
            kind: Kind::Revoked,
            method,
            wording: &wording,
            evidence,
            actor,
        };
        self.apply(consent, &change).await
    }
}

/// Whether there is something to withdraw.
pub(crate) trait Stands {
    /// It is granted, or could still be.
    fn stands(&self) -> bool;
}

impl Stands for consents::Model {
    fn stands(&self) -> bool {
        matches!(self.status, Status::Granted | Status::PendingDoubleOptIn)
    }
}

async fn list(
    platform: &Platform,
    link: &consent_links::Model,
    consent: Option<&consents::Model>,
) -> Result<List, StoreError> {
    Ok(List {
        controller: controller(platform, link.tenant_id).await?,
        scope: consent.map(|consent| Scope::title(&consent.scope)),
        subscribed: consent.is_some_and(|consent| consent.status == Status::Granted),
    })
}
