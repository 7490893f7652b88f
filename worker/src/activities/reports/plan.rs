use levqor_reports::{Kind, NewReport, order, week_before};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, ActivityError, Context};

/// Orders the installation's reports of the last whole week. The week is their key, so a repeat orders nothing more.
pub(super) struct Plan;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// What was ordered.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Ids of the reports.
    reports: Vec<String>,
}

impl Activity for Plan {
    const NAME: &'static str = "report_plan";
    const ABOUT: &'static str =
        "Orders the operations and evidence reports of the last week; in the installation's own tenant only.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: Input, ctx: &Context) -> Result<Output, ActivityError> {
        if ctx.tenant() != levqor_processes::SYSTEM {
            return Err(
                ActivityError::fail("only the installation's own processes plan reports")
                    .kind("authorization", 403),
            );
        }
        let platform = &ctx.environment().platform;
        let failed = |error: levqor_store::StoreError| ActivityError::retry(error.to_string());
        let period = week_before(platform.db.now().await.map_err(failed)?);
        let mut reports = Vec::new();
        for (kind, name) in [(Kind::Operations, "operations"), (Kind::Evidence, "evidence")] {
            let new = NewReport {
                key: format!("weekly/{name}/{}", period.from.0),
                kind,
                period,
                mail_to: platform.operator_mail.as_deref().map(str::to_owned),
            };
            let ordered = order(platform, ctx.tenant(), new).await.map_err(failed)?;
            reports.push(ordered.id.to_string());
        }
        Ok(Output { reports })
    }
}
