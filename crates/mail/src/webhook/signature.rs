//! Signatures of incoming webhooks: Standard Webhooks 1.0.0, symmetric (`v1`), as Svix sends them under `svix-` headers.

use std::{fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_store::Timestamp;
use sha2::Sha256;

/// How far the time of a message may be from ours, either way: the specification's five minutes.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Lengths of a secret that the specification allows, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that is none; does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected whsec_ and base64 of 24 to 64 bytes, several separated by commas")]
pub struct BadSecret;

/// Secrets under any of which a message may be signed: several while one is being replaced.
#[derive(Clone)]
pub struct Secrets(Vec<Vec<u8>>);

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `svix-id`.
    pub id: &'a str,
    /// `svix-timestamp`: seconds since the Unix epoch.
    pub timestamp: &'a str,
    /// `svix-signature`: signatures separated by spaces, each with its version.
    pub signature: &'a str,
    /// The body's bytes, unparsed.
    pub body: &'a [u8],
}

impl Secrets {
    /// From `whsec_…`, several separated by commas.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let secrets = text.split(',').map(|secret| {
            let secret = secret.trim().strip_prefix("whsec_").ok_or(BadSecret)?;
            let secret = BASE64_STANDARD.decode(secret).map_err(|_| BadSecret)?;
            LENGTHS.contains(&secret.len()).then_some(secret).ok_or(BadSecret)
        });
        secrets.collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of the secrets signed the message, no longer ago than five minutes. Signatures are compared in
    /// constant time.
    pub fn verify(&self, message: Signed<'_>, now: Timestamp) -> bool {
        let Ok(seconds) = message.timestamp.parse::<u32>() else {
            return false;
        };
        let apart = (now.0 / 1_000_000).abs_diff(seconds.into());
        apart <= TOLERANCE.as_secs()
            && !message.id.is_empty()
            && signatures(message.signature).any(|signature| self.signed(message, &signature))
    }

    fn signed(&self, message: Signed<'_>, signature: &[u8]) -> bool {
        self.0.iter().any(|secret| {
            // A key of any length is one for HMAC.
            Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mut mac| {
                mac.update(format!("{}.{}.", message.id, message.timestamp).as_bytes());
                mac.update(message.body);
                mac.verify_slice(signature).is_ok()
            })
        })
    }
}

/// Those of the version that is read here.
fn signatures(header: &str) -> impl Iterator<Item = Vec<u8>> {
    let known = header.split(' ').filter_map(|part| part.strip_prefix("v1,"));
    known.filter_map(|text| BASE64_STANDARD.decode(text).ok())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests;
