use levqor_retention::certify;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Nothing, failure, own_sweep};
use crate::activity::{Activity, ActivityError, Context};

/// Ends a sweep.
pub(super) struct Certify;

/// What was certified.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Number of the installation's certificate.
    number: i64,
    /// Certificates of tenants.
    tenants: u64,
    /// Rows that went.
    rows: i64,
    /// Objects that went.
    objects: i64,
    /// Nothing was left that could have gone.
    complete: bool,
}

impl Activity for Certify {
    const NAME: &'static str = "retention_certify";
    const ABOUT: &'static str =
        "Ends a sweep and signs, for each tenant and for the installation, what went.";
    type Input = Nothing;
    type Output = Output;

    async fn run(&self, _: Nothing, ctx: &Context) -> Result<Output, ActivityError> {
        let certified = certify(&ctx.environment().platform, own_sweep(ctx)?)
            .await
            .map_err(failure)?;
        Ok(Output {
            number: certified.number,
            tenants: certified.tenants,
            rows: certified.rows,
            objects: certified.objects,
            complete: certified.complete,
        })
    }
}
