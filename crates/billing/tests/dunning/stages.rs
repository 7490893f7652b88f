//! What happens when nothing is paid.

use std::time::Duration;

use anyhow::Result;
use levqor_billing::{Stage, State, hold, mend, release, start_runs};
use levqor_entities::billing_invoices;
use levqor_processes::SYSTEM;
use levqor_store::Timestamp;
use serde_json::json;

use crate::rig::{DAY, Rig, invoice};

#[tokio::test]
async fn domain_4_5_each_stage_is_reached_at_its_time_and_told_once() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    assert_eq!(rig.status().await?.state, State::PastDue);
    for (days, stage) in [
        (0, Stage::Day1Notice),
        (7, Stage::Day7Notice),
        (7, Stage::Day14Final),
    ] {
        rig.turn(days);
        let step = rig.advance("in_1").await?;
        assert_eq!(step.stage, Some(stage));
        assert_eq!(rig.advance("in_1").await?, step, "a repeat finds nothing to do");
        assert_eq!(rig.status().await?.state, State::Reached(stage));
    }
    assert_eq!(rig.advance("in_1").await?.wait, Some(3 * DAY));
    assert!(!rig.suspended().await?);
    rig.turn(3);
    let last = rig.advance("in_1").await?;
    assert_eq!((last.stage, last.wait), (Some(Stage::Suspended), None));
    assert!(rig.suspended().await?);
    let letters = ["day1_notice", "day7_notice", "day14_final", "suspended"];
    assert_eq!(
        rig.letters().await?,
        letters.map(|stage| format!("dunning/in_1/{stage}"))
    );
    let trail = ["linked", "past_due", "stage", "stage", "stage", "stage"];
    assert_eq!(rig.trail().await?, trail.map(|kind| format!("billing.{kind}")));
    Ok(())
}

#[tokio::test]
async fn domain_4_6_after_an_outage_one_letter_comes_and_no_burst() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    rig.turn(15);
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Day14Final));
    assert_eq!(rig.letters().await?, ["dunning/in_1/day14_final"]);
    Ok(())
}

#[tokio::test]
async fn letters_say_what_is_owed_where_it_is_paid_and_when_the_service_pauses() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    for days in [0, 7, 7, 3] {
        rig.turn(days);
        rig.reach("in_1").await?;
    }
    for mail in rig.mails().await? {
        assert_eq!(mail.recipient, "pay@acme.test");
        for text in [mail.text.unwrap(), mail.html.unwrap()] {
            assert!(
                text.contains("GBP 1,234.50") && text.contains("LVQ-in_1"),
                "{text}"
            );
            assert!(text.contains("https://levqor.test/billing/pay/"), "{text}");
            assert!(
                !text.contains("billing.stripe.com"),
                "domain_4_8: no portal URL in a mail: {text}"
            );
        }
    }
    let mails = rig.mails().await?;
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    let expected = [
        "Levqor: We couldn't process your payment",
        "Levqor: Service at risk due to payment issue",
        "Levqor: Your service will be paused",
        "Levqor: Your account has been paused",
    ];
    assert_eq!(subjects, expected);
    // 31 January and 17 days.
    assert!(mails[2].text.as_ref().unwrap().contains("17 February 2026"));
    Ok(())
}

#[tokio::test]
async fn domain_4_7_a_payment_that_waits_for_the_bank_has_its_own_letter_instead_of_the_first() -> Result<()>
{
    let rig = Rig::new().await?;
    let waits = rig.event(
        "invoice.payment_action_required",
        0,
        invoice("in_1", "open", 123_450),
    );
    rig.take(&[rig.failed("in_1"), waits]).await?;
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Day1Notice));
    assert_eq!(rig.letters().await?, ["dunning/in_1/action_required"]);
    let mail = rig.mails().await?.remove(0);
    assert_eq!(mail.template, "payment_action_required");
    assert!(mail.text.unwrap().contains("https://invoice.stripe.com/i/in_1"));
    rig.turn(7);
    rig.reach("in_1").await?;
    assert_eq!(rig.letters().await?.last().unwrap(), "dunning/in_1/day7_notice");
    Ok(())
}

#[tokio::test]
async fn the_account_stands_as_its_worst_invoice_does() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    rig.turn(7);
    rig.reach("in_1").await?;
    let second = rig.event("invoice.payment_failed", 7 * 86_400, invoice("in_2", "open", 500));
    rig.take(&[second]).await?;
    rig.reach("in_2").await?;
    let status = rig.status().await?;
    assert_eq!(status.state, State::Reached(Stage::Day7Notice));
    assert_eq!(
        status.next_at,
        Some(Timestamp((rig.start + 14 * 86_400) * 1_000_000))
    );
    let owed: Vec<_> = status
        .invoices
        .iter()
        .map(|owed| (owed.id.as_str(), owed.amount.to_string()))
        .collect();
    assert_eq!(
        owed,
        [
            ("in_1", "GBP 1,234.50".to_owned()),
            ("in_2", "GBP 5.00".to_owned())
        ]
    );
    Ok(())
}

#[tokio::test]
async fn domain_4_11_while_payment_is_promised_nothing_goes_on() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    rig.turn(17);
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Suspended));
    assert!(rig.suspended().await?);
    let until = rig.now().await?.after(5 * DAY);
    assert!(hold(rig.platform(), rig.test.tenant, until, "pays on Friday").await?);
    assert!(!rig.suspended().await?);
    assert_eq!(
        rig.status().await?.hold,
        Some((until, "pays on Friday".to_owned()))
    );
    assert_eq!(rig.status().await?.state, State::Held);
    rig.turn(5);
    assert!(rig.suspended().await?, "the promise was not kept");
    Ok(())
}

#[tokio::test]
async fn domain_4_11_a_promise_puts_off_the_next_stage_until_it_ends_or_is_released() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    rig.reach("in_1").await?;
    let until = rig.now().await?.after(10 * DAY);
    hold(rig.platform(), rig.test.tenant, until, "on holiday").await?;
    rig.turn(8);
    let step = rig.advance("in_1").await?;
    assert_eq!((step.stage, step.wait), (Some(Stage::Day1Notice), Some(2 * DAY)));
    release(rig.platform(), rig.test.tenant).await?;
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Day7Notice));
    assert_eq!(
        &rig.trail().await?[3..],
        ["billing.held", "billing.released", "billing.stage"]
    );
    Ok(())
}

#[tokio::test]
async fn a_stage_that_is_an_hour_late_gets_another_run_once_an_hour() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    assert_eq!(mend(rig.platform()).await?, 0);
    rig.test.clock.advance(Duration::from_mins(61));
    assert_eq!(mend(rig.platform()).await?, 1);
    assert_eq!(mend(rig.platform()).await?, 0);
    assert_eq!(start_runs(rig.platform()).await?, 1);
    assert_eq!(start_runs(rig.platform()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_policy_of_the_operator_holds_for_invoices_that_begin_under_it() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    let short = json!({"stages": [{"stage": "suspended", "after": "PT1H", "letter": "dunning_suspended"}]});
    assert_eq!(
        levqor_billing::install_policy(&rig.platform().db, &short.to_string()).await?,
        1
    );
    rig.take(&[rig.failed("in_2")]).await?;
    rig.test.clock.advance(Duration::from_hours(2));
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Day1Notice));
    assert_eq!(rig.reach("in_2").await?, Some(Stage::Suspended));
    Ok(())
}

#[tokio::test]
async fn a_run_belongs_to_the_installation_and_not_to_who_owes() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1")]).await?;
    let row = billing_invoices::find_past_due(rig.test.tenant);
    let run = row
        .one(rig.platform().db.reader())
        .await?
        .unwrap()
        .run_id
        .unwrap();
    assert!(rig.test.store.run(rig.test.tenant, run).await?.is_none());
    assert!(rig.test.store.run(SYSTEM, run).await?.is_some());
    Ok(())
}
