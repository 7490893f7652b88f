use std::time::Duration;

use levqor_retention::begin;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Nothing, failure, own_sweep};
use crate::activity::{Activity, ActivityError, Context};

/// How long a sweep may go on, the pauses included: from three at night to seven.
const LONGEST: Duration = Duration::from_hours(4);

/// Begins a sweep.
pub(super) struct Plan;

/// What is to be done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Planned {
    /// Rules, in the order in which they are to be applied; none when the sweep is over.
    datasets: Vec<&'static str>,
}

impl Activity for Plan {
    const NAME: &'static str = "retention_plan";
    const ABOUT: &'static str =
        "Begins a sweep of what has outlived its retention and names the rules to apply.";
    type Input = Nothing;
    type Output = Planned;

    async fn run(&self, _: Nothing, ctx: &Context) -> Result<Planned, ActivityError> {
        let datasets = begin(&ctx.environment().platform, own_sweep(ctx)?, LONGEST).await;
        Ok(Planned {
            datasets: datasets.map_err(failure)?,
        })
    }
}
