use levqor_dsar::steps;

use super::{State, Which, state};
use crate::activity::{Activity, ActivityError, Context};

/// Tells the person that the package is there.
pub(super) struct Notify;

impl Activity for Notify {
    const NAME: &'static str = "dsar_notify";
    const ABOUT: &'static str = "Mails the link to a request's package, once.";
    type Input = Which;
    type Output = State;

    async fn run(&self, which: Which, ctx: &Context) -> Result<State, ActivityError> {
        let platform = &ctx.environment().platform;
        state(steps::notify(platform, ctx.tenant(), which.id()?).await)
    }
}
