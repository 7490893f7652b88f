//! Extension, pause, refusal: the clock and what the person is told.

use std::time::Duration;

use anyhow::Result;
use levqor_dsar::{
    Refusal, State,
    decide::{Reason, extend, pause, refuse, resume},
};
use levqor_store::Timestamp;

use crate::rig::{Rig, refused};

fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

/// Midnight before that day in a London winter.
fn midnight(day: &str) -> Timestamp {
    let day: jiff::Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
    Timestamp(day.as_microsecond())
}

#[tokio::test]
async fn domain_1_2_an_extension_is_made_once_in_time_and_told_with_its_reason() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    // Received on 31 January 2026.
    let asked = rig.asked(user).await?;
    assert_eq!(asked.due_at, midnight("2026-03-03"));
    let why = reason("Your records fill three archives.");
    let extended = extend(rig.platform(), rig.tenant(), rig.key(), asked.id, &why).await?;
    // Until the end of 30 April, in summer time.
    assert_eq!(extended.due_at.0, midnight("2026-05-01").0 - 3_600_000_000);
    let again = extend(rig.platform(), rig.tenant(), rig.key(), asked.id, &why).await;
    assert_eq!(refused(again), Refusal::CannotExtend);
    let told = rig.mails(user, "dsar_update").await?;
    let text = told[0].text.as_ref().unwrap();
    assert!(
        text.contains("three archives") && text.contains("2026-04-30") && text.contains("supervisory"),
        "{text}"
    );
    assert_eq!(
        (told.len(), rig.trail(user).await?),
        (1, vec!["dsar.requested".into(), "dsar.extended".into()])
    );
    Ok(())
}

#[tokio::test]
async fn domain_1_2_an_extension_after_the_first_month_is_refused() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.asked(user).await?;
    rig.test.clock.set(midnight("2026-03-03"));
    let late = extend(
        rig.platform(),
        rig.tenant(),
        rig.key(),
        asked.id,
        &reason("Too late."),
    )
    .await;
    assert_eq!(refused(late), Refusal::CannotExtend);
    assert_eq!(rig.find(asked.id).await?.extended_at, None);
    assert_eq!(rig.trail(user).await?, ["dsar.requested"]);
    Ok(())
}

#[tokio::test]
async fn domain_1_2_pauses_move_the_date_by_exactly_their_length() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let asked = rig.asked(user).await?;
    let (platform, tenant, key) = (rig.platform(), rig.tenant(), rig.key());
    for (days, due) in [(4, "2026-03-05"), (1, "2026-03-06")] {
        rig.test.clock.advance(Duration::from_hours(24));
        pause(platform, tenant, key, asked.id, &reason("Which of two accounts?")).await?;
        let twice = pause(platform, tenant, key, asked.id, &reason("Again?")).await;
        assert_eq!(refused(twice), Refusal::Clock);
        rig.test.clock.advance(Duration::from_hours(24 * days));
        let resumed = resume(platform, tenant, key, asked.id, &reason("Answered.")).await?;
        // From the end of Saturday, 28 February.
        assert_eq!(resumed.due_at, midnight(due), "after {days} more days");
        let twice = resume(platform, tenant, key, asked.id, &reason("Again.")).await;
        assert_eq!(refused(twice), Refusal::Clock);
    }
    assert_eq!(rig.find(asked.id).await?.paused_us, 5 * 24 * 3_600_000_000);
    assert_eq!(rig.mails(user, "dsar_update").await?.len(), 2);
    let trail = ["requested", "paused", "resumed", "paused", "resumed"];
    assert_eq!(rig.trail(user).await?, trail.map(|verb| format!("dsar.{verb}")));
    Ok(())
}

#[tokio::test]
async fn what_is_answered_can_neither_be_refused_nor_paused_nor_extended() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let request = rig.prepared(user).await?;
    let (platform, tenant, key, why) = (rig.platform(), rig.tenant(), rig.key(), reason("Late."));
    let over = Refusal::Over(State::Ready);
    assert_eq!(
        refused(refuse(platform, tenant, key, request.id, &why).await),
        over
    );
    assert_eq!(
        refused(pause(platform, tenant, key, request.id, &why).await),
        over
    );
    assert_eq!(
        refused(resume(platform, tenant, key, request.id, &why).await),
        over
    );
    assert_eq!(
        refused(extend(platform, tenant, key, request.id, &why).await),
        over
    );
    Ok(())
}

#[tokio::test]
async fn another_tenants_request_does_not_exist() -> Result<()> {
    let rig = Rig::sqlite().await;
    let request = rig.asked(rig.user("ada@example.org").await?).await?;
    let other = levqor_store::TenantId(uuid::Uuid::from_u128(9));
    let outcome = refuse(rig.platform(), other, rig.key(), request.id, &reason("Mine.")).await;
    assert_eq!(refused(outcome), Refusal::UnknownRequest);
    assert_eq!(rig.find(request.id).await?.state, State::Accepted);
    Ok(())
}
