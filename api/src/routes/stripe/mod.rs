//! What Stripe calls.

mod webhook;

pub(crate) use webhook::Webhook;
