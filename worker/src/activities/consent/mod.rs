//! Consent: what nobody confirmed goes, and marketing mail is written on the strength of the rest.

mod expire;
mod marketing;
mod purge;

use levqor_consent::ConsentError;
use levqor_processes::SYSTEM;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{ActivityError, Context, Registry};

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry
        .with(expire::Expire)
        .with(marketing::Marketing)
        .with(purge::Purge)
}

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// How many.
#[derive(Serialize, JsonSchema)]
struct Count {
    /// Consents dealt with.
    consents: usize,
}

/// Refuses what works on every tenant's rows to anybody's documents but ours.
fn system_only(ctx: &Context) -> Result<(), ActivityError> {
    if ctx.tenant() == SYSTEM {
        return Ok(());
    }
    Err(ActivityError::fail("only the installation's own processes do this").kind("authorization", 403))
}

/// Stops between two batches when the attempt is of no use any more; what is committed stays.
fn go_on(ctx: &Context) -> Result<(), ActivityError> {
    if ctx.cancellation().is_cancelled() {
        return Err(ActivityError::cancelled());
    }
    Ok(())
}

fn failure(error: &ConsentError) -> ActivityError {
    match error {
        ConsentError::Store(_) => ActivityError::retry(error.to_string()),
        _ => ActivityError::fail(error.to_string()),
    }
}
