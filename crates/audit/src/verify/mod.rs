//! Checking the chains, from their first entries to their heads, in batches: memory does not grow with the trail.

mod streams;
mod walk;

use levqor_entities::{
    audit_events::{self, Model},
    audit_streams,
};
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use streams::{Chain, Streams};
use walk::Walk;

/// Entries in memory at once.
const BATCH: u64 = 256;

/// Which chains are checked.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only this tenant's.
    pub tenant: Option<TenantId>,
    /// Only streams of this name.
    pub stream: Option<String>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose chain.
    pub tenant: TenantId,
    /// Which chain.
    pub stream: String,
    /// Number of the entry in it.
    pub seq: i64,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The entry's hash is not that of its header behind the entry before: one of its columns was changed.
    Header,
    /// Salt and payload are not those whose digest the header has, or only one of them was erased.
    Payload,
    /// The user's id is not the one whose pseudonym the header has.
    Subject,
    /// Entries are not there, from this one to the one with the number here.
    Missing(i64),
    /// The number is not one that a chain has.
    Number,
    /// The head has another hash than the last entry.
    Head,
    /// The head's number is lower than this entry's.
    BehindHead,
    /// The chain has entries and no head.
    NoHead,
    /// A checkpoint has another hash for this entry, or it is not there.
    Checkpoint,
}

impl Wrong {
    /// In one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Subject => "subject",
            Self::Missing(_) => "missing",
            Self::Number => "number",
            Self::Head => "head",
            Self::BehindHead => "behind_head",
            Self::NoHead => "no_head",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::Header => "the entry was changed",
            Self::Payload => "salt or payload was changed",
            Self::Subject => "the user's id was changed",
            Self::Missing(until) => return write!(f, "missing, up to {until}"),
            Self::Number => "a number that no chain has",
            Self::Head => "the chain's head was changed",
            Self::BehindHead => "the chain's head stands before this entry",
            Self::NoHead => "the chain's head is missing",
            Self::Checkpoint => "not what the checkpoint has",
        };
        f.write_str(text)
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Chains.
    pub chains: u64,
    /// Entries in them.
    pub entries: u64,
    /// Entries whose payload was erased.
    pub erased: u64,
    /// Faults.
    pub faults: u64,
}

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
    let found = audit_streams::secure_find(chain.tenant).filter(stream).one(db.reader()).await;
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
