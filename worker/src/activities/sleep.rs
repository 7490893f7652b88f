use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, ActivityError, Context};

/// Keeps its worker for a while. A document that only wants time to pass uses `wait`, which costs no worker.
pub(super) struct Sleep;

/// How long.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// How long to sleep, in milliseconds.
    milliseconds: u64,
}

/// How long it was.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// How long it slept, in milliseconds.
    milliseconds: u64,
}

impl Activity for Sleep {
    const NAME: &'static str = "sleep";
    const ABOUT: &'static str = "Holds a worker's slot for some milliseconds; stops at once when cancelled.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, input: Input, ctx: &Context) -> Result<Output, ActivityError> {
        tokio::select! {
            biased;
            () = ctx.cancellation().cancelled() => Err(ActivityError::cancelled()),
            () = tokio::time::sleep(Duration::from_millis(input.milliseconds)) => {
                Ok(Output { milliseconds: input.milliseconds })
            }
        }
    }
}
