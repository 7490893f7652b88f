use levqor_reports::render;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Which, failure, scope};
use crate::activity::{Activity, ActivityError, Context};

/// Gathers a report's figures, writes its PDF and stores it. A report that is ready is left as it is.
pub(super) struct Render;

/// What was written.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Pages of the file.
    pages: i64,
    /// Bytes of the file.
    size: i64,
}

impl Activity for Render {
    const NAME: &'static str = "report_render";
    const ABOUT: &'static str = "Writes an ordered report as PDF and stores it.";
    type Input = Which;
    type Output = Output;

    async fn run(&self, which: Which, ctx: &Context) -> Result<Output, ActivityError> {
        let report = render(scope(ctx), which.id()?)
            .await
            .map_err(|error| failure(&error))?;
        Ok(Output {
            pages: report.pages.unwrap_or_default(),
            size: report.size.unwrap_or_default(),
        })
    }
}
