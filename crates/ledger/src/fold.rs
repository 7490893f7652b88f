//! From what was used to the books, in one transaction: rows leave `usage` in the commit that enters them, so that each is
//! booked once, whoever folds and however often it fails half-way.

use std::collections::BTreeMap;

use levqor_platform::Platform;
use levqor_store::{KeyId, StoreError, TenantId, Used};
use uuid::Uuid;

use crate::{Accounting, book::Book};

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

/// Books at most `limit` rows of what was used; how many there were.
///
/// # Errors
/// The database is away; then nothing is booked and nothing is lost.
pub async fn fold(platform: &Platform, accounting: &Accounting, limit: i64) -> Result<usize, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let rows = tx.take_usage(limit).await?;
    let mut places: BTreeMap<Place, Quantities> = BTreeMap::new();
    for row in &rows {
        places.entry(Place::of(row)).or_default().add(row, accounting);
    }
    let mut book = Book::new(&tx, platform, accounting, now);
    for (place, quantities) in &places {
        book.enter(place, quantities).await?;
    }
    book.close().await?;
    tx.commit().await?;
    Ok(rows.len())
}
