//! How far a budget is used up.

use levqor_entities::budgets::{Model, Scope};
use levqor_store::{Db, KeyId, Prices, Spending, StoreError, TenantId, Timestamp};

use crate::{MICROS, budgets::budgets, period};

/// A budget and what of it is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The budget.
    pub budget: Model,
    /// What ended runs and sent mails have cost in its period, in millionths of a minor unit.
    pub spent: i64,
    /// When it was so.
    pub at: Timestamp,
    /// When it begins anew; None when it never does.
    pub resets_at: Option<Timestamp>,
}

impl Standing {
    /// Whether nothing of it is left for somebody who has spent `own` beside what is booked, in millionths of a minor
    /// unit.
    pub fn exhausted(&self, own: i64) -> bool {
        let most = i128::from(self.budget.most) * i128::from(MICROS);
        i128::from(self.spent) + i128::from(own) >= most
    }

    /// How much of it is spent, 1 for all; a budget of nothing is spent from the beginning.
    #[expect(clippy::cast_precision_loss, reason = "a share may be rounded")]
    pub fn share(&self) -> f64 {
        if self.budget.most <= 0 {
            return 1.0;
        }
        self.spent as f64 / (self.budget.most as f64 * MICROS as f64)
    }
}

/// All budgets of a tenant as they stand now.
///
/// # Errors
/// The database is away.
pub async fn standings(db: &Db, prices: Prices, tenant: TenantId) -> Result<Vec<Standing>, StoreError> {
    let budgets = budgets(db, tenant).await?;
    let mut found = Vec::with_capacity(budgets.len());
    if budgets.is_empty() {
        return Ok(found);
    }
    let now = db.now().await?;
    for budget in budgets {
        found.push(standing(db, prices, budget, now).await?);
    }
    Ok(found)
}

/// How this budget stands.
pub(crate) async fn standing(
    db: &Db,
    prices: Prices,
    budget: Model,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let key: Option<KeyId> = (budget.scope == Scope::Key)
        .then(|| budget.subject.parse())
        .transpose()
        .map_err(|_| StoreError::Corrupt(format!("the budget {} names no key", budget.id)))?;
    let spending = Spending {
        tenant: budget.tenant_id,
        since: period::since(budget.period, now),
        workflow: (budget.scope == Scope::Workflow).then_some(budget.subject.as_str()),
        key,
    };
    let spent = db.spent(spending, prices).await?;
    let resets_at = period::resets_at(budget.period, now);
    Ok(Standing {
        budget,
        spent,
        at: now,
        resets_at,
    })
}
