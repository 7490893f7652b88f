use levqor_dsar::steps;

use super::{State, Which, state};
use crate::activity::{Activity, ActivityError, Context};

/// Checks that the package is stored whole.
pub(super) struct Store;

impl Activity for Store {
    const NAME: &'static str = "dsar_store";
    const ABOUT: &'static str =
        "Reads a request's package back, checks it, and deletes the copy it was made of.";
    type Input = Which;
    type Output = State;

    async fn run(&self, which: Which, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::store(platform, ctx.tenant(), which.id()?).await)
    }
}
