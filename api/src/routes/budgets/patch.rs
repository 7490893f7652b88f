//! `PATCH /api/v1/budgets/{id}`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_ledger::{Change, budget, change};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Deserialize;

use super::{
    budget_id, limit, missing,
    view::{ActionName, BudgetBody},
};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Patch(pub Arc<Shared>);

/// Changes of a budget; what is not named stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "BudgetChanges")]
struct Given {
    /// What may be spent, in minor units.
    limit: Option<i64>,
    /// What happens when it is used up.
    action: Option<ActionName>,
}

impl Failures for Patch {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::BudgetNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Patch {
    /// Change a budget
    ///
    /// It applies within a second. Scope, subject and period stay: make another budget for those.
    #[oai(
        path = "/api/v1/budgets/:id",
        method = "patch",
        operation_id = "updateBudget",
        tag = "Tag::Money"
    )]
    async fn patch(
        &self,
        caller: Caller,
        /// The budget's id.
        id: Path<String>,
        body: RawBody<Typed<Given>>,
    ) -> Result<Json<BudgetBody>, Failed<Self>> {
        let id = budget_id(&id.0)?;
        let given = body.typed().await?;
        let changes = Change {
            most: given.limit.map(limit).transpose()?,
            action: given.action.map(Into::into),
        };
        let platform = &self.0.api.platform;
        change(platform, caller.tenant, id, changes, Actor::Key(caller.key)).await?;
        self.0.budgets.forget(caller.tenant);
        let accounting = &self.0.api.options.accounting;
        let found = budget(&platform.db, accounting.prices, caller.tenant, id).await?;
        Ok(Json(BudgetBody::new(
            found.ok_or_else(missing)?,
            &accounting.currency,
        )))
    }
}
