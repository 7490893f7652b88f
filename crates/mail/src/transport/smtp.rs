//! A server that takes mail, by SMTP.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{Error, authentication::Credentials, extension::ClientId},
};

use super::{Failure, Transport};
use crate::{SmtpServer, message::Message, mime, options::Tls};

/// Longest wait for one reply. The whole exchange is bounded by [`crate::TRY_LIMIT`].
const REPLY: Duration = Duration::from_secs(10);

/// Connects for each mail: mails are few, and a server closes what stands idle.
pub(crate) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// `domain` is what this side calls itself. None when there can be no TLS to a server of this name.
    pub(crate) fn new(server: &SmtpServer, domain: &str) -> Option<Self> {
        let host = server.host.trim_matches(['[', ']']);
        let builder = match server.tls {
            Tls::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(host).ok()?,
            Tls::Required => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).ok()?,
            Tls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
        };
        let builder = builder
            .port(server.port)
            .timeout(Some(REPLY))
            .hello_name(ClientId::Domain(domain.to_owned()));
        let builder = match server.credentials.clone() {
            Some((user, password)) => builder.credentials(Credentials::new(user, password)),
            None => builder,
        };
        Some(Self(builder.build()))
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, message: &Message) -> Result<Option<String>, Failure> {
        let mail = mime::build(message).map_err(Failure::Final)?;
        self.0
            .send(mail)
            .await
            .map(|_| None)
            .map_err(|error| failure(&error))
    }
}

/// What an error means by its reply code (RFC 5321, 4.2.3; RFC 4954, 6) and enhanced status code (RFC 3463).
fn failure(error: &Error) -> Failure {
    let text = error.to_string();
    let Some(code) = error.status().map(u16::from) else {
        // This side cannot write the mail for this server, such as an address that needs SMTPUTF8.
        return if error.is_client() {
            Failure::Final(text)
        } else {
            Failure::Again(text)
        };
    };
    classify(code, enhanced(error).as_deref(), text)
}

/// The enhanced status code with which a reply begins, such as `5.1.1`.
fn enhanced(error: &Error) -> Option<String> {
    let reply = std::error::Error::source(error)?.to_string();
    let first = reply.split_whitespace().next()?.to_owned();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (first.split('.').count() == 3 && first.split('.').all(digits)).then_some(first)
}

fn classify(code: u16, enhanced: Option<&str>, text: String) -> Failure {
    match (code, enhanced) {
        // Authentication, and a sender that the server does not let us use.
        (530 | 534 | 535 | 538, _) | (_, Some("5.1.7" | "5.1.8")) => Failure::here(text),
        (500.., Some("5.1.1" | "5.1.2" | "5.1.6" | "5.1.10")) => Failure::NoMailbox(text),
        (500.., _) => Failure::Final(text),
        _ => Failure::Again(text),
    }
}

#[cfg(test)]
mod tests;
