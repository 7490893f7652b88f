//! Asking: who is mailed, how often, and what is kept as proof.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use levqor_consent::{ConsentError, Evidence, Status, ask, confirm};
use levqor_entities::{consent_events, consent_links, consent_wordings, consents, mails};
use levqor_platform::testing::TestPlatform;
use sea_orm::PaginatorTrait;
use sha2::{Digest, Sha256};

use crate::rig::{asked, consent, granted, history, mails, nobody, platforms, question, status};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn domain_2_8_an_address_gets_one_mail_in_24_hours_and_three_in_all() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    for (after, expected) in [
        (Duration::ZERO, 1),
        (DAY.saturating_sub(Duration::from_micros(1)), 1),
        (Duration::from_micros(1), 2),
        (DAY, 3),
        (DAY, 3),
        (DAY * 30, 3),
    ] {
        on.clock.advance(after);
        ask(&on.platform, on.tenant, question("marketing")).await?;
        // Another list of the same address is not another address.
        ask(&on.platform, on.tenant, question("product_updates")).await?;
        assert_eq!(mails(&on).await?.len(), expected, "after {after:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_answered_may_be_asked_again_three_times() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    for _ in 0..3 {
        asked(&on, question("marketing")).await?;
        on.clock.advance(DAY);
    }
    let token = asked(&on, question("marketing")).await?;
    confirm(&on.platform, &token, nobody).await?;
    on.clock.advance(DAY);
    ask(&on.platform, on.tenant, question("product_updates")).await?;
    assert_eq!(mails(&on).await?.len(), 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_2_8_a_flood_of_starts_writes_one_mail_and_one_consent() -> Result<()> {
    for on in platforms().await? {
        let starts = (0..100).map(|_| ask(&on.platform, on.tenant, question("marketing")));
        try_join_all(starts).await?;
        let reader = on.platform.db.reader();
        assert_eq!(mails::secure_find(on.tenant).count(reader).await?, 1);
        assert_eq!(consents::secure_find(on.tenant).count(reader).await?, 1);
        assert_eq!(consent_events::secure_find(on.tenant).count(reader).await?, 1);
        assert_eq!(consent_links::secure_find(on.tenant).count(reader).await?, 1);
        assert_eq!(consent_wordings::secure_find(on.tenant).count(reader).await?, 1);
    }
    Ok(())
}

#[tokio::test]
async fn domain_2_6_the_proof_keeps_what_was_shown_when_where_and_how() -> Result<()> {
    for on in platforms().await? {
        let mut asked = question("marketing");
        let network = Some("192.0.2.0".to_owned());
        asked.evidence = Evidence::of(&on.platform, on.tenant, network, Some("Mozilla/5.0"))?;
        let row = granted(&on, asked).await?;
        let events = consent_events::history(on.tenant, row.id)
            .all(on.platform.db.reader())
            .await?;
        let [first, second] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(first.kind, consent_events::Kind::Requested);
        assert_eq!(second.kind, consent_events::Kind::Granted);
        assert_eq!(
            (first.scope.as_str(), first.channel.as_str()),
            ("marketing", "email")
        );
        assert_eq!(
            (first.source.as_str(), first.controller.as_str()),
            ("signup_checkbox", "acme")
        );
        assert_eq!(
            (first.method.as_str(), second.method.as_str()),
            ("form", "confirm_link")
        );
        assert_eq!(
            first.wording_sha256,
            Sha256::digest("Yes, send me news.").to_vec()
        );
        assert_eq!(
            first.wording_version[11..],
            hex::encode(&first.wording_sha256)[..8]
        );
        assert_eq!(first.network.as_deref(), Some("192.0.2.0"));
        assert_eq!(first.agent_hash.as_ref().map(Vec::len), Some(32));
        assert!(first.at <= second.at && row.granted_at == Some(second.at));
        let text = consent_wordings::find_by_hash(on.tenant, &first.wording_sha256);
        assert_eq!(
            text.one(on.platform.db.reader()).await?.unwrap().text,
            "Yes, send me news."
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_agreed_is_neither_asked_nor_changed() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    let before = granted(&on, question("marketing")).await?;
    on.clock.advance(DAY * 2);
    ask(&on.platform, on.tenant, question("marketing")).await?;
    let after = consent(&on, "ada@example.com", "marketing").await?;
    assert_eq!(before, after);
    assert_eq!(
        (mails(&on).await?.len(), history(&on, &after).await?.len()),
        (1, 2)
    );
    Ok(())
}

#[tokio::test]
async fn another_wording_is_another_question_and_the_link_grants_the_one_it_was_sent_for() -> Result<()> {
    for on in platforms().await? {
        let token = asked(&on, question("marketing")).await?;
        let shown = consent(&on, "ada@example.com", "marketing").await?.wording_id;
        let mut other = question("marketing");
        other.wording = "Send me everything.".to_owned();
        ask(&on.platform, on.tenant, other).await?;
        assert_ne!(
            consent(&on, "ada@example.com", "marketing").await?.wording_id,
            shown
        );
        confirm(&on.platform, &token, nobody).await?;
        assert_eq!(status(&on, "marketing").await?, Status::Granted);
        assert_eq!(
            consent(&on, "ada@example.com", "marketing").await?.wording_id,
            shown
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_installation_without_a_public_url_or_secret_key_asks_nobody() -> Result<()> {
    let mut on = TestPlatform::sqlite().await;
    let (url, secrets) = (on.platform.public_url.take(), on.platform.secrets.clone());
    let refused = ask(&on.platform, on.tenant, question("marketing"))
        .await
        .unwrap_err();
    assert!(matches!(refused, ConsentError::NotConfigured(why) if why.setting == "public_url"));
    on.platform.public_url = url;
    on.platform.secrets = None;
    let refused = ask(&on.platform, on.tenant, question("marketing"))
        .await
        .unwrap_err();
    assert!(matches!(refused, ConsentError::NotConfigured(why) if why.setting == "secret_key"));
    on.platform.secrets = secrets;
    assert!(mails(&on).await?.is_empty());
    Ok(())
}
