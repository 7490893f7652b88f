//! How an installation sends mail.

use std::{fmt, path::PathBuf};

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How an installation sends mail.
#[derive(Clone, Debug)]
pub struct Options {
    /// Through what.
    pub transport: TransportOptions,
    /// Who sends; needed by all transports but the folder. See [`sender`].
    pub from: Option<Mailbox>,
    /// Address that takes unsubscribe mails, for `List-Unsubscribe` beside the https link.
    pub unsubscribe_address: Option<String>,
}

/// Through what mails leave.
#[derive(Clone, Debug)]
pub enum TransportOptions {
    /// Nothing: mails wait.
    Off,
    /// A file for each mail in this folder.
    Folder(PathBuf),
    /// The HTTP API of Resend.
    Resend {
        /// Its secret; without it mails wait.
        api_key: Option<String>,
        /// Its URL, without a slash at the end.
        url: String,
    },
    /// A server that takes mail.
    Smtp(SmtpServer),
}

/// A setting that says nothing sensible; never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadOption(pub(crate) &'static str);

/// Who sends, as in `Levqor <noreply@example.org>`.
pub fn sender(text: &str) -> Result<Mailbox, BadOption> {
    let bad = BadOption("expected an address such as Levqor <noreply@example.org>");
    if text.chars().any(char::is_control) {
        return Err(bad);
    }
    text.parse().map_err(|_| bad)
}

/// A server that takes mail. Its name and address are the operator's own setting, so egress policy does not apply.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: Tls,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

/// How a connection to an SMTP server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// STARTTLS, or no mail (RFC 3207).
    Required,
    /// None: the server is on this machine.
    None,
}

impl SmtpServer {
    /// From `smtps://user:password@host` (TLS, port 465) or `smtp://…` (STARTTLS, port 587). Only a server on a loopback
    /// address may do without TLS, and does.
    pub fn parse(text: &str) -> Result<Self, BadOption> {
        let url =
            Url::parse(text).map_err(|_| BadOption("expected smtps://user:password@host or smtp://…"))?;
        let host = url.host().ok_or(BadOption("the URL names no host"))?;
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Implicit, 465),
            "smtp" if local(&host) => (Tls::None, 25),
            "smtp" => (Tls::Required, 587),
            _ => return Err(BadOption("expected smtps:// or smtp://")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(BadOption("the URL has more than user, password, host and port"));
        }
        Ok(Self {
            host: host.to_string(),
            port: url.port().unwrap_or(port),
            tls,
            credentials: credentials(&url)?,
        })
    }
}

/// The URL parser leaves the host of an unknown scheme as it is written.
fn local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain("localhost") => true,
        Host::Domain(name) => name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, BadOption> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(String::from)
            .map_err(|_| BadOption("user and password are not UTF-8"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(BadOption("the URL has a password and no user")),
        (_, None) => Err(BadOption("the URL has a user and no password")),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?))),
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for SmtpServer {
    /// The URL with `***` for its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls == Tls::Implicit {
            "smtps"
        } else {
            "smtp"
        };
        let user = self
            .credentials
            .as_ref()
            .map_or_else(String::new, |(user, _)| format!("{user}:***@"));
        write!(f, "{scheme}://{user}{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> (String, u16, Tls) {
        let server = SmtpServer::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        (server.host, server.port, server.tls)
    }

    #[test]
    fn mail_leaves_the_machine_under_tls_only() {
        assert_eq!(parsed("smtps://mx.test"), ("mx.test".into(), 465, Tls::Implicit));
        assert_eq!(parsed("smtp://mx.test"), ("mx.test".into(), 587, Tls::Required));
        assert_eq!(
            parsed("smtp://192.0.2.1:25"),
            ("192.0.2.1".into(), 25, Tls::Required)
        );
        for local in ["127.0.0.1", "localhost", "[::1]"] {
            assert_eq!(parsed(&format!("smtp://{local}:2525")).2, Tls::None, "{local}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_the_password_is_not_shown() {
        let server = SmtpServer::parse("smtps://ada%40x:hunter%2F2@mx.test:1465").unwrap();
        assert_eq!(
            server.credentials,
            Some(("ada@x".to_owned(), "hunter/2".to_owned()))
        );
        assert_eq!(format!("{server} {server:?}").matches("hunter").count(), 0);
        assert_eq!(server.to_string(), "smtps://ada@x:***@mx.test:1465");
    }

    #[test]
    fn other_urls_are_refused_without_repeating_a_password() {
        for url in [
            "http://mx.test",
            "mx.test",
            "smtp://",
            "smtp://hunter2@mx.test",
            "smtp://:hunter2@mx.test",
            "smtp://mx.test/?tls=none",
        ] {
            let error = SmtpServer::parse(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_sender_is_a_mailbox_on_one_line() {
        assert_eq!(
            sender("Levqor <a@example.org>").unwrap().name.as_deref(),
            Some("Levqor")
        );
        for bad in [
            "",
            "Levqor",
            "A <a@b.c>\r\nBcc: x@y.z",
            "A\n <a@b.c>",
            "a@b.c, d@e.f",
        ] {
            assert!(sender(bad).is_err(), "{bad:?}");
        }
    }
}
