//! A small in-memory model of the protocol, and its comparison with a store over sequences of operations that
//! several workers make. Property tests feed [`replay`] with random words; each word is one operation.

mod run;
mod state;
mod step;

use std::sync::Arc;

use super::bench::{Bench, Ids};
use super::check::{Failure, ensure_eq};
use crate::{Store, WorkerId};
use state::Model;
use step::Step;

/// Applies the operations that `words` stand for to the store and to the model; every answer must be the same, and
/// in the end all runs. `seed` keeps the ids of several replays on one store apart. The failure names `label` and
/// the operations.
pub async fn replay(label: &str, store: Arc<dyn Store>, seed: u64, words: &[u32]) -> Result<(), Failure> {
    let ids = Arc::new(Ids::seeded(store.now().await?, seed));
    // One leader for all replays on a store: its lease outlives a replay.
    let leader = WorkerId(uuid::Uuid::from_u128(0x7 << 76 | 0x2 << 62 | 1));
    let bench = Bench::new(store, ids, leader).await?;
    let mut model = Model::new(&bench).await?;
    let mut told = Vec::new();
    for word in words {
        let step = Step::from_word(*word);
        told.push(format!("{step:?}"));
        let outcome = match model.apply(&bench, step).await {
            Ok(()) => model.compare(&bench).await,
            failed => failed,
        };
        outcome.map_err(|Failure(why)| Failure(format!("{label}: after {}: {why}", told.join(", "))))?;
    }
    ensure_eq!(told.len(), words.len(), "operations applied");
    Ok(())
}
