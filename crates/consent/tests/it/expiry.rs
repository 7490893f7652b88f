//! What nobody confirmed does not stay.

use std::time::Duration;

use anyhow::Result;
use levqor_consent::{LIFE, PURGED_AFTER, Status, ask, expire, purge};
use levqor_entities::{consent_contacts, consent_events, consent_links, consents};
use levqor_platform::testing::TestPlatform;
use sea_orm::PaginatorTrait;

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
    on.clock.advance(PURGED_AFTER - LIFE - MOMENT);
    assert_eq!(purge(&on.platform).await?, 0);
    on.clock.advance(MOMENT);
    assert_eq!((purge(&on.platform).await?, rows(&on).await?), (1, [0; 4]));
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
