//! `GET /api/v1/budgets`.

use std::sync::Arc;

use levqor_ledger::standings;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::view::BudgetBody;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// All budgets of a tenant.
#[derive(Serialize, Object)]
struct Budgets {
    /// The budgets, the oldest first; at most 50.
    budgets: Vec<BudgetBody>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List budgets
    ///
    /// All of the tenant, with what is spent of them at this moment.
    #[oai(
        path = "/api/v1/budgets",
        method = "get",
        operation_id = "listBudgets",
        tag = "Tag::Money"
    )]
    async fn list(&self, caller: Caller) -> Result<Json<Budgets>, Failed<Self>> {
        let accounting = &self.0.api.options.accounting;
        let found = standings(&self.0.api.platform.db, accounting.prices, caller.tenant).await?;
        let budgets = found
            .into_iter()
            .map(|standing| BudgetBody::new(standing, &accounting.currency))
            .collect();
        Ok(Json(Budgets { budgets }))
    }
}
