//! Whether those who send us webhooks can reach us, as far as that can be seen from here.

use std::time::Duration;

use levqor_egress::{Egress, Request};

use super::finding::Finding;
use crate::config::Config;

const NAME: &str = "webhooks";

const ACTION: &str = "See that public_url leads to the API from the internet: POST PUBLIC_URL/api/stripe/webhook and \
     /api/mail/webhook/resend.";

/// Asks the API by its public URL whether it lives. That is from this machine: a firewall before Stripe is not seen.
pub(super) async fn check(config: &Config, egress: &Egress) -> Finding {
    let taken = !config.stripe.webhook_secrets.is_empty() || config.mail.webhook_secrets.is_some();
    let Some(url) = config.public_url.as_deref().filter(|_| taken) else {
        return Finding::ok(
            NAME,
            if taken {
                "public_url is not set: nothing was asked"
            } else {
                "none are taken"
            },
        );
    };
    if !url.starts_with("https://") {
        let found = format!("{url} is not https: Stripe and Resend send to https only");
        return Finding::warn(NAME, found, ACTION);
    }
    let request = Request {
        method: "GET".to_owned(),
        url: format!("{url}/health/live"),
        timeout: Some(Duration::from_secs(5)),
        ..Request::default()
    };
    match egress.send(request).await {
        Ok(answer) if answer.status == 200 => Finding::ok(NAME, format!("{url} answers, from this machine")),
        Ok(answer) => Finding::warn(
            NAME,
            format!("{url}/health/live answers {}", answer.status),
            ACTION,
        ),
        Err(error) => Finding::warn(
            NAME,
            format!("{url} cannot be reached from this machine: {error}"),
            ACTION,
        ),
    }
}
