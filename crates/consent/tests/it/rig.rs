//! Platforms, people who are asked, and the mails they get.

use anyhow::{Context, Result};
use levqor_accounts::Email;
use levqor_audit::Actor;
use levqor_consent::{Ask, Consent, Evidence, Scope, Status, ask, confirm};
use levqor_entities::{consent_events, consents, mails};
use levqor_platform::{NotConfigured, testing::TestPlatform};
use levqor_store::{KeyId, TenantId};
use levqor_testkit::Postgres;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// The tenant's key that acts.
pub(crate) const KEY: KeyId = KeyId(Uuid::from_u128(7));

/// One platform on SQLite, one on Postgres.
pub(crate) async fn platforms() -> Result<[TestPlatform; 2]> {
    let url = Postgres::shared().await?.create_database().await?;
    Ok([TestPlatform::sqlite().await, TestPlatform::postgres(&url).await?])
}

pub(crate) fn address(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn list(name: &str) -> Scope {
    Scope::parse(name).unwrap()
}

/// Ada's consent to a list.
pub(crate) fn question(scope: &str) -> Ask {
    Ask {
        email: address("ada@example.com"),
        scope: list(scope),
        source: "signup_checkbox".to_owned(),
        wording: "Yes, send me news.".to_owned(),
        locale: Some("en-GB".to_owned()),
        user: None,
        evidence: Evidence::default(),
        actor: Actor::Key(KEY),
    }
}

/// Nothing is known of the person who presses a button.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that the functions under test take"
)]
pub(crate) fn nobody(_: TenantId) -> Result<Evidence, NotConfigured> {
    Ok(Evidence::default())
}

/// Asks, and gives the token of the mail.
pub(crate) async fn asked(on: &TestPlatform, question: Ask) -> Result<String> {
    let to = question.email.clone();
    ask(&on.platform, on.tenant, question).await?;
    let mails = mails(on).await?;
    let mail = mails.iter().rev().find(|mail| mail.recipient == to.as_str());
    token(mail.context("no mail")?, "lvc_")
}

/// Asks and confirms.
pub(crate) async fn granted(on: &TestPlatform, question: Ask) -> Result<Consent> {
    let (email, scope) = (question.email.clone(), question.scope.clone());
    let token = asked(on, question).await?;
    confirm(&on.platform, &token, nobody)
        .await?
        .context("not confirmed")?;
    consent(on, email.as_str(), scope.as_str()).await
}

/// All mails of the tenant, first ones first.
pub(crate) async fn mails(on: &TestPlatform) -> Result<Vec<mails::Model>> {
    let found = mails::secure_find(on.tenant).order_by_asc(mails::Column::Id);
    Ok(found.all(on.platform.db.reader()).await?)
}

/// The token with this prefix in a mail's text.
pub(crate) fn token(mail: &mails::Model, prefix: &str) -> Result<String> {
    let text = mail.text.as_deref().context("no text")?;
    let at = text
        .find(prefix)
        .with_context(|| format!("no {prefix} in {text}"))?;
    Ok(text[at..at + prefix.len() + 64].to_owned())
}

/// How it stands with an address and a list.
pub(crate) async fn consent(on: &TestPlatform, email: &str, scope: &str) -> Result<Consent> {
    let found = consents::secure_find(on.tenant)
        .filter(consents::Column::Email.eq(email))
        .filter(consents::Column::Scope.eq(scope))
        .one(on.platform.db.reader())
        .await?;
    found.context("no such consent")
}

/// The same of Ada, status only.
pub(crate) async fn status(on: &TestPlatform, scope: &str) -> Result<Status> {
    Ok(consent(on, "ada@example.com", scope).await?.status)
}

/// What happened to a consent: kind and method.
pub(crate) async fn history(
    on: &TestPlatform,
    consent: &Consent,
) -> Result<Vec<(consent_events::Kind, String)>> {
    let events = consent_events::history(on.tenant, consent.id)
        .all(on.platform.db.reader())
        .await?;
    Ok(events
        .into_iter()
        .map(|event| (event.kind, event.method))
        .collect())
}
