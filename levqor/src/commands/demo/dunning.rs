//! A month in which a tenant does not pay, and then does.

use anyhow::ensure;
use hmac::{Hmac, KeyInit, Mac};
use levqor_billing::{Payer, link};
use levqor_store::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::World;

const CUSTOMER: &str = "cus_demo";
const INVOICE: &str = "in_demo";

/// States of the account that were passed, from the first to the last.
pub(super) async fn play(world: &World) -> anyhow::Result<Vec<String>> {
    let payer = Payer {
        customer: CUSTOMER.to_owned(),
        email: Some("accounts@acme.example".to_owned()),
        locale: None,
    };
    link(&world.platform, world.tenant, &payer).await?;
    let mut passed = vec![state(&world.client.get(STATUS).await?)];
    event(world, "evt_demo_1", "invoice.payment_failed", "open").await?;
    loop {
        let last = passed.last().cloned().unwrap_or_default();
        // Overdue is no stage of its own: the first letter follows at once.
        let next = |status: &Value| state(status) != last && state(status) != "past_due";
        let status = world.client.until(STATUS, next).await?;
        passed.push(state(&status));
        world.say(&format!("the account is {}", state(&status)));
        if state(&status) == "suspended" {
            break;
        }
        world.turn_to(status["next_action_at"].as_str().unwrap_or_default())?;
    }
    refused(world).await?;
    event(world, "evt_demo_2", "invoice.paid", "paid").await?;
    let status = world
        .client
        .until(STATUS, |status| state(status) != "suspended")
        .await?;
    world.say(&format!("the invoice is paid, the account {}", state(&status)));
    passed.push(state(&status));
    Ok(passed)
}

const STATUS: &str = "/api/billing/status";

fn state(status: &Value) -> String {
    status["status"].as_str().unwrap_or_default().to_owned()
}

/// A suspended tenant starts nothing.
async fn refused(world: &World) -> anyhow::Result<()> {
    let order = json!({"workflow": "demo/order", "payload": {"item": "lamp"}}).to_string();
    super::client::patiently("the refusal of a start", async || {
        let answer = world
            .client
            .send("POST", "/api/v1/intake", Some(order.clone()), &[])
            .await?;
        Ok((answer.status == 402).then_some(()))
    })
    .await
}

/// Tells the webhook of an invoice, signed as Stripe signs.
async fn event(world: &World, id: &str, kind: &str, status: &str) -> anyhow::Result<()> {
    let now = world.platform.db.now().await?.0 / 1_000_000;
    let body = json!({
        "id": id, "object": "event", "type": kind, "created": now, "livemode": false,
        "data": {"object": {
            "id": INVOICE, "object": "invoice", "customer": CUSTOMER, "status": status, "currency": "gbp",
            "amount_due": 4_900, "amount_remaining": if status == "paid" { 0 } else { 4_900 },
            "amount_paid": if status == "paid" { 4_900 } else { 0 }, "total": 4_900,
            "attempt_count": 1, "number": "DEMO-0001", "collection_method": "charge_automatically",
            "billing_reason": "subscription_cycle", "subscription": "sub_demo", "created": now,
            "hosted_invoice_url": "https://invoice.stripe.com/i/demo",
        }},
    })
    .to_string();
    let signature = signature(&world.stripe_secret, now, &body);
    let headers = [("stripe-signature", signature.as_str())];
    let answer = world
        .client
        .send("POST", "/api/stripe/webhook", Some(body), &headers)
        .await?;
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    ensure!(
        answer.status == 200,
        "the webhook answered {}: {shown}",
        answer.status
    );
    Ok(())
}

fn signature(secret: &str, seconds: i64, body: &str) -> String {
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(format!("{seconds}.{body}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    });
    format!("t={seconds},v1={}", mac.unwrap_or_default())
}

/// Microseconds of an RFC 3339 time.
pub(super) fn moment(text: &str) -> anyhow::Result<Timestamp> {
    Ok(Timestamp(text.parse::<jiff::Timestamp>()?.as_microsecond()))
}
