//! `DELETE /api/v1/budgets/{id}`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_ledger::delete;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::{budget_id, missing};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Delete(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// Deleted: it holds nothing back any more, within a second.
    #[oai(status = 204)]
    Deleted,
}

impl Failures for Delete {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::BudgetNotFound];
}

#[OpenApi]
impl Delete {
    /// Delete a budget
    #[oai(
        path = "/api/v1/budgets/:id",
        method = "delete",
        operation_id = "deleteBudget",
        tag = "Tag::Money"
    )]
    async fn delete(
        &self,
        caller: Caller,
        /// The budget's id.
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let platform = &self.0.api.platform;
        let actor = Actor::Key(caller.key);
        if !delete(platform, caller.tenant, budget_id(&id.0)?, actor).await? {
            return Err(missing().into());
        }
        self.0.budgets.forget(caller.tenant);
        Ok(Answer::Deleted)
    }
}
