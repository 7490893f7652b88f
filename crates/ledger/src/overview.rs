//! The books of the whole installation at a glance, for gauges: no tenant is named.

use levqor_store::{DayMargin, Db, Prices, StoreError};

use crate::{Period, Standing, period, standings};

/// From this share of a budget on, it is nearly used up.
const NEAR: f64 = 0.8;

/// What today has brought in so far, and how all tenants' budgets stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// Value and cost of the day so far (UTC), as booked, by workflow.
    pub today: Vec<DayMargin>,
    /// Budgets of which less than four fifths are spent.
    pub open: usize,
    /// Budgets of which four fifths and more are spent.
    pub near: usize,
    /// Budgets of which nothing is left.
    pub exhausted: usize,
    /// Share spent of the budget that is furthest used up; above 1 when it is overdrawn, None without budgets.
    pub furthest: Option<f64>,
}

impl Overview {
    fn add(&mut self, standing: &Standing) {
        let share = standing.share();
        let count = if standing.exhausted(0) {
            &mut self.exhausted
        } else if share >= NEAR {
            &mut self.near
        } else {
            &mut self.open
        };
        *count += 1;
        self.furthest = Some(self.furthest.map_or(share, |most| most.max(share)));
    }
}

/// How it is now. It asks once for each budget.
///
/// # Errors
/// The database is away.
pub async fn overview(db: &Db, prices: Prices) -> Result<Overview, StoreError> {
    let today = period::since(Period::Day, db.now().await?);
    let mut overview = Overview {
        today: db.day_margins(today).await?,
        ..Overview::default()
    };
    for tenant in db.tenants_with_budgets().await? {
        for standing in standings(db, prices, tenant).await? {
            overview.add(&standing);
        }
    }
    Ok(overview)
}
