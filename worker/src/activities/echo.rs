use serde_json::Value;

use crate::activity::{Activity, ActivityError, Context};

/// Gives back what it is given: for trying documents out.
pub(super) struct Echo;

impl Activity for Echo {
    const NAME: &'static str = "echo";
    const ABOUT: &'static str = "Gives back its input unchanged.";
    type Input = Value;
    type Output = Value;

    async fn run(&self, input: Value, _ctx: &Context) -> Result<Value, ActivityError> {
        Ok(input)
    }
}
