//! Links in letters that lead to paying: ours, signed, so that no URL of Stripe's portal is ever mailed (they are
//! short-lived, and whoever has one is the customer).

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use levqor_platform::{NotConfigured, Platform, Secrets};
use levqor_store::{TenantId, Timestamp};
use uuid::Uuid;

/// What a link is for, in messages about missing settings.
const FEATURE: &str = "the link to pay a bill";

/// What its MAC is for.
const PURPOSE: &str = "billing pay link v1";

/// How long a link opens something: longer than from the first letter to the last.
const KEEP: Duration = Duration::from_hours(24 * 30);

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// It is none of ours.
    #[error("the link is not one of this installation")]
    Unknown,
    /// Its time is over.
    #[error("the link is too old")]
    Expired,
}

/// The URL under which this tenant's bill can be paid, for 30 days.
pub fn pay_link(platform: &Platform, tenant: TenantId, now: Timestamp) -> Result<String, NotConfigured> {
    let secrets = platform.secrets(FEATURE)?;
    let until = now.after(KEEP).0.to_be_bytes();
    let mac = secrets.mac(PURPOSE, &[tenant.0.as_bytes(), &until]);
    let token = BASE64_URL_SAFE_NO_PAD.encode([tenant.0.as_bytes().as_slice(), &until, &mac].concat());
    platform.link(FEATURE, &format!("/billing/pay/{token}"))
}

/// Whose bill a link's token leads to.
pub fn tenant_of(secrets: &Secrets, token: &str, now: Timestamp) -> Result<TenantId, BadLink> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| BadLink::Unknown)?;
    let bytes: [u8; 56] = bytes.try_into().map_err(|_| BadLink::Unknown)?;
    let (tenant, rest) = bytes.split_at(16);
    let (until, mac) = rest.split_at(8);
    if !secrets.verify(PURPOSE, &[tenant, until], mac) {
        return Err(BadLink::Unknown);
    }
    let tenant = Uuid::from_slice(tenant).map_err(|_| BadLink::Unknown)?;
    let until = i64::from_be_bytes(until.try_into().map_err(|_| BadLink::Unknown)?);
    if until <= now.0 {
        Err(BadLink::Expired)
    } else {
        Ok(TenantId(tenant))
    }
}
