//! What the whole installation has earned on a day, and whose budgets there are, for gauges.

use levqor_entities::ids::TenantId;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{Db, StoreError};

/// Tenants come first: the key of `usage_days` begins with them, so that a day is found without reading the others.
const MARGINS: &str = "
SELECT d.workflow AS workflow, CAST(sum(d.earned) AS bigint) AS earned,
       CAST(sum(d.cost_worker + d.cost_calls + d.cost_mails) AS bigint) AS cost
FROM tenants t JOIN usage_days d ON d.tenant_id = t.id AND d.day = $1
GROUP BY d.workflow ORDER BY d.workflow";

const BUDGETED: &str = "SELECT DISTINCT tenant_id FROM budgets ORDER BY tenant_id";

/// What a workflow's runs brought in and cost on a day, all tenants together.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct DayMargin {
    /// `namespace/name`, of whichever tenant; empty for mails.
    pub workflow: String,
    /// Value of completed runs, in minor units.
    pub earned: i64,
    /// All costs, in millionths of a minor unit.
    pub cost: i64,
}

#[derive(FromQueryResult)]
struct Budgeted {
    tenant_id: TenantId,
}

impl Db {
    /// What was booked for a day (days since 1970-01-01, UTC), by workflow.
    pub async fn day_margins(&self, day: i64) -> Result<Vec<DayMargin>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), MARGINS, [day.into()]);
        let rows = DayMargin::find_by_statement(statement).all(reader).await;
        rows.map_err(|error| self.error(error))
    }

    /// Tenants that have a budget.
    pub async fn tenants_with_budgets(&self) -> Result<Vec<TenantId>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_string(reader.get_database_backend(), BUDGETED);
        let rows = Budgeted::find_by_statement(statement).all(reader).await;
        let rows = rows.map_err(|error| self.error(error))?;
        Ok(rows.into_iter().map(|row| row.tenant_id).collect())
    }
}
