//! Whether tenants can be billed.

use super::finding::Finding;
use crate::config::Config;

/// Whether Stripe's events are taken.
pub(super) fn events(config: &Config) -> Finding {
    let name = "stripe_events";
    match config.stripe.webhook_secrets.len() {
        0 => Finding::warn(
            name,
            "stripe_webhook_secrets is not set: no bill is known of, nobody is reminded or suspended",
            "Make a webhook to PUBLIC_URL/api/stripe/webhook in Stripe, for invoice.*, customer.subscription.*, \
             customer.* and checkout.session.completed, and set its secret.",
        ),
        count => Finding::ok(
            name,
            format!("are taken at /api/stripe/webhook under {count} secrets"),
        ),
    }
}

/// Whether tenants can get to Stripe to pay.
pub(super) fn portal(config: &Config) -> Finding {
    let name = "stripe_portal";
    match (&config.stripe.secret_key, &config.stripe.url) {
        (None, _) => Finding::warn(
            name,
            "stripe_secret_key is not set: links to pay a bill answer 501",
            "Set a restricted key of Stripe that may write customer portal sessions.",
        ),
        (Some(_), Some(url)) => Finding::ok(name, format!("sessions are made at {url}, in place of Stripe")),
        (Some(_), None) => Finding::ok(name, "sessions are made at Stripe"),
    }
}
