//! Confirming: by the button only, once, in time.

use std::time::Duration;

use anyhow::Result;
use futures::future::{join, try_join_all};
use levqor_consent::{LIFE, Standing, Status, confirm, look, revoke};
use levqor_entities::{consent_events::Kind, consent_links};
use levqor_platform::testing::TestPlatform;
use sha2::{Digest, Sha256};

use crate::rig::{KEY, address, asked, consent, history, nobody, platforms, question, status};

#[tokio::test]
async fn a_button_pressed_twice_or_by_fifty_at_once_grants_once() -> Result<()> {
    for on in platforms().await? {
        let token = asked(&on, question("marketing")).await?;
        let presses = (0..50).map(|_| confirm(&on.platform, &token, nobody));
        for answer in try_join_all(presses).await? {
            assert_eq!(answer.unwrap().standing, Standing::Granted);
        }
        let again = confirm(&on.platform, &token, nobody).await?.unwrap();
        assert!(
            again
                .preferences
                .unwrap()
                .starts_with("https://levqor.test/marketing/preferences/lvp_")
        );
        let row = consent(&on, "ada@example.com", "marketing").await?;
        let happened = history(&on, &row).await?;
        assert_eq!(
            happened.iter().filter(|(kind, _)| *kind == Kind::Granted).count(),
            1
        );
    }
    Ok(())
}

#[tokio::test]
async fn looking_at_a_link_grants_nothing() -> Result<()> {
    for on in platforms().await? {
        let token = asked(&on, question("marketing")).await?;
        let seen = look(&on.platform, &token).await?.unwrap();
        assert_eq!(
            (seen.standing, seen.controller.as_str()),
            (Standing::Open, "acme")
        );
        assert_eq!(seen.wording, "Yes, send me news.");
        assert_eq!(status(&on, "marketing").await?, Status::PendingDoubleOptIn);
    }
    Ok(())
}

#[tokio::test]
async fn a_link_is_good_for_seven_days() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    let token = asked(&on, question("marketing")).await?;
    on.clock.advance(LIFE.saturating_sub(Duration::from_micros(1)));
    assert_eq!(
        look(&on.platform, &token).await?.unwrap().standing,
        Standing::Open
    );
    on.clock.advance(Duration::from_micros(1));
    let late = confirm(&on.platform, &token, nobody).await?.unwrap();
    assert_eq!(late.standing, Standing::Expired);
    assert_eq!(status(&on, "marketing").await?, Status::PendingDoubleOptIn);
    Ok(())
}

#[tokio::test]
async fn an_older_link_stays_good_beside_a_newer_one() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    let older = asked(&on, question("marketing")).await?;
    on.clock.advance(Duration::from_hours(24));
    let newer = asked(&on, question("marketing")).await?;
    assert_ne!(older, newer);
    let answer = confirm(&on.platform, &older, nobody).await?.unwrap();
    assert_eq!(answer.standing, Standing::Granted);
    assert_eq!(
        look(&on.platform, &newer).await?.unwrap().standing,
        Standing::Granted
    );
    Ok(())
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_stored() -> Result<()> {
    for on in platforms().await? {
        let token = asked(&on, question("marketing")).await?;
        let rows = consent_links::secure_find(on.tenant)
            .all(on.platform.db.reader())
            .await?;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].hash, Sha256::digest(&token).to_vec());
        for other in [
            "",
            "lvc_",
            &token[..67],
            &token.replace("lvc_", "lvm_"),
            &format!("{token}0"),
        ] {
            assert_eq!(confirm(&on.platform, other, nobody).await?, None, "{other}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_link_grants_nothing_once_the_consent_was_withdrawn() -> Result<()> {
    for on in platforms().await? {
        let token = asked(&on, question("marketing")).await?;
        confirm(&on.platform, &token, nobody).await?;
        revoke(&on.platform, on.tenant, &address("ada@example.com"), None, KEY).await?;
        assert_eq!(confirm(&on.platform, &token, nobody).await?, None);
        assert_eq!(look(&on.platform, &token).await?, None);
        assert_eq!(status(&on, "marketing").await?, Status::Revoked);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_while_it_is_confirmed_stays_withdrawn() -> Result<()> {
    for on in platforms().await? {
        for round in 0..20 {
            let mut asks = question("marketing");
            asks.email = address(&format!("p{round}@example.com"));
            let email = asks.email.clone();
            let token = asked(&on, asks).await?;
            let withdrawal = revoke(&on.platform, on.tenant, &email, None, KEY);
            let (confirmed, revoked) = join(confirm(&on.platform, &token, nobody), withdrawal).await;
            let confirmed = confirmed?.is_some();
            assert_eq!(revoked?, 1);
            let row = consent(&on, email.as_str(), "marketing").await?;
            assert_eq!(row.status, Status::Revoked);
            let kinds: Vec<_> = history(&on, &row)
                .await?
                .into_iter()
                .map(|(kind, _)| kind)
                .collect();
            let expected = if confirmed {
                vec![Kind::Requested, Kind::Granted, Kind::Revoked]
            } else {
                vec![Kind::Requested, Kind::Revoked]
            };
            assert_eq!(kinds, expected);
        }
    }
    Ok(())
}
