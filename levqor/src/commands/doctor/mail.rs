//! Whether mail leaves, and whether what became of it comes back.

use levqor_egress::Egress;
use levqor_mail::{Envelope, Kind, TransportOptions, letters::Test, ready, send_now};
use levqor_processes::SYSTEM;
use levqor_store::{Clock, IdSource, MailId};

use super::finding::Finding;
use crate::{
    config::Config,
    system::{SystemClock, SystemIds},
};

/// Whether all settings are there.
pub(super) fn check(config: &Config) -> Finding {
    let found = config.mail.way();
    match ready(&config.mail.options) {
        Ok(()) => Finding::ok("mail", found),
        Err(_) => Finding::warn(
            "mail",
            found,
            "Set it (mail, mail_from, resend_api_key); what waits is sent then. `--mail-to ADDRESS` sends a test mail.",
        ),
    }
}

/// Whether bounces and complaints are heard of.
pub(super) fn reports(config: &Config) -> Finding {
    let name = "mail_reports";
    match (&config.mail.options.transport, &config.mail.webhook_secrets) {
        (_, Some(_)) => Finding::ok(name, "the webhook of Resend is taken at /api/mail/webhook/resend"),
        (TransportOptions::Resend { .. }, None) => Finding::warn(
            name,
            "resend_webhook_secret is not set: bounces and complaints are not heard of",
            "Make a webhook to PUBLIC_URL/api/mail/webhook/resend in Resend and set its secret.",
        ),
        (_, None) => Finding::ok(name, "there are none by this way"),
    }
}

/// Sends a test mail, past the outbox and the gate.
pub(super) async fn send(config: &Config, egress: &Egress, address: &str) -> Finding {
    let name = "test_mail";
    let id = SystemIds.uuid_v7();
    let envelope = Envelope {
        tenant: SYSTEM,
        key: format!("doctor/{id}"),
        kind: Kind::Transactional,
        to: address.trim().to_lowercase(),
        user: None,
        attachments: Vec::new(),
    };
    let letter = Test {
        installation: config
            .public_url
            .clone()
            .unwrap_or_else(|| config.listen.to_string()),
    };
    let what = (MailId(id), SystemClock.now());
    match send_now(&config.mail.options, egress, what, envelope, &letter).await {
        Ok(Some(provider)) => Finding::ok(name, format!("was taken as {provider}; see whether it arrives")),
        Ok(None) => Finding::ok(name, format!("was taken as {id}; see whether it arrives")),
        Err(error) => Finding::fail(
            name,
            error.to_string(),
            "Correct what the text says, and try again.",
        ),
    }
}
