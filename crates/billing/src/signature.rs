//! `Stripe-Signature`: `t=SECONDS,v1=HEX,v1=HEX,v0=…`. Each `v1` is the HMAC-SHA256, under a secret of the endpoint, of
//! `t`, a dot and the body's bytes (docs.stripe.com/webhooks, Verify webhook signatures manually). While a secret is
//! rolled there are two of each.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use levqor_store::Timestamp;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How far the sender's clock may be from ours, in seconds; an older message may be a replay.
const TOLERANCE: u64 = 300;

/// Signatures that are looked at: Stripe sends one for each secret, of which there are at most two.
const SIGNATURES: usize = 16;

/// A secret of the webhook endpoint, `whsec_…`.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// From the text that Stripe shows.
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    fn sign(&self, time: &str, body: &[u8]) -> [u8; 32] {
        // A key of any length is one of HMAC (RFC 2104), so there is no error to pass on.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        for part in [time.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// Why a message is not Stripe's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// The header has another form.
    #[error("the header has no time, two times, or no v1 signature")]
    Form,
    /// It was signed too long ago, or in the future.
    #[error("it was signed more than 300 seconds from now")]
    Stale,
    /// No signature is of a secret of ours.
    #[error("no v1 signature fits")]
    Mismatch,
}

/// Whether the message is Stripe's and fresh. Every signature is compared with that of every secret, in constant time.
pub fn verify(
    header: &str,
    body: &[u8],
    secrets: &[WebhookSecret],
    now: Timestamp,
) -> Result<(), BadSignature> {
    let (time, signatures) = parse(header)?;
    let seconds: i64 = time.parse().map_err(|_| BadSignature::Form)?;
    if now.0.div_euclid(1_000_000).abs_diff(seconds) > TOLERANCE {
        return Err(BadSignature::Stale);
    }
    let mut fits = Choice::from(0);
    for secret in secrets {
        let own = secret.sign(time, body);
        for signature in &signatures {
            fits |= own.ct_eq(signature);
        }
    }
    if fits.into() {
        Ok(())
    } else {
        Err(BadSignature::Mismatch)
    }
}

/// The time as it is written, which is what is signed, and the signatures that are 32 bytes in hexadecimal.
fn parse(header: &str) -> Result<(&str, Vec<[u8; 32]>), BadSignature> {
    let (mut time, mut signatures) = (None, Vec::new());
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" if time.is_some() => return Err(BadSignature::Form),
            "t" => time = Some(value),
            "v1" if signatures.len() < SIGNATURES => {
                let mut signature = [0; 32];
                if hex::decode_to_slice(value, &mut signature).is_ok() {
                    signatures.push(signature);
                }
            }
            _ => {}
        }
    }
    match time {
        Some(time) if !signatures.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((time, signatures))
        }
        _ => Err(BadSignature::Form),
    }
}
