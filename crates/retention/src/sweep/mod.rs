//! A sweep: its beginning, its batches, what they count.

mod adopt;
mod batch;
pub(crate) mod begin;
pub(crate) mod counts;
pub(crate) mod digest;
mod objects;
mod pace;
pub(crate) mod parts;

use levqor_entities::{ids::SweepId, retention_overrides, retention_parts::State};
use levqor_platform::{NotConfigured, Platform};
use levqor_store::{Db, Span, StoreError, Timestamp};

pub(crate) use adopt::adopt;
pub use batch::BATCH;
pub use begin::begin;
pub use pace::Pace;

use crate::policy::{By, Policy, policy};

/// Why a sweep cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// There is no such rule, or it is not the sweep's to apply.
    #[error("the sweep has no rule for {0}")]
    Unknown(String),
    /// Without the installation's key nothing could be certified, so nothing is deleted.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What one call of [`sweep`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows deleted or anonymised by this call.
    pub rows: u64,
    /// Objects deleted by this call.
    pub objects: u64,
    /// Nothing is left that could be deleted. False: it was told to stop, its deadline came, the sweep is over, or
    /// the object storage did not answer.
    pub complete: bool,
}

/// Applies one rule of a sweep that was begun, batch by batch, with pauses that let others work. `go_on` is told after each
/// batch what was done so far; when it says no, the call returns. After a crash or a stop, another call goes on where
/// this one was.
///
/// # Errors
/// See [`SweepError`]; batches that were committed stay counted.
pub async fn sweep(
    platform: &Platform,
    sweep: SweepId,
    dataset: &str,
    pace: &Pace,
    mut go_on: impl FnMut(&Swept) -> bool + Send,
) -> Result<Swept, SweepError> {
    let policy = policy(dataset).filter(|policy| policy.by == By::Sweep);
    let policy = policy.ok_or_else(|| SweepError::Unknown(dataset.to_owned()))?;
    let secrets = platform.secrets("retention")?;
    let mut swept = Swept::default();
    let Some(mut span) = span(&platform.db, sweep, policy).await? else {
        return Ok(swept);
    };
    loop {
        let started = tokio::time::Instant::now();
        let Some(batch) = batch::run(platform, secrets, sweep, policy, &span).await? else {
            return Ok(swept);
        };
        swept.rows += batch.rows;
        let (removed, all_gone) = objects::remove(platform, sweep, policy).await?;
        swept.objects += removed;
        if !batch.more {
            swept.complete = all_gone && !batch.late;
            let state = if swept.complete {
                State::Done
            } else {
                State::Partial
            };
            parts::close(&platform.db, sweep, dataset, state).await?;
            return Ok(swept);
        }
        if !go_on(&swept) {
            return Ok(swept);
        }
        span.from = batch.last;
        pace.rest(started.elapsed()).await;
    }
}

/// What the rule's rows are measured by; None when the sweep is over.
async fn span(db: &Db, sweep: SweepId, policy: &Policy) -> Result<Option<Span>, StoreError> {
    let (Some(found), Some(part)) = (
        begin::find(db, sweep).await?,
        parts::find(db, sweep, policy).await?,
    ) else {
        return Ok(None);
    };
    Ok(Some(Span {
        as_of: found.as_of,
        days: part.days,
        shortest: shortest(db, policy, part.days).await?,
        from: Timestamp(i64::MIN),
    }))
}

/// The shortest period that applies to any tenant.
pub(crate) async fn shortest(db: &Db, policy: &Policy, days: i64) -> Result<i64, StoreError> {
    let chosen = retention_overrides::shortest(policy.dataset).into_tuple::<Option<i64>>();
    let chosen = chosen.one(db.reader()).await.map_err(|error| db.error(error))?;
    Ok(chosen.flatten().unwrap_or(days).min(days))
}
