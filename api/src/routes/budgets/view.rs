//! A budget as it is shown.

use levqor_ledger::{Action, MICROS, Period, Scope, Standing};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use crate::time;

/// Whose spending counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "BudgetScope", rename_all = "snake_case")]
pub(super) enum ScopeName {
    /// All of the tenant.
    Tenant,
    /// All versions of one workflow.
    Workflow,
    /// Runs that one API key started.
    Key,
}

/// When a budget begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "BudgetPeriod", rename_all = "snake_case")]
pub(super) enum PeriodName {
    /// At midnight, UTC.
    Day,
    /// On the first of the month, UTC.
    Month,
    /// Never.
    Total,
}

/// What happens when a budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "BudgetAction", rename_all = "snake_case")]
pub(super) enum ActionName {
    /// Nothing new starts, and runs fault before their next call.
    Stop,
    /// Nothing new starts; runs under way go on.
    Refuse,
}

/// Both ways between a name and what the rules call it.
macro_rules! same {
    ($name:ident, $rule:ident, $($variant:ident),+) => {
        impl From<$name> for $rule {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => Self::$variant),+ }
            }
        }

        impl From<$rule> for $name {
            fn from(rule: $rule) -> Self {
                match rule { $($rule::$variant => Self::$variant),+ }
            }
        }
    };
}
same!(ScopeName, Scope, Tenant, Workflow, Key);
same!(PeriodName, Period, Day, Month, Total);
same!(ActionName, Action, Stop, Refuse);

/// A budget.
#[derive(Serialize, Object)]
#[oai(rename = "Budget")]
pub(super) struct BudgetBody {
    /// Its id.
    pub id: String,
    /// Whose spending counts.
    pub scope: ScopeName,
    /// `namespace/name` of the workflow, or the key's id; absent for the whole tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it begins anew.
    pub period: PeriodName,
    /// What may be spent, in minor units.
    pub limit: i64,
    /// Of what: ISO 4217.
    pub currency: String,
    /// What happens when it is used up.
    pub action: ActionName,
    /// What ended runs and sent mails have cost in the period, in whole minor units.
    pub spent: i64,
    /// The same in millionths of a minor unit.
    pub spent_micros: i64,
    /// Whether it is used up.
    pub exhausted: bool,
    /// When it begins anew (RFC 3339); absent when it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
}

impl BudgetBody {
    pub(super) fn new(standing: Standing, currency: &str) -> Self {
        let exhausted = standing.exhausted(0);
        let Standing {
            budget,
            spent,
            resets_at,
            ..
        } = standing;
        Self {
            id: budget.id.to_string(),
            scope: budget.scope.into(),
            subject: Some(budget.subject).filter(|subject| !subject.is_empty()),
            period: budget.period.into(),
            limit: budget.most,
            currency: currency.to_owned(),
            action: budget.action.into(),
            spent: spent / MICROS,
            spent_micros: spent,
            exhausted,
            resets_at: resets_at.map(time::format),
            created_at: time::format(budget.created_at),
            updated_at: time::format(budget.updated_at),
        }
    }
}
