//! A new request's rows.

use std::time::Duration;

use levqor_entities::dsar_grants;
use levqor_platform::{Platform, Token};
use levqor_store::Timestamp;

use super::{Asking, By};
use crate::{DsarError, DsarId, Origin, Request, State, decide::clock, due::Period};

/// How long a confirmation can be given.
const CONFIRM: Duration = Duration::from_hours(24 * 7);

/// The request as it comes in.
pub(super) fn request(platform: &Platform, asking: &Asking, now: Timestamp) -> Result<Request, DsarError> {
    let (origin, state, verified_at) = match asking.by {
        By::User => (Origin::User, State::Accepted, Some(now)),
        By::Key(_) => (Origin::Key, State::Unverified, None),
    };
    Ok(Request {
        tenant_id: asking.tenant,
        id: DsarId(platform.ids.uuid_v7()),
        user_id: asking.user,
        origin,
        state,
        received_at: now,
        verified_at,
        due_at: clock::due(now, Period::Month, 0)?,
        paused_at: None,
        paused_us: 0,
        pause_reason: None,
        resumed_at: None,
        extended_at: None,
        extension_reason: None,
        refused_at: None,
        refusal_reason: None,
        run_id: None,
        collected_at: None,
        packaged_at: None,
        package_digest: None,
        package_size: None,
        stored_at: None,
        notified_at: None,
        expires_at: None,
        granted_at: None,
        reissued: 0,
        locked_at: None,
        expired_at: None,
        failed_at: None,
        failure: None,
    })
}

/// What opens its package, and before that confirms it.
pub(super) fn grant(request: &Request, sealed_key: Vec<u8>, confirms: Option<&Token>) -> dsar_grants::Model {
    dsar_grants::Model {
        tenant_id: request.tenant_id,
        request_id: request.id,
        sealed_key,
        confirm_hash: confirms.map(|token| token.hash.to_vec()),
        confirm_until: confirms.map(|_| request.received_at.after(CONFIRM)),
        token_hash: None,
        code_number: 0,
        code_salt: None,
        code_hash: None,
        code_until: None,
        code_tries: 0,
        code_wrong: 0,
        failures: 0,
        burned: 0,
    }
}
