//! The same on both databases: everything is stored, merged, locked and found as the rules ask.

use anyhow::Result;
use levqor_billing::{Stage, State};
use levqor_entities::billing_invoices;
use levqor_platform::testing::TestPlatform;
use levqor_store::Timestamp;
use levqor_testkit::Postgres;
use sea_orm::QueryOrder;
use serde_json::json;

use crate::rig::{Rig, invoice};

/// An invoice that failed 20 days ago, by events out of order, until it is paid.
async fn life(rig: Rig) -> Result<()> {
    let waits = |after| {
        rig.event(
            "invoice.payment_action_required",
            after,
            invoice("in_1", "open", 123_450),
        )
    };
    let long_ago = -20 * 86_400;
    let failed = rig.event(
        "invoice.payment_failed",
        long_ago,
        invoice("in_1", "open", 123_450),
    );
    let resumed = rig.event("customer.subscription.resumed", long_ago, json!({"id": "sub_1"}));
    rig.take(&[waits(long_ago + 9), failed.clone()]).await?;
    rig.link().await?;
    rig.take(&[failed.clone(), resumed, waits(long_ago + 20)]).await?;
    assert_eq!(rig.status().await?.state, State::PastDue);
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Suspended));
    assert!(rig.suspended().await?);
    assert_eq!(rig.letters().await?, ["dunning/in_1/suspended"]);
    let until = rig.now().await?.after(crate::rig::DAY);
    levqor_billing::hold(rig.platform(), rig.test.tenant, until, "promised").await?;
    assert!(!rig.suspended().await?);
    levqor_billing::release(rig.platform(), rig.test.tenant).await?;
    assert!(rig.suspended().await?);
    rig.take(&[rig.paid("in_1"), failed]).await?;
    assert!(!rig.suspended().await?);
    assert_eq!(rig.letters().await?.last().unwrap(), "dunning/in_1/recovered");
    levqor_billing::mend(rig.platform()).await?;
    Ok(())
}

#[tokio::test]
async fn an_invoice_lives_on_sqlite() -> Result<()> {
    life(Rig::over(TestPlatform::sqlite().await).await?).await
}

#[tokio::test]
async fn an_invoice_lives_on_postgres() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    life(Rig::over(TestPlatform::postgres(&url).await?).await?).await
}

/// What an invoice, its neighbour and their subscription go through, of which only the end counts.
fn history(rig: &Rig) -> Vec<serde_json::Value> {
    let day = 86_400;
    vec![
        rig.event("invoice.created", -9 * day, invoice("in_1", "draft", 500)),
        rig.event("invoice.finalized", -9 * day, invoice("in_1", "open", 500)),
        rig.event("invoice.payment_failed", -8 * day, invoice("in_1", "open", 500)),
        rig.event("customer.subscription.paused", -7 * day, json!({"id": "sub_1"})),
        rig.event("invoice.payment_failed", -6 * day, invoice("in_2", "open", 700)),
        rig.event("customer.subscription.resumed", -5 * day, json!({"id": "sub_1"})),
        rig.event("invoice.updated", -4 * day, invoice("in_2", "open", 300)),
        rig.event("invoice.paid", -3 * day, invoice("in_1", "paid", 0)),
        rig.event("invoice.payment_failed", -2 * day, invoice("in_1", "open", 500)),
    ]
}

/// Id, whether it is past due, since when, facts.
type Stored = (String, bool, Option<Timestamp>, String);

/// Every invoice as it is stored, less what depends on when it was processed.
async fn stored(rig: &Rig) -> Result<Vec<Stored>> {
    let rows = billing_invoices::secure_find(rig.test.tenant).order_by_asc(billing_invoices::Column::Id);
    let rows = rows.all(rig.platform().db.reader()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.past_due, row.since, row.facts))
        .collect())
}

/// The same events in another order, some of them twice, cut into other batches.
async fn shuffled(seed: u64) -> Result<Vec<Stored>> {
    let rig = Rig::new().await?;
    let mut events = history(&rig);
    let again = events.clone();
    let mut random = seed;
    let mut next = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    for place in (1..events.len()).rev() {
        events.swap(place, next(place + 1));
    }
    events.extend((0..3).map(|_| again[next(again.len())].clone()));
    while !events.is_empty() {
        let batch: Vec<_> = events.drain(..=next(events.len())).collect();
        rig.take(&batch).await?;
    }
    stored(&rig).await
}

#[tokio::test]
async fn domain_4_1_whatever_order_and_batches_events_come_in_the_same_is_stored() -> Result<()> {
    let expected = shuffled(0).await?;
    let owed: Vec<_> = expected
        .iter()
        .map(|(id, past_due, ..)| (id.as_str(), *past_due))
        .collect();
    assert_eq!(owed, [("in_1", false), ("in_2", true)]);
    for seed in 1..40 {
        assert_eq!(shuffled(seed).await?, expected, "seed {seed}");
    }
    Ok(())
}

/// Two processes at once: a leader that lost its term, and the next one.
#[tokio::test(flavor = "multi_thread")]
async fn domain_4_6_events_processed_twice_at_once_on_postgres_are_told_once() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    let rig = Rig::over(TestPlatform::postgres(&url).await?).await?;
    rig.link().await?;
    for number in 0..20 {
        let event = rig.failed(&format!("in_{number}"));
        levqor_billing::receive(&rig.platform().db, event.to_string().as_bytes()).await?;
    }
    let process = || async { levqor_billing::process(rig.platform()).await };
    let (one, two) = tokio::join!(process(), process());
    one?;
    two?;
    let (one, two) = tokio::join!(rig.advance("in_7"), rig.advance("in_7"));
    assert_eq!(
        (one?.stage, two?.stage),
        (Some(Stage::Day1Notice), Some(Stage::Day1Notice))
    );
    assert_eq!(rig.letters().await?, ["dunning/in_7/day1_notice"]);
    let opened = rig
        .trail()
        .await?
        .iter()
        .filter(|kind| *kind == "billing.past_due")
        .count();
    assert_eq!(opened, 20);
    Ok(())
}
