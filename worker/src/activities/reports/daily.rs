use levqor_reports::daily;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failure, scope};
use crate::activity::{Activity, ActivityError, Context};

/// Mails the operator what the installation did the day before. The day is the mail's key, so a repeat sends nothing more.
pub(super) struct Daily;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether a mail is in the outbox for it; false without an address of the operator.
    mailed: bool,
}

impl Activity for Daily {
    const NAME: &'static str = "daily_summary";
    const ABOUT: &'static str =
        "Mails the operator a summary of the day before; in the installation's own tenant only.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: Input, ctx: &Context) -> Result<Output, ActivityError> {
        let scope = scope(ctx);
        if !scope.installation {
            return Err(
                ActivityError::fail("only the installation's own processes tell the operator")
                    .kind("authorization", 403),
            );
        }
        let here = ctx.environment().clock.now();
        let mailed = daily(scope, here).await.map_err(|error| failure(&error))?;
        Ok(Output { mailed })
    }
}
