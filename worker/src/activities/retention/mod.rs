//! Retention: the steps of `workflows/retention.yaml`. A sweep is the run that performs it; it serves all tenants, so it runs
//! in the installation's own only.

mod certify;
mod plan;
mod sweep;

use levqor_entities::ids::SweepId;
use levqor_processes::SYSTEM;
use levqor_retention::SweepError;
use serde::Deserialize;

use crate::activity::{ActivityError, Context, Registry};

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry
        .with(certify::Certify)
        .with(plan::Plan)
        .with(sweep::Sweep)
}

/// Nothing.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The sweep that this run is. Refuses the runs of customers.
fn own_sweep(ctx: &Context) -> Result<SweepId, ActivityError> {
    if ctx.tenant() == SYSTEM {
        return Ok(SweepId(ctx.run().0));
    }
    let why = "it works across tenants, for the installation's own processes only";
    Err(ActivityError::fail(why).kind("authorization", 403))
}

/// A database that is away comes back; a setting that is missing, or a rule that is not there, does not by itself.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failure(error: SweepError) -> ActivityError {
    match error {
        SweepError::Store(_) => ActivityError::retry(error.to_string()),
        _ => ActivityError::fail(error.to_string()),
    }
}
