//! Who may go on: the key, then the rate. A request without a valid key counts as anonymous, so that guessing keys is
//! not free; only then is it refused or, where no key is needed, let through.

use std::net::IpAddr;

use levqor_store::ApiKey;
use poem::http::HeaderMap;

use super::context::Context;
use crate::{
    auth::{Caller, Credentials},
    error::{Code, Problem},
    limit::Verdict,
    state::Shared,
};

/// Probes and scrapers come often and from one address; their answers are cheap or cached.
const UNLIMITED: [&str; 4] = ["/health", "/health/live", "/health/ready", "/metrics"];

/// Under `/api/`, yet open to callers without a key: each proves its right by a token or a signature in the request.
const OPEN: [&str; 0] = [];

/// Whether operations under this path need a key.
fn needs_key(path: &str) -> bool {
    (path == "/api" || path.starts_with("/api/")) && !OPEN.contains(&path)
}

/// The caller, None when it has no key and needs none.
pub(super) async fn admit(
    shared: &Shared,
    headers: &HeaderMap,
    context: &mut Context,
) -> Result<Option<Caller>, Problem> {
    if UNLIMITED.contains(&context.uri.path()) {
        return Ok(None);
    }
    let refusal = match Credentials::of(headers) {
        Credentials::Hash(hash) => match key(shared, hash, context.address).await {
            Ok(key) => return keyed(shared, &key, context).map(Some),
            Err(problem) if problem.code() == Code::Unauthenticated || problem.code() == Code::KeyRevoked => {
                problem
            }
            Err(problem) => return Err(problem),
        },
        Credentials::Malformed => Problem::new(
            Code::Unauthenticated,
            "What was sent is no API key, or not the same one twice.",
        ),
        Credentials::None => Problem::new(Code::Unauthenticated, "This operation needs an API key."),
    };
    count(context, shared.anonymous.take(context.address, shared.now()))?;
    if needs_key(context.uri.path()) {
        Err(refusal)
    } else {
        Ok(None)
    }
}

/// Looks the key up. One never seen here costs a query: not for an address that has used up its share.
async fn key(shared: &Shared, hash: [u8; 32], address: IpAddr) -> Result<std::sync::Arc<ApiKey>, Problem> {
    if !shared.keys.seen(&hash)
        && let Some(verdict) = shared.anonymous.exhausted(address, shared.now())
    {
        return Err(too_many(verdict));
    }
    shared.keys.check(hash, shared.store(), || shared.now()).await
}

fn keyed(shared: &Shared, key: &ApiKey, context: &mut Context) -> Result<Caller, Problem> {
    context.tenant = Some(key.tenant);
    if let Some(verdict) = shared.plans.take(key.tenant, &key.plan, shared.now()) {
        count(context, verdict)?;
    }
    Ok(Caller {
        tenant: key.tenant,
        key: key.id,
    })
}

fn count(context: &mut Context, verdict: Verdict) -> Result<(), Problem> {
    context.rate = Some(verdict);
    if verdict.remaining.is_none() {
        Err(too_many(verdict))
    } else {
        Ok(())
    }
}

fn too_many(verdict: Verdict) -> Problem {
    let detail = format!("More than {} requests a minute.", verdict.limit);
    Problem::new(Code::RateLimited, detail).retry_after(verdict.seconds)
}
