//! Who asks, what counts, and what a second request gives.

use std::time::Duration;

use anyhow::Result;
use levqor_dsar::{Asking, By, Opened, Refusal, State, confirm, confirmable, open, steps};
use levqor_store::{TenantId, UserId};
use uuid::Uuid;

use crate::rig::{Rig, at_once, refused};

#[tokio::test]
async fn domain_1_12_a_second_request_within_24_hours_gives_the_first_one() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let first = rig.asked(user).await?;
    assert_eq!(
        (first.state, first.verified_at),
        (State::Accepted, Some(first.received_at))
    );
    rig.test
        .clock
        .advance(Duration::from_hours(24) - Duration::from_secs(1));
    let Opened::Existing(second) = rig.open(user, By::User).await? else {
        panic!("another request")
    };
    assert_eq!(second.id, first.id);
    rig.test.clock.advance(Duration::from_secs(1));
    let Opened::New(third) = rig.open(user, By::User).await? else {
        panic!("the same request")
    };
    assert_ne!(third.id, first.id);
    assert_eq!(rig.trail(user).await?, ["dsar.requested", "dsar.requested"]);
    Ok(())
}

async fn a_hundred_requests_are_one(rig: Rig) -> Result<()> {
    let user = rig.user("ada@example.org").await?;
    let asking = Asking {
        tenant: rig.tenant(),
        user,
        by: By::User,
    };
    let opened = at_once(100, || {
        let platform = rig.platform().clone();
        async move { open(&platform, asking).await }
    })
    .await;
    let mut new = 0;
    for one in &opened {
        new += usize::from(matches!(one.as_ref().unwrap(), Opened::New(_)));
    }
    assert_eq!(new, 1);
    assert_eq!(rig.trail(user).await?, ["dsar.requested"]);
    assert!(
        rig.find(opened[0].as_ref().unwrap().request().id)
            .await?
            .run_id
            .is_some()
    );
    Ok(())
}

#[tokio::test]
async fn domain_1_12_a_hundred_requests_at_once_are_one_on_sqlite() -> Result<()> {
    a_hundred_requests_are_one(Rig::sqlite().await).await
}

#[tokio::test]
async fn domain_1_12_a_hundred_requests_at_once_are_one_on_postgres() -> Result<()> {
    a_hundred_requests_are_one(Rig::postgres().await?).await
}

#[tokio::test]
async fn domain_1_12_a_request_that_failed_does_not_stand_in_the_way() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let first = rig.asked(user).await?;
    steps::fail(rig.platform(), rig.tenant(), first.id, "the bucket is gone").await?;
    assert!(matches!(rig.open(user, By::User).await?, Opened::New(_)));
    assert_eq!(
        rig.find(first.id).await?.failure.as_deref(),
        Some("the bucket is gone")
    );
    Ok(())
}

#[tokio::test]
async fn domain_1_11_a_request_that_nobody_confirmed_neither_counts_nor_blocks() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let by_key = rig.open(user, By::Key(rig.key())).await?.request().clone();
    assert_eq!(
        (by_key.state, by_key.verified_at, by_key.run_id),
        (State::Unverified, None, None)
    );
    let Opened::New(own) = rig.open(user, By::User).await? else {
        panic!("it was blocked")
    };
    assert_eq!(own.state, State::Accepted);
    // Confirmed afterwards, it gives way to the verified one.
    let token = rig.token(user, "dsar_confirm").await?;
    let Opened::Existing(standing) = confirm(rig.platform(), &token).await? else {
        panic!("a second one")
    };
    assert_eq!(standing.id, own.id);
    assert!(
        levqor_dsar::find(&rig.platform().db, rig.tenant(), by_key.id)
            .await?
            .is_none()
    );
    Ok(())
}

#[tokio::test]
async fn domain_1_11_requests_by_a_key_do_not_flood_the_person_with_mail() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let first = rig.open(user, By::Key(rig.key())).await?.request().id;
    for _ in 0..5 {
        assert!(
            matches!(rig.open(user, By::Key(rig.key())).await?, Opened::Existing(one) if one.id == first)
        );
    }
    assert_eq!(rig.mails(user, "dsar_confirm").await?.len(), 1);
    rig.test.clock.advance(Duration::from_mins(15));
    assert!(matches!(
        rig.open(user, By::Key(rig.key())).await?,
        Opened::New(_)
    ));
    assert_eq!(rig.mails(user, "dsar_confirm").await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn domain_1_11_an_unknown_user_and_another_tenants_user_are_the_same() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let stranger = Asking {
        tenant: TenantId(Uuid::from_u128(9)),
        user,
        by: By::Key(rig.key()),
    };
    assert_eq!(
        refused(open(rig.platform(), stranger).await),
        Refusal::UnknownUser
    );
    let nobody = UserId(Uuid::from_u128(9));
    assert_eq!(
        refused(rig.open(nobody, By::Key(rig.key())).await),
        Refusal::UnknownUser
    );
    Ok(())
}

#[tokio::test]
async fn confirming_verifies_once_and_the_clock_stood_until_then() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.open(user, By::Key(rig.key())).await?.request().clone();
    let token = rig.token(user, "dsar_confirm").await?;
    rig.test.clock.advance(Duration::from_hours(48));
    assert_eq!(
        confirmable(rig.platform(), &token).await?.state,
        State::Unverified
    );
    let Opened::New(confirmed) = confirm(rig.platform(), &token).await? else {
        panic!("not confirmed")
    };
    assert_eq!((confirmed.id, confirmed.state), (asked.id, State::Accepted));
    // 31 January was a Saturday, 28 February is one; two days later it is Monday, 2 March, and that day counts whole.
    assert_eq!(confirmed.paused_us, 48 * 3_600_000_000);
    assert_eq!((asked.due_at, confirmed.due_at), (march_3(), march_3()));
    assert!(matches!(
        confirm(rig.platform(), &token).await?,
        Opened::Existing(_)
    ));
    assert_eq!(rig.trail(user).await?, ["dsar.requested", "dsar.verified"]);
    assert!(rig.find(asked.id).await?.run_id.is_some());
    Ok(())
}

/// Midnight after 2 March 2026 in London.
fn march_3() -> levqor_store::Timestamp {
    levqor_store::Timestamp(1_772_496_000_000_000)
}

#[tokio::test]
async fn a_confirmation_is_good_for_seven_days_and_then_forgotten() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.open(user, By::Key(rig.key())).await?.request().clone();
    let token = rig.token(user, "dsar_confirm").await?;
    rig.test.clock.advance(Duration::from_hours(24 * 7));
    assert_eq!(
        refused(confirm(rig.platform(), &token).await),
        Refusal::LinkInvalid
    );
    assert_eq!(
        levqor_dsar::watch(rig.platform()).await?.forgotten,
        0,
        "not before it is over"
    );
    rig.test.clock.advance(Duration::from_secs(1));
    assert_eq!(levqor_dsar::watch(rig.platform()).await?.forgotten, 1);
    assert!(
        levqor_dsar::find(&rig.platform().db, rig.tenant(), asked.id)
            .await?
            .is_none()
    );
    assert!(rig.grant(asked.id).await?.is_none());
    for bad in ["", "lvd_", &token[..60], &token.replace("lvd_", "lvx_")] {
        assert_eq!(
            refused(confirmable(rig.platform(), bad).await),
            Refusal::LinkInvalid
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_watch_starts_what_a_crash_left_without_a_run() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.asked(user).await?;
    forget_run(&rig, asked.id).await?;
    assert_eq!(
        levqor_dsar::watch(rig.platform()).await?.started,
        0,
        "it may be under way"
    );
    rig.test.clock.advance(Duration::from_secs(61));
    assert_eq!(levqor_dsar::watch(rig.platform()).await?.started, 1);
    assert!(rig.find(asked.id).await?.run_id.is_some());
    assert_eq!(levqor_dsar::watch(rig.platform()).await?.started, 0);
    Ok(())
}

async fn forget_run(rig: &Rig, id: levqor_dsar::DsarId) -> Result<()> {
    use levqor_entities::dsar_requests::{Column, secure_update};
    use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
    let tx = rig.platform().db.begin().await?;
    let update = secure_update(rig.tenant()).filter(Column::Id.eq(id));
    update
        .col_expr(Column::RunId, Expr::value(None::<Uuid>))
        .exec(&*tx)
        .await?;
    Ok(tx.commit().await?)
}
