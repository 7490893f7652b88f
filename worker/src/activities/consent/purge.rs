use levqor_consent::purge;

use super::{Count, Nothing, failure, go_on, system_only};
use crate::activity::{Activity, ActivityError, Context};

/// Deletes what is left of consents that were never given. A repeat finds fewer.
pub(super) struct Purge;

impl Activity for Purge {
    const NAME: &'static str = "consent_purge";
    const ABOUT: &'static str = "Deletes consents that were never given, 30 days after the question; in the installation's own tenant only.";
    type Input = Nothing;
    type Output = Count;

    async fn run(&self, _: Nothing, ctx: &Context) -> Result<Count, ActivityError> {
        system_only(ctx)?;
        let platform = &ctx.environment().platform;
        let mut consents = 0;
        loop {
            go_on(ctx)?;
            match purge(platform).await.map_err(|error| failure(&error.into()))? {
                0 => return Ok(Count { consents }),
                some => consents += some,
            }
        }
    }
}
