use serde::de::IgnoredAny;

use crate::activity::{Activity, ActivityError, Context};

/// Does nothing: for measuring what a step costs by itself.
pub(super) struct Noop;

/// Any input; it is not looked at.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub(super) struct Anything(#[schemars(with = "serde_json::Value")] IgnoredAny);

impl Activity for Noop {
    const NAME: &'static str = "noop";
    const ABOUT: &'static str = "Does nothing and gives null.";
    type Input = Anything;
    type Output = ();

    async fn run(&self, Anything(_): Anything, _ctx: &Context) -> Result<(), ActivityError> {
        Ok(())
    }
}
