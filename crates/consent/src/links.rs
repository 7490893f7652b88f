//! Tokens in links. One that confirms is random and lives as long as its question; one that withdraws or shows
//! preferences must be the same in every mail and work for ever, so it is an HMAC of what it points to. Of both kinds the
//! database holds the hash only, by which tokens made under an older secret key are known too.

use levqor_entities::{
    consent_links::{self, Kind},
    consents,
    ids::{TenantId, Timestamp},
};
use levqor_platform::{NotConfigured, Platform, Token};
use levqor_store::StoreError;
use sea_orm::{ActiveValue::Set, TryInsertResult};

use crate::{FEATURE, record::Work};

/// What tokens begin with.
const CONFIRM: &str = "lvc_";
const UNSUBSCRIBE: &str = "lvm_";
const PREFERENCES: &str = "lvp_";

/// A new token that confirms.
pub(crate) fn confirm(platform: &Platform) -> Token {
    Token::new(CONFIRM, (platform.entropy)())
}

/// The token that withdraws this consent.
pub(crate) fn unsubscribe(platform: &Platform, consent: &consents::Model) -> Result<Token, NotConfigured> {
    let parts = [consent.tenant_id.0.as_bytes().as_slice(), consent.id.0.as_bytes()];
    let mac = platform.secrets(FEATURE)?.mac("consent unsubscribe v1", &parts);
    Ok(Token::new(UNSUBSCRIBE, mac))
}

/// The token that shows and changes the consents of the same address.
pub(crate) fn preferences(platform: &Platform, consent: &consents::Model) -> Result<Token, NotConfigured> {
    let parts = [
        consent.tenant_id.0.as_bytes().as_slice(),
        consent.contact_id.0.as_bytes(),
    ];
    let mac = platform.secrets(FEATURE)?.mac("consent preferences v1", &parts);
    Ok(Token::new(PREFERENCES, mac))
}

/// URL of the token that withdraws.
pub(crate) fn unsubscribe_url(platform: &Platform, token: &Token) -> Result<String, NotConfigured> {
    platform.link(FEATURE, &format!("/api/marketing/unsubscribe/{}", token.text))
}

/// URL of the token that shows preferences.
pub(crate) fn preferences_url(platform: &Platform, token: &Token) -> Result<String, NotConfigured> {
    platform.link(FEATURE, &format!("/marketing/preferences/{}", token.text))
}

/// The row of a token of this kind, whoever's it is.
pub(crate) async fn find(
    platform: &Platform,
    kind: Kind,
    token: &str,
) -> Result<Option<consent_links::Model>, StoreError> {
    let prefix = match kind {
        Kind::Confirm => CONFIRM,
        Kind::Unsubscribe => UNSUBSCRIBE,
        Kind::Preferences => PREFERENCES,
    };
    let Some(hash) = Token::lookup(prefix, token) else {
        return Ok(None);
    };
    let db = &platform.db;
    let found = consent_links::find_by_hash(kind, &hash).one(db.reader()).await;
    found.map_err(|error| db.error(error))
}

/// A row that lives for ever.
pub(crate) fn lasting(
    tenant: TenantId,
    kind: Kind,
    token: &Token,
    target: uuid::Uuid,
    now: Timestamp,
) -> consent_links::ActiveModel {
    consent_links::ActiveModel {
        hash: Set(token.hash.to_vec()),
        tenant_id: Set(tenant),
        kind: Set(kind),
        target: Set(target),
        wording_id: Set(None),
        created_at: Set(now),
        expires_at: Set(None),
    }
}

/// Makes tokens known; those that are already stay as they are.
pub(crate) async fn remember(
    work: &Work<'_>,
    rows: Vec<consent_links::ActiveModel>,
) -> Result<(), StoreError> {
    let result = consent_links::insert_new(rows)
        .exec_without_returning(&**work.tx)
        .await;
    match result.map_err(|error| work.tx.error(error))? {
        TryInsertResult::Empty | TryInsertResult::Conflicted | TryInsertResult::Inserted(_) => Ok(()),
    }
}
