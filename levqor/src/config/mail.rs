//! Settings of mail.

use std::{fmt, path::Path};

use anyhow::Context;
use levqor_mail::{Options, RESEND_URL, SmtpServer, TransportOptions, ready, webhook::Secrets};

use super::Settings;

/// How mail is sent, and by what its provider's reports are known.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) options: Options,
    pub(crate) webhook_secrets: Option<Secrets>,
}

impl Mail {
    /// `data` is the folder in which the embedded size keeps its files.
    pub(super) fn new(s: &Settings, data: &str, embedded: bool) -> anyhow::Result<Self> {
        let from = s.mail_from.as_deref().map(levqor_mail::sender).transpose();
        let secrets = s.resend_webhook_secret.as_deref().map(Secrets::parse).transpose();
        Ok(Self {
            options: Options {
                transport: transport(s, data, embedded)?,
                from: from.context("mail_from")?,
                unsubscribe_address: s.mail_unsubscribe.as_deref().map(address).transpose()?,
            },
            webhook_secrets: secrets.context("resend_webhook_secret")?,
        })
    }

    /// How mails leave, or why they do not, in a few words.
    pub(crate) fn way(&self) -> String {
        match (ready(&self.options), &self.options.transport) {
            (Err(missing), _) => format!("{missing}: mails are kept and not sent"),
            (_, TransportOptions::Off) => "mails are kept and not sent".to_owned(),
            (_, TransportOptions::Folder(folder)) => {
                format!("goes into files in {}, to nobody", folder.display())
            }
            (_, TransportOptions::Resend { url, .. }) => format!("leaves through {url}"),
            (_, TransportOptions::Smtp(server)) => format!("leaves through {server}"),
        }
    }
}

fn transport(s: &Settings, data: &str, embedded: bool) -> anyhow::Result<TransportOptions> {
    let usual = if embedded { "folder" } else { "off" };
    Ok(match s.mail.as_deref().unwrap_or(usual) {
        "off" => TransportOptions::Off,
        "folder" => TransportOptions::Folder(Path::new(data).join("mail")),
        "resend" => TransportOptions::Resend {
            api_key: s.resend_api_key.clone(),
            url: s
                .resend_url
                .as_deref()
                .unwrap_or(RESEND_URL)
                .trim_end_matches('/')
                .to_owned(),
        },
        url if url.starts_with("smtp") => TransportOptions::Smtp(SmtpServer::parse(url).context("mail")?),
        _ => anyhow::bail!("mail must be folder, resend, smtps://user:password@host, smtp://… or off"),
    })
}

fn address(text: &str) -> anyhow::Result<String> {
    let mailbox = levqor_mail::sender(text).context("mail_unsubscribe")?;
    Ok(mailbox.email.to_string())
}

impl fmt::Display for Mail {
    /// Lines of TOML; secrets are `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.options.transport {
            TransportOptions::Off => writeln!(f, "mail = \"off\"")?,
            TransportOptions::Folder(_) => writeln!(f, "mail = \"folder\"")?,
            TransportOptions::Smtp(server) => writeln!(f, "mail = {:?}", server.to_string())?,
            TransportOptions::Resend { api_key, url } => {
                writeln!(f, "mail = \"resend\"\nresend_url = {url:?}")?;
                if api_key.is_some() {
                    writeln!(f, "resend_api_key = \"***\"")?;
                }
            }
        }
        if let Some(from) = &self.options.from {
            writeln!(f, "mail_from = {:?}", from.to_string())?;
        }
        if let Some(address) = &self.options.unsubscribe_address {
            writeln!(f, "mail_unsubscribe = {address:?}")?;
        }
        if self.webhook_secrets.is_some() {
            writeln!(f, "resend_webhook_secret = \"***\"")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(settings: &Settings, embedded: bool) -> anyhow::Result<Mail> {
        Mail::new(settings, "data", embedded)
    }

    fn with(mail: &str) -> Settings {
        Settings {
            mail: Some(mail.to_owned()),
            ..Settings::default()
        }
    }

    #[test]
    fn the_embedded_size_writes_files_and_a_fleet_sends_nothing_until_it_is_told_how() {
        let embedded = mail(&Settings::default(), true).unwrap().options.transport;
        assert!(matches!(embedded, TransportOptions::Folder(folder) if folder == Path::new("data/mail")));
        let fleet = mail(&Settings::default(), false).unwrap().options.transport;
        assert!(matches!(fleet, TransportOptions::Off));
    }

    #[test]
    fn values_that_say_nothing_are_refused_by_name_and_no_secret_is_repeated() {
        let cases = [
            (with("pigeon"), "mail"),
            (with("smtp://hunter2@mx.test"), "mail"),
            (
                Settings {
                    mail_from: Some("hunter".to_owned()),
                    ..Settings::default()
                },
                "mail_from",
            ),
            (
                Settings {
                    resend_webhook_secret: Some("hunter2".to_owned()),
                    ..Settings::default()
                },
                "resend_webhook_secret",
            ),
        ];
        for (settings, name) in cases {
            let error = format!("{:#}", mail(&settings, true).unwrap_err());
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn secrets_are_masked() {
        let settings = Settings {
            resend_api_key: Some("re_hunter2".to_owned()),
            resend_webhook_secret: Some("whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==".to_owned()),
            mail_from: Some("Levqor <noreply@levqor.test>".to_owned()),
            ..with("resend")
        };
        let shown = mail(&settings, false).unwrap().to_string();
        assert!(!shown.contains("hunter2") && !shown.contains("aHVud"), "{shown}");
        assert!(
            shown.contains("mail_from = \"Levqor <noreply@levqor.test>\"\n"),
            "{shown}"
        );
        let shown = mail(&with("smtps://ada:hunter2@mx.test"), false)
            .unwrap()
            .to_string();
        assert!(
            shown.contains("smtps://ada:***@mx.test:465") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
