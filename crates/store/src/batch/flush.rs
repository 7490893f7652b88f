//! What a batcher needs to know of the items it carries.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{RunId, StoreError, batch::Settings};

/// One kind of write, many items at a time.
#[async_trait]
pub trait Flush: Send + Sync + 'static {
    /// What a caller submits.
    type Item: Send + Sync + 'static;

    /// What a caller is told of its item.
    type Fate: Send + 'static;

    /// For metrics and logs.
    const NAME: &'static str;

    /// Bounds and patience.
    const SETTINGS: Settings;

    /// Whether one batch may hold several items of a run (P4: only the inbox batcher).
    const RUN_MAY_REPEAT: bool = false;

    /// Whether a repeat is recognised by the batch token alone. If not, every item is safe to repeat by
    /// itself, and a batch may also be split after an error that says nothing of its outcome.
    const BY_TOKEN: bool = false;

    /// The run an item is about: batches are sorted by it.
    fn run(item: &Self::Item) -> RunId;

    /// Bytes an item adds to a batch, about.
    fn size(item: &Self::Item) -> usize;

    /// Commits the items, sorted by run, and answers their fates in the same order. A call with a token
    /// used before carries the same items and must change nothing that the first one did.
    async fn flush(&self, token: Uuid, items: &[Self::Item]) -> Result<Vec<Self::Fate>, StoreError>;
}
