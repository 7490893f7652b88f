//! What other mail servers find of the sender's domain: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). Large
//! receivers refuse mail in volume from domains that lack them.

mod judge;
mod records;

use std::net::SocketAddr;

use levqor_mail::TransportOptions;

use self::records::Dns;
use super::finding::Finding;
use crate::config::Config;

/// Who is asked and what else is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Instead of the system's servers.
    pub(super) server: Option<SocketAddr>,
    /// Selector of the DKIM key, where the provider does not say it.
    pub(super) selector: Option<String>,
}

/// Looks the records up. Nothing is asked where no mail leaves to anybody.
pub(super) async fn check(config: &Config, asked: &Asked) -> Vec<Finding> {
    let options = &config.mail.options;
    let leaves = matches!(
        options.transport,
        TransportOptions::Resend { .. } | TransportOptions::Smtp(_)
    );
    let Some(from) = options.from.as_ref().filter(|_| leaves) else {
        return vec![Finding::ok("mail_dns", "no mail leaves to anybody")];
    };
    let dns = match Dns::open(asked.server) {
        Ok(dns) => dns,
        Err(error) => return vec![judge::unreachable("mail_dns", &error)],
    };
    let resend = matches!(options.transport, TransportOptions::Resend { .. });
    of(&dns, from.email.domain(), resend, asked.selector.as_deref()).await
}

/// The findings for a domain. Resend sends under `send.` of it, and signs with the selector `resend`.
async fn of(dns: &Dns, domain: &str, resend: bool, selector: Option<&str>) -> Vec<Finding> {
    let envelope = if resend {
        format!("send.{domain}")
    } else {
        domain.to_owned()
    };
    let selector = selector.or(resend.then_some("resend"));
    let dkim = async {
        match selector {
            Some(selector) => judge::dkim(&dns.texts(&format!("{selector}._domainkey.{domain}")).await),
            None => judge::no_selector(),
        }
    };
    let policy = async {
        let own = dns.texts(&format!("_dmarc.{domain}")).await;
        // A domain without a policy has that of the one above it, down to two labels.
        match parent(domain).filter(|_| judge::without_policy(&own)) {
            Some(parent) => judge::dmarc(&dns.texts(&format!("_dmarc.{parent}")).await),
            None => judge::dmarc(&own),
        }
    };
    let exchangers = async { judge::mx(&dns.exchangers(domain).await) };
    let spf = async { judge::spf(&dns.texts(&envelope).await) };
    let (mx, spf, dkim, dmarc) = tokio::join!(exchangers, spf, dkim, policy);
    vec![mx, spf, dkim, dmarc]
}

/// `example.org` of `mail.example.org`; none of a domain of two labels.
fn parent(domain: &str) -> Option<&str> {
    let labels = domain.split('.').count();
    let mut rest = domain;
    for _ in 2..labels {
        rest = rest.split_once('.')?.1;
    }
    (labels > 2).then_some(rest)
}

#[cfg(test)]
mod tests;
