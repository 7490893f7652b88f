use levqor_notion::collect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, ActivityError, Context};

/// Writes the rows of this hour for Notion: health, cost, pulse, keys, the audit trail. A repeat changes what changed.
pub(super) struct Collect;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// What was written.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Rows there are of this hour.
    rows: usize,
}

impl Activity for Collect {
    const NAME: &'static str = "notion_collect";
    const ABOUT: &'static str =
        "Writes what the installation knows of itself for Notion; in the installation's own tenant only.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: Input, ctx: &Context) -> Result<Output, ActivityError> {
        if ctx.tenant() != levqor_processes::SYSTEM {
            return Err(
                ActivityError::fail("only the installation's own processes collect for Notion")
                    .kind("authorization", 403),
            );
        }
        let rows = collect(&ctx.environment().platform).await;
        let rows = rows.map_err(|error| ActivityError::retry(error.to_string()))?;
        Ok(Output { rows })
    }
}
