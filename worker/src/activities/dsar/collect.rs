use levqor_dsar::steps;

use super::{State, Which, state};
use crate::activity::{Activity, ActivityError, Context};

/// Copies the rows about the person who asked.
pub(super) struct Collect;

impl Activity for Collect {
    const NAME: &'static str = "dsar_collect";
    const ABOUT: &'static str =
        "Copies every table that the data map says holds the person who asked, encrypted.";
    type Input = Which;
    type Output = State;

    async fn run(&self, which: Which, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::collect(platform, ctx.tenant(), which.id()?).await)
    }
}
