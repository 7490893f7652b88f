//! The steps, once, again, and out of turn.

use std::time::Duration;

use anyhow::Result;
use levqor_dsar::{State, decide::Reason, steps};

use crate::rig::Rig;

#[tokio::test]
async fn domain_1_1_each_step_repeated_gives_one_package_one_mail_one_end() -> Result<()> {
    for rig in [Rig::sqlite().await, Rig::postgres().await?] {
        let user = rig.user("ada@example.org").await?;
        let id = rig.asked(user).await?.id;
        let (platform, tenant) = (rig.platform(), rig.tenant());
        for _ in 0..3 {
            assert_eq!(
                steps::collect(platform, tenant, id).await?.state,
                State::Collected
            );
        }
        let packaged = steps::package(platform, tenant, id).await?;
        for _ in 0..3 {
            steps::collect(platform, tenant, id).await?;
            assert_eq!(steps::package(platform, tenant, id).await?, packaged);
        }
        for _ in 0..3 {
            assert_eq!(steps::store(platform, tenant, id).await?.state, State::Stored);
        }
        let ready = steps::notify(platform, tenant, id).await?;
        let hash = rig.grant(id).await?.unwrap().token_hash;
        for _ in 0..3 {
            steps::store(platform, tenant, id).await?;
            assert_eq!(steps::notify(platform, tenant, id).await?, ready);
        }
        assert_eq!(rig.grant(id).await?.unwrap().token_hash, hash);
        assert_eq!(rig.mails(user, "dsar_ready").await?.len(), 1);
        for _ in 0..3 {
            assert_eq!(steps::expire(platform, tenant, id).await?.state, State::Expired);
        }
        let trail = [
            "requested",
            "collected",
            "packaged",
            "stored",
            "notified",
            "expired",
        ];
        assert_eq!(rig.trail(user).await?, trail.map(|verb| format!("dsar.{verb}")));
    }
    Ok(())
}

#[tokio::test]
async fn a_step_out_of_turn_does_nothing() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.asked(user).await?;
    let (platform, tenant) = (rig.platform(), rig.tenant());
    for state in [
        steps::package(platform, tenant, asked.id).await?.state,
        steps::store(platform, tenant, asked.id).await?.state,
        steps::notify(platform, tenant, asked.id).await?.state,
    ] {
        assert_eq!(state, State::Accepted);
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_request_is_not_prepared_any_further() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let id = rig.asked(user).await?.id;
    let (platform, tenant) = (rig.platform(), rig.tenant());
    steps::collect(platform, tenant, id).await?;
    let reason = Reason::new("The same request comes every day, only to harm.").unwrap();
    levqor_dsar::decide::refuse(platform, tenant, rig.key(), id, &reason).await?;
    assert_eq!(steps::package(platform, tenant, id).await?.state, State::Refused);
    assert_eq!(steps::notify(platform, tenant, id).await?.state, State::Refused);
    assert_eq!(steps::expire(platform, tenant, id).await?.state, State::Refused);
    assert_eq!(rig.objects(), 0);
    assert!(rig.mails(user, "dsar_ready").await?.is_empty());
    let told = rig.mails(user, "dsar_update").await?;
    assert!(
        told[0].text.as_ref().unwrap().contains("only to harm"),
        "{:?}",
        told[0].text
    );
    Ok(())
}

#[tokio::test]
async fn expiry_deletes_objects_and_key_and_leaves_the_row() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    assert_eq!(rig.objects(), 1, "the package, and no copy of the rows");
    rig.test.clock.advance(Duration::from_hours(24));
    let expired = steps::expire(rig.platform(), rig.tenant(), request.id).await?;
    assert_eq!(
        (expired.state, expired.expired_at.is_some()),
        (State::Expired, true)
    );
    assert_eq!(rig.objects(), 0);
    assert!(rig.grant(request.id).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn objects_are_encrypted_under_a_key_that_the_database_alone_does_not_give() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let key = format!(
        "dsar/{}/{}",
        request.id,
        hex::encode(request.package_digest.unwrap())
    );
    let key = levqor_objects::Key::new(key).unwrap();
    let sealed = rig.platform().objects.get(&key).await?.unwrap();
    assert!(
        !sealed
            .windows(4)
            .any(|part| part == b"PK\x03\x04" || part == b"ada@")
    );
    Ok(())
}
