//! What ends it.

use anyhow::Result;
use levqor_billing::{Stage, State};
use serde_json::json;

use crate::rig::{Rig, invoice};

/// A rig whose invoices have all reached suspension.
async fn suspended(invoices: &[&str]) -> Result<Rig> {
    let rig = Rig::new().await?;
    for id in invoices {
        rig.take(&[rig.failed(id)]).await?;
    }
    rig.turn(17);
    for id in invoices {
        assert_eq!(rig.reach(id).await?, Some(Stage::Suspended));
    }
    assert!(rig.suspended().await?);
    Ok(rig)
}

#[tokio::test]
async fn domain_4_10_paying_opens_the_account_and_says_so() -> Result<()> {
    let rig = suspended(&["in_1"]).await?;
    rig.take(&[rig.paid("in_1")]).await?;
    assert!(!rig.suspended().await?);
    assert_eq!(rig.status().await?.state, State::Ok);
    assert_eq!(rig.advance("in_1").await?.stage, None);
    let mail = rig.mails().await?.pop().unwrap();
    assert_eq!(
        (mail.key.as_str(), mail.template.as_str()),
        ("dunning/in_1/recovered", "payment_recovered")
    );
    let text = mail.text.unwrap();
    assert!(
        text.contains("GBP 1,234.50") && text.contains("Your service is open again"),
        "{text}"
    );
    assert_eq!(&rig.trail().await?[3..], ["billing.settled", "billing.cleared"]);
    Ok(())
}

#[tokio::test]
async fn domain_4_4_it_is_cleared_only_when_nothing_else_is_past_due() -> Result<()> {
    let rig = suspended(&["in_1", "in_2"]).await?;
    rig.take(&[rig.paid("in_1")]).await?;
    assert!(rig.suspended().await?, "in_2 is still owed");
    assert_eq!(rig.letters().await?.len(), 2);
    rig.take(&[rig.paid("in_2")]).await?;
    assert!(!rig.suspended().await?);
    assert_eq!(rig.letters().await?.last().unwrap(), "dunning/in_2/recovered");
    Ok(())
}

#[tokio::test]
async fn domain_4_4_zero_and_manual_invoices_neither_start_nor_clear() -> Result<()> {
    let rig = suspended(&["in_1"]).await?;
    let mut zero = invoice("in_zero", "paid", 0);
    zero["amount_due"] = json!(0);
    let mut manual = invoice("in_manual", "open", 500);
    manual["billing_reason"] = json!("manual");
    let events = [
        rig.event("invoice.paid", 60, zero),
        rig.event("invoice.payment_failed", 60, manual.clone()),
        rig.event("invoice.paid", 90, manual),
    ];
    rig.take(&events).await?;
    assert!(rig.suspended().await?);
    let owed: Vec<_> = rig
        .status()
        .await?
        .invoices
        .into_iter()
        .map(|owed| owed.id)
        .collect();
    assert_eq!(owed, ["in_1"]);
    Ok(())
}

#[tokio::test]
async fn domain_4_1_a_failure_reported_after_the_payment_changes_nothing() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.paid("in_1")]).await?;
    rig.take(&[
        rig.failed("in_1"),
        rig.event("invoice.payment_failed", 7_200, invoice("in_1", "open", 500)),
    ])
    .await?;
    assert_eq!(rig.status().await?.state, State::Ok);
    assert_eq!(rig.advance("in_1").await?.stage, None);
    assert!(rig.letters().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn domain_4_10_a_subscription_that_ends_takes_its_invoices_out_and_a_resumed_one_brings_them_back()
-> Result<()> {
    let rig = suspended(&["in_1"]).await?;
    let subscription = |id: &str| json!({"id": id, "object": "subscription"});
    rig.take(&[rig.event("customer.subscription.paused", 60, subscription("sub_other"))])
        .await?;
    assert!(rig.suspended().await?);
    rig.take(&[rig.event("customer.subscription.paused", 60, subscription("sub_1"))])
        .await?;
    assert!(!rig.suspended().await?);
    let text = rig.mails().await?.pop().unwrap().text.unwrap();
    assert!(
        text.contains("is settled") && !text.contains("Thank you"),
        "{text}"
    );
    rig.take(&[rig.event("customer.subscription.resumed", 90, subscription("sub_1"))])
        .await?;
    assert!(rig.suspended().await?, "the bill is as old as before");
    rig.take(&[rig.event("customer.subscription.deleted", 120, subscription("sub_1"))])
        .await?;
    assert!(!rig.suspended().await?);
    Ok(())
}

#[tokio::test]
async fn nobody_is_thanked_who_was_never_asked() -> Result<()> {
    let rig = Rig::new().await?;
    rig.take(&[rig.failed("in_1"), rig.paid("in_1")]).await?;
    assert!(rig.letters().await?.is_empty());
    Ok(())
}
