use levqor_billing::advance;
use levqor_processes::SYSTEM;
use levqor_store::{StoreError, TenantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, ActivityError, Context};

/// Does what is due for a past-due invoice: reaches the stage, writes its letter. It decides by the rows alone, so a
/// repeat does nothing more.
pub(super) struct Stage;

/// Which invoice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Id of the tenant that owes.
    tenant: String,
    /// Stripe's id of the invoice.
    invoice: String,
}

/// Where the invoice stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// The stage reached; null when it is not past due.
    stage: Option<&'static str>,
    /// How long to wait before the next round; null when there is nothing more to do.
    wait: Option<Wait>,
}

/// A duration of the language.
#[derive(Serialize, JsonSchema)]
struct Wait {
    /// Whole milliseconds, rounded up.
    milliseconds: u64,
}

impl Activity for Stage {
    const NAME: &'static str = "dunning_stage";
    const ABOUT: &'static str =
        "Does what is due for an invoice that is past due; in the installation's own tenant only.";
    type Input = Input;
    type Output = Output;

    async fn run(&self, input: Input, ctx: &Context) -> Result<Output, ActivityError> {
        if ctx.tenant() != SYSTEM {
            return Err(
                ActivityError::fail("only the installation's own processes bill").kind("authorization", 403)
            );
        }
        let unknown = |_| ActivityError::fail("tenant is no id").kind("validation", 400);
        let tenant: TenantId = input.tenant.parse().map_err(unknown)?;
        let step = advance(&ctx.environment().platform, tenant, &input.invoice).await;
        let step = step.map_err(|error| failure(&error))?;
        Ok(Output {
            stage: step.stage.map(levqor_billing::Stage::as_str),
            wait: step.wait.map(|wait| Wait {
                milliseconds: u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX),
            }),
        })
    }
}

fn failure(error: &StoreError) -> ActivityError {
    match error {
        StoreError::Data(_) | StoreError::Corrupt(_) => ActivityError::fail(error.to_string()),
        _ => ActivityError::retry(error.to_string()),
    }
}
