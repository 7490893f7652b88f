//! What nobody confirmed does not stay.

use std::time::Duration;

use anyhow::Result;
use levqor_consent::{LIFE, PURGED_AFTER, Status, ask, expire, purge};
use levqor_entities::{
    consent_contacts, consent_events, consent_links, consents,
    ids::{HoldId, UserId},
    legal_holds,
};
use levqor_platform::testing::TestPlatform;
use sea_orm::{Insert, IntoActiveModel, PaginatorTrait, sea_query::Expr};

use crate::rig::{address, consent, granted, history, platforms, question, status};

const MOMENT: Duration = Duration::from_micros(1);

async fn rows(on: &TestPlatform) -> Result<[u64; 4]> {
    let reader = on.platform.db.reader();
    Ok([
        consents::secure_find(on.tenant).count(reader).await?,
        consent_contacts::secure_find(on.tenant).count(reader).await?,
        consent_events::secure_find(on.tenant).count(reader).await?,
        consent_links::secure_find(on.tenant).count(reader).await?,
    ])
}

#[tokio::test]
async fn domain_2_8_what_nobody_confirms_expires_after_7_days_and_is_purged_after_30() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    ask(&on.platform, on.tenant, question("marketing")).await?;
    on.clock.advance(LIFE);
    assert_eq!(expire(&on.platform).await?, 0);
    on.clock.advance(MOMENT);
    assert_eq!((expire(&on.platform).await?, expire(&on.platform).await?), (1, 0));
    assert_eq!(status(&on, "marketing").await?, Status::Expired);
    let row = consent(&on, "ada@example.com", "marketing").await?;
    let expired = (consent_events::Kind::Expired, "timeout".to_owned());
    assert_eq!(history(&on, &row).await?.last(), Some(&expired));
    on.clock.advance(PURGED_AFTER.saturating_sub(LIFE + MOMENT));
    assert_eq!(purge(&on.platform).await?, 0);
    on.clock.advance(MOMENT);
    assert_eq!((purge(&on.platform).await?, rows(&on).await?), (1, [0; 4]));
    Ok(())
}

/// Places a hold on this table, about everybody or whoever has this address.
async fn hold(on: &TestPlatform, table: &str, email: Option<&str>) -> Result<()> {
    let now = on.platform.db.now().await?;
    let hold = legal_holds::Model {
        id: HoldId(on.platform.ids.uuid_v7()),
        tenant_id: on.tenant,
        user_id: email.map(|_| UserId(on.platform.ids.uuid_v7())),
        email: email.map(str::to_owned),
        table_name: Some(table.to_owned()),
        authority: "County Court".to_owned(),
        reason: "claim 1".to_owned(),
        placed_by: "operator".to_owned(),
        placed_at: now,
        released_by: None,
        released_at: None,
        release_reason: None,
    };
    let tx = on.platform.db.begin().await?;
    Insert::one(hold.into_active_model())
        .exec_without_returning(&*tx)
        .await?;
    Ok(tx.commit().await?)
}

async fn release(on: &TestPlatform) -> Result<()> {
    let tx = on.platform.db.begin().await?;
    let all = legal_holds::secure_update(on.tenant);
    all.col_expr(legal_holds::Column::ReleasedAt, Expr::value(1_i64))
        .exec(&*tx)
        .await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn domain_10_2_a_legal_hold_keeps_what_nobody_confirmed() -> Result<()> {
    for (table, email, kept) in [
        ("consent_events", Some("ada@example.com"), true),
        ("consents", None, true),
        ("mails", None, false),
        ("consents", Some("bob@example.com"), false),
    ] {
        let on = TestPlatform::sqlite().await;
        ask(&on.platform, on.tenant, question("marketing")).await?;
        hold(&on, table, email).await?;
        on.clock.advance(PURGED_AFTER + MOMENT);
        expire(&on.platform).await?;
        let purged = purge(&on.platform).await?;
        assert_eq!(
            (purged, rows(&on).await?),
            if kept { (0, [1, 1, 2, 1]) } else { (1, [0; 4]) },
            "{table} {email:?}"
        );
        release(&on).await?;
        assert_eq!(
            (purge(&on.platform).await?, rows(&on).await?),
            (usize::from(kept), [0; 4])
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_was_given_once_is_never_purged() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    let kept = granted(&on, question("marketing")).await?;
    let mut other = question("marketing");
    other.email = address("bob@example.com");
    ask(&on.platform, on.tenant, other).await?;
    for _ in 0..3 {
        on.clock.advance(PURGED_AFTER);
        expire(&on.platform).await?;
        purge(&on.platform).await?;
    }
    assert_eq!(consent(&on, "ada@example.com", "marketing").await?, kept);
    assert_eq!(rows(&on).await?[..2], [1, 1]);
    Ok(())
}

#[tokio::test]
async fn a_sweep_leaves_what_is_not_due_alone_on_both_databases() -> Result<()> {
    for on in platforms().await? {
        ask(&on.platform, on.tenant, question("marketing")).await?;
        assert_eq!((expire(&on.platform).await?, purge(&on.platform).await?), (0, 0));
        assert_eq!(rows(&on).await?, [1; 4]);
    }
    Ok(())
}
