use levqor_consent::expire;

use super::{Count, Nothing, failure, go_on, system_only};
use crate::activity::{Activity, ActivityError, Context};

/// Ends the wait for confirmations that did not come in time. A repeat finds fewer.
pub(super) struct Expire;

impl Activity for Expire {
    const NAME: &'static str = "consent_expire";
    const ABOUT: &'static str = "Marks consents that nobody confirmed within 7 days as expired; in the installation's own tenant only.";
    type Input = Nothing;
    type Output = Count;

    async fn run(&self, _: Nothing, ctx: &Context) -> Result<Count, ActivityError> {
        system_only(ctx)?;
        let platform = &ctx.environment().platform;
        let mut consents = 0;
        loop {
            go_on(ctx)?;
            match expire(platform).await.map_err(|error| failure(&error.into()))? {
                0 => return Ok(Count { consents }),
                some => consents += some,
            }
        }
    }
}
