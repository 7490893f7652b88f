//! From what was used to the books, in one transaction: rows leave `usage` in the commit that enters them, so that each is
//! booked once, whoever folds and however often it fails half-way.

use std::collections::BTreeMap;

use levqor_platform::Platform;
use levqor_store::{KeyId, StoreError, TenantId, Used};
use uuid::Uuid;

use crate::{
    Accounting,
    book::{Book, Costs},
};

/// What was booked at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Rows of what was used.
    pub rows: usize,
    /// By workflow, `namespace/name` of whichever tenant; empty for mails.
    pub workflows: BTreeMap<String, Amounts>,
}

/// What a workflow's runs brought in and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Value of completed runs, in minor units.
    pub value: i64,
    /// What the workers' time cost, in millionths of a minor unit.
    pub worker: i64,
    /// What the calls cost, in the same.
    pub calls: i64,
    /// What the mails cost, in the same.
    pub mails: i64,
}

impl Booked {
    fn add(&mut self, workflow: &str, earned: i64, costs: &Costs) {
        let amounts = self.workflows.entry(workflow.to_owned()).or_default();
        for (sum, more) in [
            (&mut amounts.value, earned),
            (&mut amounts.worker, costs.worker),
            (&mut amounts.calls, costs.calls),
            (&mut amounts.mails, costs.mails),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// What is booked as one: a tenant's day, workflow and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) tenant: TenantId,
    /// Days since 1970-01-01, UTC.
    pub(crate) day: i64,
    /// `namespace/name`; empty for mails.
    pub(crate) workflow: String,
    /// All zeros where there is none.
    pub(crate) key: KeyId,
}

impl Place {
    fn of(row: &Used) -> Self {
        Self {
            tenant: row.tenant_id,
            day: row.day(),
            workflow: row.workflow.clone().unwrap_or_default(),
            key: row.key_id.unwrap_or(KeyId(Uuid::nil())),
        }
    }
}

/// Quantities of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quantities {
    pub(crate) completed: i64,
    pub(crate) faulted: i64,
    pub(crate) cancelled: i64,
    pub(crate) worker_us: i64,
    pub(crate) calls: i64,
    pub(crate) mails: i64,
    /// Minor units, those of the plan included.
    pub(crate) earned: i64,
}

impl Quantities {
    fn add(&mut self, row: &Used, accounting: &Accounting) {
        let each = accounting.values.of(row.plan.as_deref().unwrap_or_default());
        let earned = row.earned.saturating_add(row.unvalued.saturating_mul(each));
        for (sum, more) in [
            (&mut self.completed, row.completed),
            (&mut self.faulted, row.faulted),
            (&mut self.cancelled, row.cancelled),
            (&mut self.worker_us, row.worker_us),
            (&mut self.calls, row.calls),
            (&mut self.mails, row.mails),
            (&mut self.earned, earned),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Books at most `limit` rows of what was used; what that came to.
///
/// # Errors
/// The database is away; then nothing is booked and nothing is lost.
pub async fn fold(platform: &Platform, accounting: &Accounting, limit: i64) -> Result<Booked, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let rows = tx.take_usage(limit).await?;
    let mut places: BTreeMap<Place, Quantities> = BTreeMap::new();
    for row in &rows {
        places.entry(Place::of(row)).or_default().add(row, accounting);
    }
    let mut book = Book::new(&tx, platform, accounting, now);
    let mut booked = Booked {
        rows: rows.len(),
        ..Booked::default()
    };
    for (place, quantities) in &places {
        let costs = book.enter(place, quantities).await?;
        booked.add(&place.workflow, quantities.earned, &costs);
    }
    book.close().await?;
    tx.commit().await?;
    Ok(booked)
}
