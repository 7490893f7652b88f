use levqor_retention::{Pace, sweep};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failure, own_sweep};
use crate::activity::{Activity, ActivityError, Context};

/// Applies one rule.
pub(super) struct Sweep;

/// Which rule.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// A rule's name, such as `mails`.
    dataset: String,
}

/// What this attempt did; what others did before is counted in the database.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// The rule.
    dataset: String,
    /// Rows that went.
    rows: u64,
    /// Objects that went.
    objects: u64,
    /// False when the time was up or the object storage did not answer.
    complete: bool,
}

impl Activity for Sweep {
    const NAME: &'static str = "retention_sweep";
    const ABOUT: &'static str =
        "Deletes or anonymises what has outlived one rule's period, in batches with pauses.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, Input { dataset }: Input, ctx: &Context) -> Result<Output, ActivityError> {
        let id = own_sweep(ctx)?;
        let go_on = |swept: &levqor_retention::Swept| {
            ctx.progress(0, format!("{}: {} rows", dataset, swept.rows));
            !ctx.cancellation().is_cancelled()
        };
        let platform = &ctx.environment().platform;
        let swept = sweep(platform, id, &dataset, &Pace::default(), go_on)
            .await
            .map_err(failure)?;
        if ctx.cancellation().is_cancelled() && !swept.complete {
            return Err(ActivityError::cancelled());
        }
        Ok(Output {
            dataset,
            rows: swept.rows,
            objects: swept.objects,
            complete: swept.complete,
        })
    }
}
