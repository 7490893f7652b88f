use levqor_dsar::steps;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{State, id, state};
use crate::activity::{Activity, ActivityError, Context};

/// Notes that a request's package could not be made.
pub(super) struct Fail;

/// Which request, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Id of a request of the run's tenant.
    request_id: String,
    /// The error, in words for the tenant.
    why: String,
}

impl Activity for Fail {
    const NAME: &'static str = "dsar_fail";
    const ABOUT: &'static str =
        "Notes that a request's package could not be made, and deletes what there is of it.";
    type Input = Input;
    type Output = State;

    async fn run(&self, input: Input, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::fail(platform, ctx.tenant(), id(&input.request_id)?, &input.why).await)
    }
}
