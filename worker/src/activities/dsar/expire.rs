use levqor_dsar::steps;

use super::{State, Which, state};
use crate::activity::{Activity, ActivityError, Context};

/// Deletes the package.
pub(super) struct Expire;

impl Activity for Expire {
    const NAME: &'static str = "dsar_expire";
    const ABOUT: &'static str = "Deletes a request's package and its key.";
    type Input = Which;
    type Output = State;

    async fn run(&self, which: Which, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::expire(platform, ctx.tenant(), which.id()?).await)
    }
}
