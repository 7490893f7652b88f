//! Reports: ordering those of the week, writing them, mailing them.

mod daily;
mod mail;
mod plan;
mod render;

use levqor_reports::{ReportError, ReportId, Scope};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::activity::{ActivityError, Context, Registry};

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry
        .with(daily::Daily)
        .with(mail::Mail)
        .with(plan::Plan)
        .with(render::Render)
}

/// Which report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Id of a report of the run's tenant.
    report_id: String,
}

impl Which {
    fn id(&self) -> Result<ReportId, ActivityError> {
        let unknown = |_| ActivityError::fail("report_id is no id").kind("validation", 400);
        self.report_id.parse().map_err(unknown)
    }
}

/// Whose report the run's is.
fn scope(ctx: &Context) -> Scope<'_> {
    Scope {
        platform: &ctx.environment().platform,
        tenant: ctx.tenant(),
        installation: ctx.tenant() == levqor_processes::SYSTEM,
    }
}

fn failure(error: &ReportError) -> ActivityError {
    match error {
        ReportError::Store(_) | ReportError::Objects(_) => ActivityError::retry(error.to_string()),
        _ => ActivityError::fail(error.to_string()),
    }
}
