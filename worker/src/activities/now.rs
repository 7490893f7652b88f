use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, ActivityError, Context};

/// Tells the time. Expressions cannot, since their results must not depend on when they are evaluated; an activity's
/// output is journaled, so a replay sees the same time again.
pub(super) struct Now;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// The worker's wall clock when the activity began.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Microseconds since the Unix epoch.
    micros: i64,
    /// Seconds since the Unix epoch.
    seconds: i64,
}

impl Activity for Now {
    const NAME: &'static str = "now";
    const ABOUT: &'static str = "Tells the time of the worker's clock.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: Input, ctx: &Context) -> Result<Output, ActivityError> {
        let micros = ctx.environment().clock.now().0;
        Ok(Output {
            micros,
            seconds: micros.div_euclid(1_000_000),
        })
    }
}
