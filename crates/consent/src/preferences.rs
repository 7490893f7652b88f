//! What an address gets, list by list, and changing it.

use levqor_audit::Actor;
use levqor_entities::{
    consent_contacts as contacts,
    consent_events::Kind,
    consent_links::{self, Kind as LinkKind},
    consents::{self, Status},
    ids::ContactId,
};
use levqor_platform::{NotConfigured, Platform};
use levqor_store::{StoreError, TenantId};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use crate::{
    ConsentError, Evidence, Scope, contact, links,
    record::{Change, Work},
    sender::controller,
    withdraw::Stands,
    wording,
};

/// How a choice comes about, in events.
const METHOD: &str = "preference_page";

/// What an address gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Who sends.
    pub controller: String,
    /// The lists it ever agreed to, in order of their names.
    pub choices: Vec<Choice>,
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name, as [`choose`] takes it.
    pub scope: String,
    /// What the person is shown beside the box; ticking it is consent to exactly that.
    pub wording: String,
    /// Whether the address gets it.
    pub granted: bool,
}

/// Looks where a link to preferences leads, and changes nothing. None: the link is not one of ours.
///
/// # Errors
/// The database is away.
pub async fn preferences(platform: &Platform, token: &str) -> Result<Option<Preferences>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Preferences, token).await? else {
        return Ok(None);
    };
    let controller = controller(platform, link.tenant_id).await?;
    let db = &platform.db;
    let found = consents(db.reader(), &link)
        .await
        .map_err(|error| db.error(error))?;
    Ok(Some(view(controller, &found)))
}

/// Makes `wanted` granted and the rest of `shown` revoked; lists that are in neither stay as they are. `wanted` None is
/// "all": every consent of the address is withdrawn, one that was only asked for too. The token was sent to the mailbox, so
/// it proves it as well as a confirmation does. None: the link is not one of ours.
///
/// # Errors
/// The installation has no secret key, or the database is away.
pub async fn choose(
    platform: &Platform,
    token: &str,
    shown: &[String],
    wanted: Option<&[String]>,
    from: impl Fn(TenantId) -> Result<Evidence, NotConfigured>,
) -> Result<Option<Preferences>, ConsentError> {
    let Some(link) = links::find(platform, LinkKind::Preferences, token).await? else {
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
    contact::turn_of(&work, ContactId(link.target)).await?;
    let mut after = Vec::new();
    for consent in consents(&*tx, &link).await.map_err(|error| tx.error(error))? {
        after.push(work.choose(consent, shown, wanted, &evidence).await?);
    }
    tx.commit().await?;
    Ok(Some(view(controller, &after)))
}

impl Work<'_> {
    async fn choose(
        &self,
        consent: consents::Model,
        shown: &[String],
        wanted: Option<&[String]>,
        evidence: &Evidence,
    ) -> Result<consents::Model, StoreError> {
        let actor = consent.user_id.map_or(Actor::Anonymous, Actor::User);
        let Some(wanted) = wanted else {
            return if consent.stands() {
                self.withdraw(consent, METHOD, evidence, actor).await
            } else {
                Ok(consent)
            };
        };
        let granted = consent.status == Status::Granted;
        match (
            is_offered(&consent) && shown.contains(&consent.scope),
            wanted.contains(&consent.scope),
        ) {
            (true, false) if granted => self.withdraw(consent, METHOD, evidence, actor).await,
            (true, true) if !granted => self.take_up(consent, evidence).await,
            _ => Ok(consent),
        }
    }

    async fn take_up(
        &self,
        consent: consents::Model,
        evidence: &Evidence,
    ) -> Result<consents::Model, StoreError> {
        let text = label(self.controller, &consent.scope);
        let change = Change {
            kind: Kind::Granted,
            method: METHOD,
            wording: &wording::remember(self, &text).await?,
            evidence,
            actor: consent.user_id.map_or(Actor::Anonymous, Actor::User),
        };
        self.apply(consent, &change).await
    }
}

/// Whether the page shows a box for it: it was given once. One that never was is confirmed by its own mail only.
fn is_offered(consent: &consents::Model) -> bool {
    consent.granted_at.is_some()
}

/// Consents of the link's address; none when it was erased.
async fn consents(
    connection: &impl ConnectionTrait,
    link: &consent_links::Model,
) -> Result<Vec<consents::Model>, sea_orm::DbErr> {
    let contact = contacts::secure_find(link.tenant_id)
        .filter(contacts::Column::Id.eq(ContactId(link.target)))
        .one(connection)
        .await?;
    let Some(contact) = contact else {
        return Ok(Vec::new());
    };
    consents::secure_find(link.tenant_id)
        .filter(consents::Column::Email.eq(contact.email))
        .order_by_asc(consents::Column::Scope)
        .all(connection)
        .await
}

fn view(controller: String, consents: &[consents::Model]) -> Preferences {
    let choice = |consent: &consents::Model| Choice {
        scope: consent.scope.clone(),
        wording: label(&controller, &consent.scope),
        granted: consent.status == Status::Granted,
    };
    Preferences {
        choices: consents
            .iter()
            .filter(|consent| is_offered(consent))
            .map(choice)
            .collect(),
        controller,
    }
}

/// What stands beside the box.
fn label(controller: &str, scope: &str) -> String {
    format!("Send me {} by e-mail from {controller}", Scope::title(scope))
}
