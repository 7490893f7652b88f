use levqor_consent::{SendId, send::queue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failure, go_on};
use crate::activity::{Activity, ActivityError, Context};

/// Writes the mails of an order into the outbox, page by page; each page is committed with how far the order is, so that
/// a repeat goes on from there.
pub(super) struct Marketing;

/// Which order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Id of an order of the run's tenant.
    send: String,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Mails in the outbox.
    queued: i64,
    /// Recipients left out, because they have not agreed or no more.
    passed_over: i64,
}

impl Activity for Marketing {
    const NAME: &'static str = "consent_marketing";
    const ABOUT: &'static str = "Writes the mails of a marketing order for all who have agreed to its list.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, input: Input, ctx: &Context) -> Result<Output, ActivityError> {
        let unknown = || ActivityError::fail("there is no such order").kind("validation", 400);
        let send: SendId = input.send.parse().map_err(|_| unknown())?;
        loop {
            go_on(ctx)?;
            let progress = queue(&ctx.environment().platform, ctx.tenant(), send).await;
            let progress = progress.map_err(|error| failure(&error))?.ok_or_else(unknown)?;
            if progress.done {
                return Ok(Output {
                    queued: progress.queued,
                    passed_over: progress.passed_over,
                });
            }
        }
    }
}
