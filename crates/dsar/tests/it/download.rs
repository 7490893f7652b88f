//! The one download: token and code, right, wrong, many at once.

use std::time::Duration;

use anyhow::Result;
use levqor_dsar::{DsarError, Refusal, State, download, package::verify::verify, steps};

use crate::rig::{Rig, at_once, refused, wrong};

async fn a_hundred_right_codes_are_granted_once(rig: Rig) -> Result<()> {
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    let outcomes = at_once(100, || {
        let (platform, gate, token, code) = (
            rig.platform().clone(),
            rig.gate.clone(),
            token.clone(),
            code.clone(),
        );
        async move { download::redeem(&platform, &gate, &token, code).await }
    })
    .await;
    let mut granted = 0;
    for outcome in outcomes {
        match outcome {
            Ok(download) => {
                granted += 1;
                assert!(verify(&download.zip, None).is_ok());
            }
            Err(DsarError::Refused(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(granted, 1);
    let trail = rig.trail(user).await?;
    assert_eq!(
        trail.iter().filter(|kind| *kind == "dsar.granted").count(),
        1,
        "{trail:?}"
    );
    assert!(!trail.iter().any(|kind| kind == "dsar.reissued"));
    let grant = rig.grant(request.id).await?.unwrap();
    assert_eq!((grant.failures, grant.burned, grant.code_hash), (0, 0, None));
    Ok(())
}

#[tokio::test]
async fn domain_1_10_a_hundred_right_codes_at_once_are_granted_once_on_sqlite() -> Result<()> {
    a_hundred_right_codes_are_granted_once(Rig::sqlite().await).await
}

#[tokio::test]
async fn domain_1_10_a_hundred_right_codes_at_once_are_granted_once_on_postgres() -> Result<()> {
    a_hundred_right_codes_are_granted_once(Rig::postgres().await?).await
}

#[tokio::test]
async fn domain_1_10_a_broken_transfer_is_repeated_with_another_code_for_an_hour() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    let first = rig.redeem(&token, &code).await?;
    assert_eq!(
        refused(rig.redeem(&token, &code).await),
        Refusal::NoCode,
        "a code is taken once"
    );
    let again = rig.redeem(&token, &rig.code(user, request.id).await?).await?;
    assert_eq!((first.again, again.again, &again.zip), (false, true, &first.zip));
    let now = rig.find(request.id).await?;
    assert_eq!((now.reissued, now.granted_at.is_some()), (1, true));
    rig.test.clock.advance(Duration::from_hours(1));
    assert_eq!(refused(rig.code(user, request.id).await), Refusal::Downloaded);
    assert_eq!(refused(rig.redeem(&token, &code).await), Refusal::Downloaded);
    Ok(())
}

#[tokio::test]
async fn domain_1_9_three_wrong_tries_burn_a_code_and_a_new_one_does_not_reset_the_count() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let token = rig.token(user, "dsar_ready").await?;
    let code = rig.code(user, request.id).await?;
    for left in [2, 1, 0] {
        assert_eq!(
            refused(rig.redeem(&token, &wrong(&code)).await),
            Refusal::WrongCode { left }
        );
    }
    assert_eq!(
        refused(rig.redeem(&token, &code).await),
        Refusal::NoCode,
        "the right one comes too late"
    );
    let code = rig.code(user, request.id).await?;
    assert_eq!(rig.grant(request.id).await?.unwrap().failures, 3);
    assert_eq!(
        refused(rig.redeem(&token, &wrong(&code)).await),
        Refusal::WrongCode { left: 2 }
    );
    assert!(rig.redeem(&token, &code).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn domain_1_9_five_burned_codes_lock_the_download_and_the_person_is_told() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let token = rig.token(user, "dsar_ready").await?;
    for round in 0..5 {
        let code = rig.code(user, request.id).await?;
        for _ in 0..3 {
            assert!(rig.find(request.id).await?.locked_at.is_none(), "round {round}");
            refused(rig.redeem(&token, &wrong(&code)).await);
        }
    }
    assert!(rig.find(request.id).await?.locked_at.is_some());
    assert_eq!(rig.grant(request.id).await?.unwrap().burned, 5);
    assert_eq!(refused(rig.code(user, request.id).await), Refusal::Locked);
    assert_eq!(
        refused(download::redeemable(rig.platform(), &token).await),
        Refusal::Locked
    );
    assert_eq!(rig.mails(user, "dsar_update").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn domain_1_9_two_tries_with_each_of_many_codes_lock_it_too() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let token = rig.token(user, "dsar_ready").await?;
    let mut tries = 0;
    while rig.find(request.id).await?.locked_at.is_none() {
        let code = rig.code(user, request.id).await?;
        for _ in 0..2 {
            tries += 1;
            refused(rig.redeem(&token, &wrong(&code)).await);
        }
    }
    assert!((15..=16).contains(&tries), "{tries}");
    Ok(())
}

#[tokio::test]
async fn domain_1_9_many_wrong_codes_at_once_get_three_tries() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    let outcomes = at_once(30, || {
        let (platform, gate, token, code) = (
            rig.platform().clone(),
            rig.gate.clone(),
            token.clone(),
            wrong(&code),
        );
        async move { refused(download::redeem(&platform, &gate, &token, code).await) }
    })
    .await;
    let checked = outcomes
        .iter()
        .filter(|refusal| matches!(refusal, Refusal::WrongCode { .. }))
        .count();
    assert_eq!((checked, rig.grant(request.id).await?.unwrap().failures), (3, 3));
    Ok(())
}

#[tokio::test]
async fn domain_1_9_a_code_ends_after_ten_minutes_and_when_another_is_asked_for() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let token = rig.token(user, "dsar_ready").await?;
    let old = rig.code(user, request.id).await?;
    rig.test.clock.advance(Duration::from_mins(10));
    assert_eq!(refused(rig.redeem(&token, &old).await), Refusal::NoCode);
    let first = rig.code(user, request.id).await?;
    let second = rig.code(user, request.id).await?;
    assert!(matches!(
        refused(rig.redeem(&token, &first).await),
        Refusal::WrongCode { .. }
    ));
    assert!(rig.redeem(&token, &second).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn domain_1_9_a_code_is_issued_to_the_person_alone() -> Result<()> {
    let rig = Rig::sqlite().await;
    let (ada, eve) = (
        rig.user("ada@example.org").await?,
        rig.user("eve@example.org").await?,
    );
    let request = rig.prepared(ada).await?;
    assert_eq!(refused(rig.code(eve, request.id).await), Refusal::UnknownRequest);
    let mails = rig.mails(ada, "dsar_ready").await?;
    let code = rig.code(ada, request.id).await?;
    assert!(!mails[0].text.as_ref().unwrap().contains(code.reveal()));
    Ok(())
}

#[tokio::test]
async fn nothing_opens_before_it_is_ready_or_after_24_hours() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.asked(user).await?;
    assert_eq!(refused(rig.code(user, asked.id).await), Refusal::NotReady);
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    rig.test.clock.advance(Duration::from_hours(24));
    assert_eq!(refused(rig.redeem(&token, &code).await), Refusal::LinkInvalid);
    steps::expire(rig.platform(), rig.tenant(), request.id).await?;
    assert_eq!(refused(rig.redeem(&token, &code).await), Refusal::LinkInvalid);
    assert_eq!(refused(rig.code(user, request.id).await), Refusal::NotReady);
    assert_eq!(rig.find(request.id).await?.state, State::Expired);
    Ok(())
}

#[tokio::test]
async fn a_lost_object_costs_no_grant() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let (token, code) = (
        rig.token(user, "dsar_ready").await?,
        rig.code(user, request.id).await?,
    );
    let key = format!(
        "dsar/{}/{}",
        request.id,
        hex::encode(request.package_digest.as_ref().unwrap())
    );
    let key = levqor_objects::Key::new(key).unwrap();
    let kept = rig.platform().objects.get(&key).await?.unwrap();
    rig.platform().objects.delete(&key).await?;
    assert!(matches!(rig.redeem(&token, &code).await, Err(DsarError::Lost(_))));
    rig.platform().objects.put(&key, kept).await?;
    assert!(rig.redeem(&token, &code).await.is_ok(), "the code is still good");
    Ok(())
}
