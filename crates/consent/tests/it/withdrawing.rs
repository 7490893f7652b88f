//! Withdrawing: as easy as giving, for ever.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use levqor_consent::{Status, ask, look_unsubscribe, revoke, unsubscribe};
use levqor_entities::{consent_contacts, consent_events::Kind, consents};
use levqor_platform::{Secrets, testing::TestPlatform};
use levqor_store::TenantId;

use crate::{
    rig::{KEY, address, consent, granted, history, list, nobody, platforms, question, status},
    sending::mailed,
};

#[tokio::test]
async fn domain_2_3_a_withdrawal_is_there_when_it_returns_and_may_be_repeated() -> Result<()> {
    for on in platforms().await? {
        let row = granted(&on, question("marketing")).await?;
        let (token, _) = mailed(&on, "marketing").await?;
        let posts = (0..20).map(|_| unsubscribe(&on.platform, &token, "one_click", nobody));
        for answer in try_join_all(posts).await? {
            assert!(!answer.unwrap().subscribed);
        }
        assert_eq!(status(&on, "marketing").await?, Status::Revoked);
        let last = unsubscribe(&on.platform, &token, "one_click", nobody)
            .await?
            .unwrap();
        assert_eq!(
            (last.scope.as_deref(), last.controller.as_str()),
            (Some("marketing"), "Acme Ltd")
        );
        let revoked = (Kind::Revoked, "one_click".to_owned());
        assert_eq!(
            history(&on, &row)
                .await?
                .iter()
                .filter(|event| **event == revoked)
                .count(),
            1
        );
    }
    Ok(())
}

#[tokio::test]
async fn domain_2_10_a_link_to_unsubscribe_is_of_one_list_and_never_ends() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    granted(&on, question("marketing")).await?;
    on.clock.advance(Duration::from_hours(24));
    granted(&on, question("product_updates")).await?;
    let (token, _) = mailed(&on, "marketing").await?;
    let (other, _) = mailed(&on, "product_updates").await?;
    assert_ne!(token, other);
    on.clock.advance(Duration::from_hours(24 * 365 * 10));
    unsubscribe(&on.platform, &token, "one_click", nobody)
        .await?
        .unwrap();
    assert_eq!(status(&on, "marketing").await?, Status::Revoked);
    assert_eq!(status(&on, "product_updates").await?, Status::Granted);
    Ok(())
}

#[tokio::test]
async fn a_link_works_after_another_secret_key_and_after_erasure() -> Result<()> {
    for mut on in platforms().await? {
        let row = granted(&on, question("marketing")).await?;
        let (token, _) = mailed(&on, "marketing").await?;
        on.platform.secrets = Some(Secrets::new([8; 32]));
        assert!(look_unsubscribe(&on.platform, &token).await?.unwrap().subscribed);
        let tx = on.platform.db.begin().await?;
        consents::secure_delete(on.tenant).exec(&*tx).await?;
        consent_contacts::secure_delete(on.tenant).exec(&*tx).await?;
        tx.commit().await?;
        let erased = unsubscribe(&on.platform, &token, "one_click", nobody)
            .await?
            .unwrap();
        assert_eq!((erased.scope, erased.subscribed), (None, false));
        assert!(
            consent(&on, "ada@example.com", "marketing").await.is_err(),
            "{}",
            row.id
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_tenant_withdraws_one_list_or_all_for_a_person() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    for scope in ["marketing", "product_updates"] {
        granted(&on, question(scope)).await?;
        on.clock.advance(Duration::from_hours(24));
    }
    ask(&on.platform, on.tenant, question("events")).await?;
    let ada = address("ada@example.com");
    let gone = revoke(&on.platform, on.tenant, &ada, Some(&list("marketing")), KEY).await?;
    assert_eq!(
        (gone, status(&on, "product_updates").await?),
        (1, Status::Granted)
    );
    assert_eq!(revoke(&on.platform, on.tenant, &ada, None, KEY).await?, 2);
    assert_eq!(status(&on, "events").await?, Status::Revoked);
    assert_eq!(revoke(&on.platform, on.tenant, &ada, None, KEY).await?, 0);
    assert_eq!(
        revoke(&on.platform, on.tenant, &address("x@example.com"), None, KEY).await?,
        0
    );
    Ok(())
}

#[tokio::test]
async fn another_tenant_withdraws_nothing_here() -> Result<()> {
    for on in platforms().await? {
        granted(&on, question("marketing")).await?;
        let other = TenantId(uuid::Uuid::from_u128(99));
        assert_eq!(
            revoke(&on.platform, other, &address("ada@example.com"), None, KEY).await?,
            0
        );
        assert_eq!(status(&on, "marketing").await?, Status::Granted);
    }
    Ok(())
}
