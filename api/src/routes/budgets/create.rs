//! `POST /api/v1/budgets`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_ledger::{BudgetError, NewBudget, Scope, budget, create};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::{
    limit,
    view::{ActionName, BudgetBody, PeriodName, ScopeName},
};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures, Problem},
    intake::is_workflow_name,
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Create(pub Arc<Shared>);

/// A budget to make.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewBudget")]
struct New {
    /// Whose spending counts.
    scope: ScopeName,
    /// `namespace/name` of the workflow, or the key's id; absent for the whole tenant.
    #[oai(validator(max_length = 128))]
    subject: Option<String>,
    /// When it begins anew.
    period: PeriodName,
    /// What may be spent, in minor units such as pence; 0 lets nothing start.
    limit: i64,
    /// ISO 4217; only the currency of the installation's books, which it is when absent.
    currency: Option<String>,
    /// What happens when it is used up. Default: `stop`.
    action: Option<ActionName>,
}

#[derive(ApiResponse)]
enum Answer {
    /// Made: it applies within a second.
    #[oai(status = 201)]
    Made(Json<BudgetBody>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BudgetExists,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Create {
    /// Make a budget
    ///
    /// It applies within a second, and to what was spent in its period before. Spent is what ended runs and sent mails
    /// have cost; of a run under way its own cost so far counts when it is asked whether it may go on. So a budget may be
    /// overdrawn by what is under way, and by a second of intake.
    #[oai(
        path = "/api/v1/budgets",
        method = "post",
        operation_id = "createBudget",
        tag = "Tag::Money"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Typed<New>>) -> Result<Answer, Failed<Self>> {
        let accounting = &self.0.api.options.accounting;
        let new = new(body.typed().await?, &accounting.currency)?;
        let platform = &self.0.api.platform;
        let made = create(platform, caller.tenant, new, Actor::Key(caller.key)).await;
        let made = made.map_err(refused)?;
        self.0.budgets.forget(caller.tenant);
        let standing = budget(&platform.db, accounting.prices, caller.tenant, made.id).await?;
        let gone = || Problem::new(Code::Internal, "The budget is gone again.");
        let body = BudgetBody::new(standing.ok_or_else(gone)?, &accounting.currency);
        Ok(Answer::Made(Json(body)))
    }
}

fn new(body: New, books: &str) -> Result<NewBudget, Problem> {
    if body.currency.is_some_and(|currency| currency != books) {
        let detail = format!("The books of this installation are kept in {books} only.");
        return Err(Problem::new(Code::InvalidMember, detail).at("/currency"));
    }
    Ok(NewBudget {
        scope: body.scope.into(),
        subject: subject(body.scope, body.subject)?,
        period: body.period.into(),
        most: limit(body.limit)?,
        action: body.action.unwrap_or(ActionName::Stop).into(),
    })
}

fn subject(scope: ScopeName, subject: Option<String>) -> Result<String, Problem> {
    let wrong = |detail: &str| Problem::new(Code::InvalidMember, detail).at("/subject");
    match (scope.into(), subject) {
        (Scope::Tenant, None) => Ok(String::new()),
        (Scope::Tenant, Some(_)) => Err(wrong("A budget of the whole tenant has no subject.")),
        (Scope::Workflow | Scope::Key, None) => {
            Err(Problem::new(Code::MissingMember, "The member `subject` is missing.").at("/subject"))
        }
        (Scope::Workflow, Some(text)) if !is_workflow_name(&text) => {
            Err(wrong("Expected `namespace/name` of a workflow of yours."))
        }
        (Scope::Workflow, Some(text)) if text.split('/').next() == Some(levqor_processes::NAMESPACE) => Err(
            wrong("Processes of the installation are never stopped by a budget."),
        ),
        (Scope::Workflow, Some(text)) => Ok(text),
        // As ids are written everywhere, whatever case it came in.
        (Scope::Key, Some(text)) => Ok(text.to_ascii_lowercase()),
    }
}

fn refused(error: BudgetError) -> Problem {
    match error {
        BudgetError::Store(error) => error.into(),
        BudgetError::Exists => Problem::new(
            Code::BudgetExists,
            "There is a budget of this scope, subject and period.",
        ),
        BudgetError::TooMany => Problem::new(Code::TooManyBudgets, "The tenant has 50 budgets."),
        BudgetError::UnknownKey => {
            Problem::new(Code::InvalidMember, "There is no API key with this id.").at("/subject")
        }
        // What the crate adds later.
        other => {
            tracing::error!(error = %other, "a budget was not made");
            Problem::new(Code::Internal, "The budget was not made.")
        }
    }
}
