use levqor_dsar::steps;

use super::{State, Which, state};
use crate::activity::{Activity, ActivityError, Context};

/// Makes the package.
pub(super) struct Package;

impl Activity for Package {
    const NAME: &'static str = "dsar_package";
    const ABOUT: &'static str = "Makes the package of a request's copied rows and stores it encrypted.";
    type Input = Which;
    type Output = State;

    async fn run(&self, which: Which, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::package(platform, ctx.tenant(), which.id()?).await)
    }
}
