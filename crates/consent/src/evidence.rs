//! What is kept of the person's connection, so that a consent can be proved (GDPR art. 7(1)) with as little of it as does.

use levqor_platform::{NotConfigured, Platform};
use levqor_store::TenantId;

use crate::FEATURE;

/// Where somebody was and with what; neither leads back to one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The person's address without its last 8 bits, of IPv6 without its last 80.
    pub(crate) network: Option<String>,
    /// HMAC of the browser's name: it tells equal from different, and cannot be guessed back without our key.
    pub(crate) agent_hash: Option<Vec<u8>>,
}

impl Evidence {
    /// From a person's browser and address, which was truncated before; what is not known is left out.
    ///
    /// # Errors
    /// The installation has no secret key.
    pub fn of(
        platform: &Platform,
        tenant: TenantId,
        network: Option<String>,
        agent: Option<&str>,
    ) -> Result<Self, NotConfigured> {
        let secrets = platform.secrets(FEATURE)?;
        let hash = |agent: &str| {
            let parts = [tenant.0.as_bytes().as_slice(), agent.as_bytes()];
            secrets.mac("consent user agent v1", &parts).to_vec()
        };
        Ok(Self {
            network,
            agent_hash: agent.filter(|agent| !agent.is_empty()).map(hash),
        })
    }
}
