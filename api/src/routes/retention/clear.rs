//! `DELETE /api/v1/retention/policies/{table}`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_retention::clear;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Clear(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// The rule's own period applies, as it may have before.
    #[oai(status = 204)]
    Cleared,
}

impl Failures for Clear {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::PolicyNotFound];
}

#[OpenApi]
impl Clear {
    /// Go back to the rule's own period
    #[oai(
        path = "/api/v1/retention/policies/:table",
        method = "delete",
        operation_id = "clearRetentionPeriod",
        tag = "Tag::Retention"
    )]
    async fn clear(
        &self,
        caller: Caller,
        /// A rule's `table`.
        table: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        clear(
            &self.0.api.platform,
            caller.tenant,
            &table.0,
            Actor::Key(caller.key),
        )
        .await?;
        Ok(Answer::Cleared)
    }
}
