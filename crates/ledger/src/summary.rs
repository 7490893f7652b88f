//! Value, cost and margin of a tenant's workflows by period, what is not booked yet included.

use std::{collections::BTreeMap, ops::Range};

use jiff::civil::Date;
use levqor_entities::tenants;
use levqor_store::{DaySum, Db, StoreError, TenantId, Timestamp};

use crate::{Accounting, MICROS, period};

/// Most sums of one day and workflow that are read.
const MOST: i64 = 20_000;

/// What a line covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// A day, UTC.
    Day,
    /// A month of the calendar, UTC.
    Month,
    /// All that was asked for.
    Total,
}

/// What one workflow's runs used, cost and earned in one period. Costs are millionths of a minor unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The period's first day, or that asked for.
    pub from: Date,
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
    pub value: i64,
    /// Of the workers' time.
    pub cost_worker: i64,
    /// Of calls.
    pub cost_calls: i64,
    /// Of mails.
    pub cost_mails: i64,
}

impl Line {
    /// All costs, rounded to minor units; half of one counts as one.
    pub fn cost(&self) -> i64 {
        let micros = i128::from(self.cost_worker) + i128::from(self.cost_calls) + i128::from(self.cost_mails);
        i64::try_from((micros + i128::from(MICROS / 2)) / i128::from(MICROS)).unwrap_or(i64::MAX)
    }

    /// What is left of the value, in minor units.
    pub fn margin(&self) -> i64 {
        self.value.saturating_sub(self.cost())
    }

    fn add(&mut self, sum: &DaySum, each: i64) {
        let earned = sum.earned.saturating_add(sum.unvalued.saturating_mul(each));
        for (total, more) in [
            (&mut self.completed, sum.completed),
            (&mut self.faulted, sum.faulted),
            (&mut self.cancelled, sum.cancelled),
            (&mut self.worker_us, sum.worker_us),
            (&mut self.calls, sum.calls),
            (&mut self.mails, sum.mails),
            (&mut self.value, earned),
            (&mut self.cost_worker, sum.cost_worker),
            (&mut self.cost_calls, sum.cost_calls),
            (&mut self.cost_mails, sum.cost_mails),
        ] {
            *total = total.saturating_add(more);
        }
    }
}

/// Lines by period and workflow, in that order.
pub type Summary = Vec<Line>;

/// There are too many days and workflows to be summed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// The summary of the days from `range.start` until before `range.end`, of one workflow or of all.
///
/// # Errors
/// The database is away.
pub async fn summary(
    db: &Db,
    accounting: &Accounting,
    tenant: TenantId,
    range: Range<Date>,
    every: Every,
    workflow: Option<&str>,
) -> Result<Result<Summary, TooMany>, StoreError> {
    let days = period::day_of(range.start)..period::day_of(range.end);
    let sums = db
        .usage_sums(tenant, days, workflow, accounting.prices, MOST + 1)
        .await?;
    if i64::try_from(sums.len()).unwrap_or(i64::MAX) > MOST {
        return Ok(Err(TooMany));
    }
    let plan = tenants::secure_find(tenant).one(db.reader()).await;
    let plan = plan.map_err(|error| db.error(error))?.map(|tenant| tenant.plan);
    let each = accounting.values.of(plan.as_deref().unwrap_or_default());
    let mut lines: BTreeMap<(Date, String), Line> = BTreeMap::new();
    for sum in &sums {
        let day = period::date(Timestamp(sum.day.saturating_mul(86_400_000_000)));
        let from = match every {
            Every::Day => day,
            Every::Month => day.first_of_month().max(range.start),
            Every::Total => range.start,
        };
        let new = || Line {
            from,
            workflow: sum.workflow.clone(),
            ..Line::default()
        };
        lines
            .entry((from, sum.workflow.clone()))
            .or_insert_with(new)
            .add(sum, each);
    }
    Ok(Ok(lines.into_values().collect()))
}
