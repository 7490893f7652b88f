//! Budgets at intake: nothing new starts under one that is used up. What is known of a tenant's budgets is at most a second
//! old.

use levqor_billing::Money;
use levqor_ledger::{Period, Scope, Spender, Standing};

use crate::{
    auth::Caller,
    catalogue::WorkflowName,
    error::{Code, Problem},
    state::Shared,
    time,
};

/// A problem when a budget lets this caller start nothing of this workflow.
pub(crate) async fn check(shared: &Shared, caller: Caller, workflow: &WorkflowName) -> Result<(), Problem> {
    let spender = Spender {
        tenant: caller.tenant,
        namespace: &workflow.namespace,
        name: &workflow.name,
        key: Some(caller.key),
    };
    match shared.budgets.refusing(spender, || shared.now()).await? {
        None => Ok(()),
        Some(standing) => {
            shared.api.observer.over_budget();
            Err(problem(&standing, &shared.api.options.accounting.currency))
        }
    }
}

fn problem(standing: &Standing, currency: &str) -> Problem {
    let budget = &standing.budget;
    let money = |minor| Money {
        minor,
        currency: currency.to_owned(),
    };
    let (most, spent) = (money(budget.most), money(standing.spent / levqor_ledger::MICROS));
    let whose = match budget.scope {
        Scope::Tenant => "this tenant",
        Scope::Workflow => "this workflow",
        Scope::Key => "this API key",
    };
    let when = match budget.period {
        Period::Day => "of the day",
        Period::Month => "of the month",
        Period::Total => "in all",
    };
    let detail = format!("The budget {when} of {whose} is used up: {spent} of {most} are spent.");
    // The whole request, unless the workflow it names is what the budget is about.
    let pointer = if budget.scope == Scope::Workflow {
        "/workflow"
    } else {
        ""
    };
    let problem = Problem::new(Code::BudgetExhausted, detail)
        .at(pointer)
        .budget(budget.id, standing.resets_at.map(time::format));
    match standing.resets_at {
        None => problem,
        Some(at) => problem.retry_after(at.since(standing.at).as_secs().saturating_add(1)),
    }
}
