//! Who may go on: the key or a person's token, then the rate. A request without a valid one counts as anonymous, so that
//! guessing is not free; only then is it refused or, where none is needed, let through.

use std::net::IpAddr;

use levqor_store::TenantId;
use poem::http::{HeaderMap, StatusCode};

use super::context::Context;
use crate::{
    auth::{Authority, Caller, Credentials},
    error::{Code, Problem},
    limit::Verdict,
    state::Shared,
};

/// Probes and scrapers come often and from one address; their answers are cheap or cached.
const UNLIMITED: [&str; 4] = ["/health", "/health/live", "/health/ready", "/metrics"];

/// Under `/api/`, yet open to callers without a key: each proves its right by a token or a signature in the request, or is
/// for everybody.
const OPEN: [&str; 4] = [
    "/api/status",
    "/api/marketing/consent/confirm",
    "/api/data-export/confirm",
    "/api/data-export/download",
];

/// Whoever holds the token of a mail may withdraw, as often and from wherever a mail program asks for it: a limit would
/// keep people from a right. A token has 256 bits, so that there is nothing to guess.
const WITHDRAWAL: [&str; 2] = ["/api/marketing/unsubscribe/", "/marketing/preferences/"];

/// Signed: by Stripe and Resend, which send many events from few addresses, and by ourselves for whoever owes, who must
/// always be able to pay. A bad signature costs one MAC.
const SIGNED: [&str; 3] = ["/api/stripe/webhook", "/api/mail/webhook/resend", "/billing/pay/"];

/// Whether operations under this path need a key.
fn needs_key(path: &str) -> bool {
    (path == "/api" || path.starts_with("/api/")) && !OPEN.contains(&path)
}

/// Who calls; None when nothing says so and nothing needs to.
pub(super) async fn admit(
    shared: &Shared,
    headers: &HeaderMap,
    context: &mut Context,
) -> Result<Option<Authority>, Problem> {
    let path = context.uri.path();
    if UNLIMITED.contains(&path)
        || WITHDRAWAL
            .iter()
            .chain(&SIGNED)
            .any(|start| path.starts_with(start))
    {
        return Ok(None);
    }
    let known = match Credentials::of(headers) {
        Credentials::Key(hash) => key(shared, hash, context).await,
        Credentials::User(hash) => user(shared, hash, context).await,
        Credentials::Malformed => Err(Problem::new(
            Code::Unauthenticated,
            "What was sent is no API key and no token, or not the same one twice.",
        )),
        Credentials::None => Err(Problem::new(
            Code::Unauthenticated,
            "This operation needs an API key.",
        )),
    };
    let refusal = match known {
        Ok(authority) => return Ok(Some(authority)),
        Err(problem) if problem.code().status() == StatusCode::UNAUTHORIZED => problem,
        Err(problem) => return Err(problem),
    };
    count(context, shared.anonymous.take(context.address, shared.now()))?;
    if needs_key(context.uri.path()) {
        Err(refusal)
    } else {
        Ok(None)
    }
}

async fn key(shared: &Shared, hash: [u8; 32], context: &mut Context) -> Result<Authority, Problem> {
    guess(shared, shared.keys.seen(&hash), context.address)?;
    let key = shared.keys.check(hash, shared.store(), || shared.now()).await?;
    rate(shared, key.tenant, &key.plan, context)?;
    Ok(Authority::Key(Caller {
        tenant: key.tenant,
        key: key.id,
        trace: None,
    }))
}

async fn user(shared: &Shared, hash: [u8; 32], context: &mut Context) -> Result<Authority, Problem> {
    guess(shared, shared.tokens.seen(&hash), context.address)?;
    let db = &shared.api.platform.db;
    let (person, plan) = shared.tokens.check(hash, db, || shared.now()).await?;
    rate(shared, person.tenant, &plan, context)?;
    Ok(Authority::User(person))
}

/// A secret never seen here costs a query: not for an address that has used up its share.
fn guess(shared: &Shared, seen: bool, address: IpAddr) -> Result<(), Problem> {
    if seen {
        return Ok(());
    }
    let exhausted = shared.anonymous.exhausted(address, shared.now());
    exhausted.map_or(Ok(()), |verdict| Err(too_many(verdict)))
}

/// The tenant's share, of which its people's requests are a part.
fn rate(shared: &Shared, tenant: TenantId, plan: &str, context: &mut Context) -> Result<(), Problem> {
    context.tenant = Some(tenant);
    let verdict = shared.plans.take(tenant, plan, shared.now());
    verdict.map_or(Ok(()), |verdict| count(context, verdict))
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
