//! Signatures of outgoing webhooks: the Standard Webhooks scheme (symmetric, `v1`).

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_store::TenantId;
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// Derives each tenant's webhook secret from the installation's secret key.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
}

/// What a tenant verifies our callbacks with.
pub struct WebhookSecret([u8; 32]);

/// HMAC pads a short key with zeros to its block (RFC 2104), so this is the key itself.
fn keyed(key: &[u8; 32]) -> HmacSha256 {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    HmacSha256::new(&block.into())
}

impl Signer {
    /// From the installation's secret key (32 random bytes from configuration).
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The tenant's secret; the same as long as the installation's key is.
    pub fn secret(&self, tenant: TenantId) -> WebhookSecret {
        let mut mac = keyed(&self.key);
        mac.update(b"levqor webhook secret v1");
        mac.update(tenant.0.as_bytes());
        WebhookSecret(mac.finalize().into_bytes().into())
    }
}

impl WebhookSecret {
    /// As people paste it into a verifier: `whsec_` and base64.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(self.0))
    }

    /// The `webhook-signature` header of a message; `timestamp` in seconds since the Unix epoch.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = keyed(&self.0);
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked with an independent implementation: `hmac.new(bytes(32), b"msg_1.1700000000.{}", "sha256")`.
    #[test]
    fn signature_is_hmac_sha256_of_id_time_and_body() {
        let secret = WebhookSecret([0; 32]);
        assert_eq!(secret.sign("msg_1", 1_700_000_000, b"{}"), EXPECTED);
    }

    const EXPECTED: &str = "v1,LzeNxZHo3O8fwpFJpLh/0B99ugILNFJw+/9lTgx0APs=";

    #[test]
    fn tenants_have_different_secrets() {
        let signer = Signer::new([7; 32]);
        let [a, b] = [1, 2].map(|n| signer.secret(TenantId(uuid::Uuid::from_u128(n))).reveal());
        assert_ne!(a, b);
    }
}
