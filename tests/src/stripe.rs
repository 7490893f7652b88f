//! Stripe, as its webhook is heard.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::json;
use sha2::Sha256;

use crate::Client;

/// Secret of the webhook's endpoint.
pub const STRIPE_SECRET: &str = "whsec_blackbox";

/// Sends an event about an invoice of customer `cus_1` over KWD 1.500, signed and sent as Stripe does; the status of the
/// answer.
#[expect(clippy::disallowed_methods, reason = "the test is Stripe")]
pub async fn stripe_event(client: &Client, id: &str, kind: &str, status: &str) -> Result<u16> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let invoice = json!({"id": "in_1", "object": "invoice", "customer": "cus_1", "number": "LVQ-1", "status": status,
        "amount_due": 1_500, "currency": "kwd", "billing_reason": "subscription_cycle"});
    let body = json!({"id": id, "type": kind, "created": now, "data": {"object": invoice}}).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(STRIPE_SECRET.as_bytes())?;
    mac.update(format!("{now}.{body}").as_bytes());
    let digest = hex::encode(mac.finalize().into_bytes());
    let request = client
        .anonymous(Method::POST, "/api/stripe/webhook")
        .header("content-type", "application/json; charset=utf-8")
        .header(
            "stripe-signature",
            format!("t={now},v1={},v1={digest}", "0".repeat(64)),
        );
    Ok(request.body(body).send().await?.status().as_u16())
}
