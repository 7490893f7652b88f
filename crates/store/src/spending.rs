//! What runs used and what it costs: taken out of `usage` to be booked, and summed, booked or not, for budgets and
//! summaries. One text for both databases.

use levqor_entities::ids::{KeyId, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::{Db, StoreError, Tx};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Microseconds of an hour.
const HOUR_US: i128 = 3_600_000_000;

/// "ledger" in ASCII; no other advisory lock of this database uses it.
const FOLD_LOCK: i64 = 0x6c65_6467_6572;

/// What things cost, in millionths of a minor unit of the installation's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// An hour of a worker's time, as attempts of activities and calls take it.
    pub worker_hour: i64,
    /// An attempt of `call: http`.
    pub call: i64,
    /// A mail sent.
    pub mail: i64,
}

impl Default for Prices {
    /// 4.00 minor units an hour (0.04 of the currency), about a small virtual CPU; a ten-thousandth of one a call;
    /// 0.04 a mail.
    fn default() -> Self {
        Self {
            worker_hour: 4_000_000,
            call: 100,
            mail: 40_000,
        }
    }
}

impl Prices {
    /// What this time of workers costs, in millionths of a minor unit, and what is left of it below one, in
    /// 1/3,600,000,000 of one. `carry` is what was left before: nothing is lost to rounding.
    pub fn worker(&self, us: i64, carry: i64) -> (i64, i64) {
        let total = i128::from(us) * i128::from(self.worker_hour) + i128::from(carry);
        let whole = i64::try_from(total / HOUR_US).unwrap_or(i64::MAX);
        (whole, i64::try_from(total % HOUR_US).unwrap_or(0))
    }
}

/// A row of `usage`, with what is known of its workflow and tenant.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Used {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub tenant_id: TenantId,
    /// The tenant's plan.
    pub plan: Option<String>,
    /// `namespace/name`; none for mails.
    pub workflow: Option<String>,
    /// The key that started the runs.
    pub key_id: Option<KeyId>,
    /// Runs that ended so.
    pub completed: i64,
    /// Runs that ended so.
    pub faulted: i64,
    /// Runs that ended so.
    pub cancelled: i64,
    /// Microseconds that attempts took.
    pub worker_us: i64,
    /// Attempts of `call: http`.
    pub calls: i64,
    /// Mails sent.
    pub mails: i64,
    /// Value of completed runs whose document names one, in minor units.
    pub earned: i64,
    /// Completed runs whose document names none.
    pub unvalued: i64,
}

impl Used {
    /// The day it counts to: days since 1970-01-01, UTC.
    pub fn day(&self) -> i64 {
        self.at.0.div_euclid(DAY_US)
    }
}

/// Whoever takes a row books it: everything derives from what the DELETE returns. A bound, since a list is joined: without statistics
/// each of 10,000 rows was compared with each.
const TAKE: &str = "
DELETE FROM usage WHERE id <= (SELECT max(id) FROM (SELECT id FROM usage ORDER BY id LIMIT $1) AS first)
RETURNING at, tenant_id, key_id, completed, faulted, cancelled, worker_us, calls, mails, earned, unvalued,
          (SELECT t.plan FROM tenants t WHERE t.id = usage.tenant_id) AS plan,
          (SELECT w.namespace || '/' || w.name FROM workflows w WHERE w.id = usage.workflow_id) AS workflow";

/// Booked and not yet booked, in one snapshot, so that what is being booked is seen once.
const SPENT: &str = "
SELECT CAST(COALESCE(sum(cost), 0) AS bigint) AS spent FROM (
    SELECT cost_worker + cost_calls + cost_mails AS cost FROM usage_days
    WHERE tenant_id = $1 AND day >= $2 AND ($3 IS NULL OR workflow = $3) AND ($4 IS NULL OR key_id = $4)
    UNION ALL
    SELECT CAST(CAST(u.worker_us AS numeric) * $5 / 3600000000 AS bigint) + u.calls * $6 + u.mails * $7
    FROM usage u LEFT JOIN workflows w ON w.id = u.workflow_id
    WHERE u.tenant_id = $1 AND u.at >= $2 * 86400000000 AND ($3 IS NULL OR w.namespace || '/' || w.name = $3)
      AND ($4 IS NULL OR u.key_id = $4)
) t";

/// As above, by day and workflow.
const SUMS: &str = "
SELECT day, workflow, CAST(sum(completed) AS bigint) AS completed, CAST(sum(faulted) AS bigint) AS faulted,
       CAST(sum(cancelled) AS bigint) AS cancelled, CAST(sum(worker_us) AS bigint) AS worker_us,
       CAST(sum(calls) AS bigint) AS calls, CAST(sum(mails) AS bigint) AS mails,
       CAST(sum(earned) AS bigint) AS earned, CAST(sum(unvalued) AS bigint) AS unvalued,
       CAST(sum(cost_worker) AS bigint) AS cost_worker, CAST(sum(cost_calls) AS bigint) AS cost_calls,
       CAST(sum(cost_mails) AS bigint) AS cost_mails
FROM (
    SELECT day, workflow, completed, faulted, cancelled, worker_us, calls, mails, earned, 0 AS unvalued, cost_worker,
           cost_calls, cost_mails
    FROM usage_days WHERE tenant_id = $1 AND day >= $2 AND day < $3 AND ($4 IS NULL OR workflow = $4)
    UNION ALL
    SELECT u.at / 86400000000, COALESCE(w.namespace || '/' || w.name, ''), u.completed, u.faulted, u.cancelled,
           u.worker_us, u.calls, u.mails, u.earned, u.unvalued,
           CAST(CAST(u.worker_us AS numeric) * $5 / 3600000000 AS bigint), u.calls * $6, u.mails * $7
    FROM usage u LEFT JOIN workflows w ON w.id = u.workflow_id
    WHERE u.tenant_id = $1 AND u.at >= $2 * 86400000000 AND u.at < $3 * 86400000000
      AND ($4 IS NULL OR w.namespace || '/' || w.name = $4)
) t
GROUP BY day, workflow ORDER BY day, workflow LIMIT $8";

/// Whose spending is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Spending<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// From this day on: days since 1970-01-01, UTC.
    pub since: i64,
    /// Only of this workflow, `namespace/name`.
    pub workflow: Option<&'a str>,
    /// Only of runs that this key started.
    pub key: Option<KeyId>,
}

/// What a workflow's runs used and cost on a day. Costs are millionths of a minor unit.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DaySum {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// `namespace/name`; empty for mails.
    pub workflow: String,
    /// Runs that ended so.
    pub completed: i64,
    /// Runs that ended so.
    pub faulted: i64,
    /// Runs that ended so.
    pub cancelled: i64,
    /// Microseconds that attempts took.
    pub worker_us: i64,
    /// Attempts of `call: http`.
    pub calls: i64,
    /// Mails sent.
    pub mails: i64,
    /// Value of completed runs, in minor units.
    pub earned: i64,
    /// Completed runs that are not in it: the plan says what each is worth.
    pub unvalued: i64,
    /// Of the workers' time.
    pub cost_worker: i64,
    /// Of calls.
    pub cost_calls: i64,
    /// Of mails.
    pub cost_mails: i64,
}

#[derive(FromQueryResult)]
struct Spent {
    spent: i64,
}

impl Tx {
    /// Takes out at most `limit` rows of what was used, the oldest first; they are this transaction's to book. One
    /// transaction at a time does so: what it then reads of days and accounts nobody else changes.
    pub async fn take_usage(&self, limit: i64) -> Result<Vec<Used>, StoreError> {
        let backend = self.get_database_backend();
        if backend == DbBackend::Postgres {
            // Bound to the transaction, so that it holds behind a pooler.
            let lock = format!("SELECT pg_advisory_xact_lock({FOLD_LOCK})");
            self.execute_unprepared(&lock)
                .await
                .map_err(|error| self.error(error))?;
        }
        let statement = Statement::from_sql_and_values(backend, TAKE, [limit.into()]);
        let rows = Used::find_by_statement(statement).all(&**self).await;
        rows.map_err(|error| self.error(error))
    }
}

impl Db {
    /// What was spent, in millionths of a minor unit; what is not booked yet at these prices.
    pub async fn spent(&self, of: Spending<'_>, prices: Prices) -> Result<i64, StoreError> {
        let reader = self.reader();
        let values: [Value; 7] = [
            of.tenant.0.into(),
            of.since.into(),
            of.workflow.map(str::to_owned).into(),
            of.key.map(|key| key.0).into(),
            prices.worker_hour.into(),
            prices.call.into(),
            prices.mail.into(),
        ];
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), SPENT, values);
        let row = Spent::find_by_statement(statement).one(reader).await;
        Ok(row.map_err(|error| self.error(error))?.map_or(0, |row| row.spent))
    }

    /// What a tenant's runs used on the days `from..to`, at most `limit` sums in the order of day and workflow.
    pub async fn usage_sums(
        &self,
        tenant: TenantId,
        days: std::ops::Range<i64>,
        workflow: Option<&str>,
        prices: Prices,
        limit: i64,
    ) -> Result<Vec<DaySum>, StoreError> {
        let reader = self.reader();
        let values: [Value; 8] = [
            tenant.0.into(),
            days.start.into(),
            days.end.into(),
            workflow.map(str::to_owned).into(),
            prices.worker_hour.into(),
            prices.call.into(),
            prices.mail.into(),
            limit.into(),
        ];
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), SUMS, values);
        let rows = DaySum::find_by_statement(statement).all(reader).await;
        rows.map_err(|error| self.error(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_millionth_is_carried_on() {
        let prices = Prices::default();
        // 150 microseconds cost a sixth of a millionth.
        let (mut whole, mut carry) = (0, 0);
        for _ in 0..6_000 {
            let (more, left) = prices.worker(150, carry);
            whole += more;
            carry = left;
        }
        assert_eq!((whole, carry), prices.worker(150 * 6_000, 0));
        assert_eq!(whole, 1_000);
        assert_eq!(prices.worker(3_600_000_000, 0), (4_000_000, 0));
    }
}
