//! Every secret of the configuration, for checks that compare them and never show one.

use url::Url;

use super::{SecretKey, Settings};

/// A secret and the setting it is in.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) setting: &'static str,
    pub(crate) text: SecretKey,
}

/// All that are set; a setting that holds several has one for each.
pub(super) fn of(s: &Settings) -> Vec<Secret> {
    let plain = [
        ("secret_key", &s.secret_key),
        ("s3_secret_key", &s.s3_secret_key),
        ("resend_api_key", &s.resend_api_key),
        ("resend_webhook_secret", &s.resend_webhook_secret),
        ("notion_token", &s.notion_token),
        ("stripe_webhook_secrets", &s.stripe_webhook_secrets),
        ("stripe_secret_key", &s.stripe_secret_key),
    ];
    let urls = [
        ("database_url", &s.database_url),
        ("redis_url", &s.redis_url),
        ("mail", &s.mail),
    ];
    let parts = plain
        .into_iter()
        .filter_map(|(setting, text)| Some((setting, text.as_deref()?.to_owned())));
    let passwords = urls
        .into_iter()
        .filter_map(|(setting, url)| Some((setting, password(url.as_deref()?)?)));
    parts
        .chain(passwords)
        .flat_map(|(setting, text)| {
            let each: Vec<Secret> = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Secret {
                    setting,
                    text: SecretKey(part.to_owned()),
                })
                .collect();
            each
        })
        .collect()
}

fn password(url: &str) -> Option<String> {
    Url::parse(url).ok()?.password().map(str::to_owned)
}
