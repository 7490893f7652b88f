//! `GET /api/v1/budgets/{id}`.

use std::sync::Arc;

use levqor_ledger::budget;
use poem_openapi::{OpenApi, param::Path};

use super::{budget_id, missing, view::BudgetBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::BudgetNotFound];
}

#[OpenApi]
impl Get {
    /// Read a budget
    ///
    /// With what is spent of it at this moment.
    #[oai(
        path = "/api/v1/budgets/:id",
        method = "get",
        operation_id = "getBudget",
        tag = "Tag::Money"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The budget's id.
        id: Path<String>,
    ) -> Result<Json<BudgetBody>, Failed<Self>> {
        let accounting = &self.0.api.options.accounting;
        let db = &self.0.api.platform.db;
        let found = budget(db, accounting.prices, caller.tenant, budget_id(&id.0)?).await?;
        Ok(Json(BudgetBody::new(
            found.ok_or_else(missing)?,
            &accounting.currency,
        )))
    }
}
