use levqor_processes::SYSTEM;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure;
use crate::activity::{Activity, ActivityError, Context};

/// Looks after requests that are left without a run, deletes packages that a run should have, and forgets requests that
/// nobody confirmed.
pub(super) struct Watch;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// What was done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Requests whose run was started.
    started: u64,
    /// Requests that got another run, since theirs ended before they were answered.
    restarted: u64,
    /// Packages deleted whose time was over.
    expired: u64,
    /// Requests that nobody confirmed, deleted.
    forgotten: u64,
}

impl Activity for Watch {
    const NAME: &'static str = "dsar_watch";
    const ABOUT: &'static str =
        "Starts the runs of requests for data that have none; in the installation's own tenant only.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: Input, ctx: &Context) -> Result<Output, ActivityError> {
        if ctx.tenant() != SYSTEM {
            let detail = "only the installation's own process looks after the requests of all tenants";
            return Err(ActivityError::fail(detail).kind("authorization", 403));
        }
        let watched = levqor_dsar::watch(&ctx.environment().platform)
            .await
            .map_err(failure)?;
        Ok(Output {
            started: watched.started,
            restarted: watched.restarted,
            expired: watched.expired,
            forgotten: watched.forgotten,
        })
    }
}
