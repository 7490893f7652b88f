//! Settings of Stripe.

use std::fmt;

use anyhow::ensure;
use levqor_billing::WebhookSecret;

use super::Settings;

/// A secret shorter than this is a mistake.
const SHORTEST: usize = 10;

/// How Stripe is asked, and by what its events are known.
#[derive(Clone, Debug)]
pub(crate) struct Stripe {
    pub(crate) secret_key: Option<SecretKey>,
    pub(crate) webhook_secrets: Vec<WebhookSecret>,
    /// In place of Stripe's own.
    pub(crate) url: Option<String>,
}

/// A key that does not show itself.
#[derive(Clone)]
pub(crate) struct SecretKey(pub(crate) String);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Stripe {
    pub(super) fn new(s: &Settings) -> anyhow::Result<Self> {
        let key = s
            .stripe_secret_key
            .as_deref()
            .map(str::trim)
            .filter(|key| !key.is_empty());
        let published = key.is_some_and(|key| key.starts_with("pk_") || key.len() < SHORTEST);
        ensure!(
            !published,
            "stripe_secret_key must be a secret or restricted key of Stripe: sk_… or rk_…"
        );
        Ok(Self {
            secret_key: key.map(str::to_owned).map(SecretKey),
            webhook_secrets: webhook_secrets(s.stripe_webhook_secrets.as_deref().unwrap_or_default())?,
            url: s.stripe_url.clone(),
        })
    }
}

fn webhook_secrets(text: &str) -> anyhow::Result<Vec<WebhookSecret>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let secret = |part: &str| {
        let wrong = "stripe_webhook_secrets must be secrets of Stripe's webhook endpoint, whsec_…, separated by commas";
        ensure!(part.len() >= SHORTEST, wrong);
        Ok(WebhookSecret::new(part))
    };
    parts.map(secret).collect()
}

impl fmt::Display for Stripe {
    /// Lines of TOML; secrets are `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret_key.is_some() {
            writeln!(f, "stripe_secret_key = \"***\"")?;
        }
        if !self.webhook_secrets.is_empty() {
            let masked = vec!["***"; self.webhook_secrets.len()];
            writeln!(f, "stripe_webhook_secrets = {:?}", masked.join(","))?;
        }
        match &self.url {
            Some(url) => writeln!(f, "stripe_url = {url:?}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripe(key: &str, secrets: &str) -> anyhow::Result<Stripe> {
        Stripe::new(&Settings {
            stripe_secret_key: Some(key.to_owned()),
            stripe_webhook_secrets: Some(secrets.to_owned()),
            ..Settings::default()
        })
    }

    #[test]
    fn several_webhook_secrets_are_read_and_all_are_masked() {
        let read = stripe("sk_live_hunter2", "whsec_hunter2, whsec_hunter3,").unwrap();
        assert_eq!(read.webhook_secrets.len(), 2);
        let shown = format!("{read}{read:?}");
        assert!(
            !shown.contains("hunter") && shown.contains("\"***,***\""),
            "{shown}"
        );
    }

    #[test]
    fn what_is_no_secret_is_refused_by_name_and_not_repeated() {
        for (key, secrets, name) in [
            ("pk_live_hunter2", "", "stripe_secret_key"),
            ("hunter2", "", "stripe_secret_key"),
            ("", "whsec_hunter2,hunter2", "stripe_webhook_secrets"),
        ] {
            let error = stripe(key, secrets).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("hunter"), "{error}");
        }
        assert!(stripe("", "").unwrap().secret_key.is_none());
    }
}
