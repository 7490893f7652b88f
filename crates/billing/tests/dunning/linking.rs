//! Whose customer it is, and events that cannot be used.

use anyhow::Result;
use levqor_billing::{LinkError, Payer, Stage, State, link, process, receive};
use levqor_entities::stripe_events;
use levqor_platform::testing::TestPlatform;
use levqor_store::{Tenant, TenantId};
use serde_json::json;

use crate::rig::{Rig, invoice};

async fn unlinked() -> Result<Rig> {
    Rig::over(TestPlatform::sqlite().await).await
}

async fn another_tenant(rig: &Rig) -> Result<TenantId> {
    let id = TenantId(rig.platform().ids.uuid_v7());
    let tenant = Tenant {
        id,
        name: "other".to_owned(),
        plan: "pro".to_owned(),
    };
    rig.test.store.create_tenant(&tenant).await?;
    Ok(id)
}

#[tokio::test]
async fn events_of_an_unknown_customer_are_kept_and_processed_when_it_is_linked() -> Result<()> {
    let rig = unlinked().await?;
    let failed = rig.failed("in_1");
    rig.take(std::slice::from_ref(&failed)).await?;
    assert_eq!(rig.state(&failed).await?, stripe_events::State::Unlinked);
    assert_eq!(rig.status().await?.state, State::Ok);
    rig.link().await?;
    rig.take(&[]).await?;
    assert_eq!(rig.state(&failed).await?, stripe_events::State::Done);
    assert_eq!(rig.reach("in_1").await?, Some(Stage::Day1Notice));
    Ok(())
}

#[tokio::test]
async fn a_checkout_links_its_customer_to_the_tenant_it_names() -> Result<()> {
    let rig = unlinked().await?;
    let failed = rig.failed("in_1");
    rig.take(std::slice::from_ref(&failed)).await?;
    let session = json!({"object": "checkout.session", "metadata": {"tenant_id": rig.test.tenant},
        "customer_details": {"email": "Pay@Acme.test"}});
    rig.take(&[rig.event("checkout.session.completed", 60, session)])
        .await?;
    assert!(rig.status().await?.linked);
    // What waited is released with the next mending.
    assert_eq!(levqor_billing::mend(rig.platform()).await?, 1);
    rig.take(&[]).await?;
    rig.reach("in_1").await?;
    assert_eq!(rig.mails().await?[0].recipient, "pay@acme.test");
    Ok(())
}

#[tokio::test]
async fn a_checkout_takes_no_tenant_from_who_pays_for_it_and_makes_none_up() -> Result<()> {
    let rig = unlinked().await?;
    rig.link().await?;
    let stranger = |tenant: TenantId| {
        let session = json!({"object": "checkout.session", "customer": "cus_stranger", "metadata": {"tenant_id": tenant}});
        rig.event("checkout.session.completed", 60, session)
    };
    let nobody = TenantId(rig.platform().ids.uuid_v7());
    let events = [stranger(rig.test.tenant), stranger(nobody)];
    rig.take(&events).await?;
    for event in &events {
        assert_eq!(rig.state(event).await?, stripe_events::State::Unlinked);
    }
    let mut theirs = rig.failed("in_theirs");
    theirs["data"]["object"]["customer"] = json!("cus_stranger");
    rig.take(&[theirs]).await?;
    assert_eq!(rig.status().await?.state, State::Ok);
    Ok(())
}

#[tokio::test]
async fn a_customer_pays_for_one_tenant() -> Result<()> {
    let rig = unlinked().await?;
    rig.link().await?;
    let other = another_tenant(&rig).await?;
    let payer = |customer: &str, email: &str| Payer {
        customer: customer.to_owned(),
        email: Some(email.to_owned()),
        locale: None,
    };
    let taken = link(rig.platform(), other, &payer("cus_1", "a@b.test")).await;
    assert!(
        matches!(taken, Err(LinkError::Taken(tenant)) if tenant == rig.test.tenant),
        "{taken:?}"
    );
    let wrong = link(rig.platform(), other, &payer("cus_2", "nobody")).await;
    assert!(matches!(wrong, Err(LinkError::Email(_))), "{wrong:?}");
    link(rig.platform(), rig.test.tenant, &payer("cus_3", "new@acme.test")).await?;
    link(rig.platform(), other, &payer("cus_1", "a@b.test")).await?;
    Ok(())
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_kept_and_holds_up_no_other() -> Result<()> {
    let rig = unlinked().await?;
    rig.link().await?;
    let mut shapeless = rig.failed("in_1");
    shapeless["data"]["object"]["amount_due"] = json!({"value": "1234.50"});
    rig.take(&[shapeless.clone(), rig.failed("in_2")]).await?;
    assert_eq!(rig.state(&shapeless).await?, stripe_events::State::Unreadable);
    assert_eq!(rig.reach("in_2").await?, Some(Stage::Day1Notice));
    Ok(())
}

#[tokio::test]
async fn the_same_event_is_stored_and_counts_once() -> Result<()> {
    let rig = unlinked().await?;
    rig.link().await?;
    let failed = rig.failed("in_1").to_string();
    let db = &rig.platform().db;
    assert!(receive(db, failed.as_bytes()).await?);
    assert!(!receive(db, failed.as_bytes()).await?);
    assert_eq!(process(rig.platform()).await?, 1);
    assert!(!receive(db, failed.as_bytes()).await?);
    assert_eq!(process(rig.platform()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn another_tenants_invoice_is_not_found_under_this_one() -> Result<()> {
    let rig = unlinked().await?;
    rig.link().await?;
    let other = another_tenant(&rig).await?;
    let payer = Payer {
        customer: "cus_other".to_owned(),
        email: None,
        locale: None,
    };
    link(rig.platform(), other, &payer).await?;
    let mut object = invoice("in_other", "open", 500);
    object["customer"] = json!("cus_other");
    rig.take(&[rig.event("invoice.payment_failed", 0, object)])
        .await?;
    assert_eq!(rig.advance("in_other").await?.stage, None);
    assert_eq!(rig.status().await?.state, State::Ok);
    let theirs = levqor_billing::advance(rig.platform(), other, "in_other").await?;
    assert_eq!(theirs.stage, Some(Stage::Day1Notice));
    assert!(
        rig.letters().await?.is_empty(),
        "and nobody is written to without an address"
    );
    Ok(())
}
