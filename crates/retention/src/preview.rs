//! What the next sweep would do, without doing it.

use levqor_store::{Db, Expired, Span, StoreError, TenantId, Timestamp};

use crate::{
    policy::By,
    rules::{Rule, rules},
    sweep::shortest,
};

/// One rule and what is due by it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The rule.
    pub rule: Rule,
    /// Rows with an earlier clock are due: of the tenant, or of tenants that chose nothing.
    pub cutoff: Timestamp,
    /// What is due.
    pub expired: Expired,
}

/// What a sweep of now would take: of one tenant, or of all. Rules that the scheduler applies all day are not among
/// them. Changes nothing.
///
/// # Errors
/// The database is away.
pub async fn preview(db: &Db, tenant: Option<TenantId>) -> Result<Vec<Preview>, StoreError> {
    let as_of = db.now().await?;
    let mut found = Vec::new();
    for rule in rules(db, tenant)
        .await?
        .into_iter()
        .filter(|rule| rule.policy.by == By::Sweep)
    {
        let target = rule.policy.target();
        let span = Span {
            as_of,
            days: rule.stored.days,
            shortest: shortest(db, rule.policy, rule.stored.days).await?,
            from: Timestamp(i64::MIN),
        };
        let expired = db.expired(&target, &span, tenant).await?;
        let cutoff = cutoff(as_of, rule.days());
        found.push(Preview {
            rule,
            cutoff,
            expired,
        });
    }
    Ok(found)
}

/// The clock of the youngest row that is due.
pub(crate) fn cutoff(as_of: Timestamp, days: i64) -> Timestamp {
    Timestamp(as_of.0.saturating_sub(days.saturating_mul(86_400_000_000)))
}
