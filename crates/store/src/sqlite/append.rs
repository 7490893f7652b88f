//! Journaling.

use super::fence::Batch;
use super::rows::Cell;
use super::writer::Tx;
use crate::{Append, StoreError, WriteFate};

/// The rows of a batch: run, epoch, seq, null, body.
pub(super) fn batch(appends: &[Append]) -> Batch {
    let mut batch = Batch::default();
    for Append {
        run,
        epoch,
        seq,
        body,
        outbox,
    } in appends
    {
        batch.push(
            run.0,
            *epoch,
            *seq,
            &[Cell::MaybeInt(None), Cell::Bytes(Some(body))],
            outbox,
        );
    }
    batch
}

pub(super) async fn append(tx: &mut Tx, batch: &Batch) -> Result<Vec<WriteFate>, StoreError> {
    let won = batch.fence(tx).await?;
    if !won.nobody() {
        batch.journal(tx, &won).await?;
        batch.send(tx, &won).await?;
    }
    let mut fates = batch.fates(&won);
    if !won.all() {
        batch.journaled(tx, &mut fates).await?;
    }
    Ok(fates)
}
