//! Checking the chains, from their first entries to their heads, in batches: memory does not grow with the trail.

mod fault;
mod streams;
mod walk;

use levqor_entities::{
    audit_events::{self, Model},
    audit_streams,
};
use levqor_store::{Db, StoreError};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

pub use fault::{Fault, Scope, Totals, Wrong};
use streams::{Chain, Streams};
use walk::Walk;

/// Entries in memory at once.
const BATCH: u64 = 256;

/// Checks all chains of the scope and tells `found` of each fault. Others may append meanwhile.
///
/// A chain that was cut at its end together with its head looks whole: only a checkpoint kept elsewhere shows that.
///
/// # Errors
/// What the database says.
pub async fn verify(db: &Db, scope: &Scope, found: impl FnMut(&Fault)) -> Result<Totals, StoreError> {
    let totals = Totals::default();
    let mut check = Check { db, found, totals };
    let (tenant, stream) = (audit_streams::Column::TenantId, audit_streams::Column::Stream);
    let mut heads = Streams::new(audit_streams::find_all(), tenant, stream, scope);
    while let Some(chain) = heads.next(db).await? {
        check.chain(&chain).await?;
    }
    let (tenant, stream) = (audit_events::Column::TenantId, audit_events::Column::Stream);
    let mut chains = Streams::new(audit_events::find_all(), tenant, stream, scope);
    while let Some(chain) = chains.next(db).await? {
        if head(db, &chain).await?.is_none() {
            check.chain(&chain).await?;
        }
    }
    Ok(check.totals)
}

async fn head(db: &Db, chain: &Chain) -> Result<Option<audit_streams::Model>, StoreError> {
    let stream = audit_streams::Column::Stream.eq(&chain.stream);
    let found = audit_streams::secure_find(chain.tenant)
        .filter(stream)
        .one(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}

/// The next entries of a chain, numbers in these bounds.
async fn entries(db: &Db, chain: &Chain, from: i64, to: i64, limit: u64) -> Result<Vec<Model>, StoreError> {
    use audit_events::Column::{Seq, Stream};
    let found = audit_events::secure_find(chain.tenant)
        .filter(Stream.eq(&chain.stream))
        .filter(Seq.between(from, to))
        .order_by_asc(Seq)
        .limit(limit)
        .all(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}

struct Check<'a, F> {
    db: &'a Db,
    found: F,
    totals: Totals,
}

impl<F: FnMut(&Fault)> Check<'_, F> {
    async fn chain(&mut self, chain: &Chain) -> Result<(), StoreError> {
        self.totals.chains += 1;
        let head = head(self.db, chain).await?;
        if head.is_none() {
            self.fault(chain, 0, Wrong::NoHead);
        }
        let last = head.as_ref().map_or(i64::MAX, |head| head.seq);
        let walk = self.walk(chain, last).await?;
        let Some(head) = head else { return Ok(()) };
        if let Some((seq, wrong)) = walk.end(&head) {
            self.fault(chain, seq, wrong);
        }
        self.behind(chain, head.seq).await
    }

    async fn walk(&mut self, chain: &Chain, last: i64) -> Result<Walk, StoreError> {
        let (mut walk, mut from) = (Walk::default(), Some(i64::MIN));
        while let Some(first) = from {
            let rows = entries(self.db, chain, first, last, BATCH).await?;
            for row in &rows {
                self.totals.entries += 1;
                self.totals.erased += u64::from(row.payload.is_none());
                for (seq, wrong) in walk.step(row) {
                    self.fault(chain, seq, wrong);
                }
            }
            from = rows.last().and_then(|row| row.seq.checked_add(1));
        }
        Ok(walk)
    }

    /// Entries after the head: appended since the head was read, or it was set back.
    async fn behind(&mut self, chain: &Chain, seq: i64) -> Result<(), StoreError> {
        let rows = entries(self.db, chain, seq.saturating_add(1), i64::MAX, 1).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let head = head(self.db, chain).await?;
        if row.seq > seq && head.is_none_or(|head| head.seq < row.seq) {
            self.fault(chain, row.seq, Wrong::BehindHead);
        }
        Ok(())
    }

    fn fault(&mut self, chain: &Chain, seq: i64, wrong: Wrong) {
        self.totals.faults += 1;
        (self.found)(&Fault {
            tenant: chain.tenant,
            stream: chain.stream.clone(),
            seq,
            wrong,
        });
    }
}
