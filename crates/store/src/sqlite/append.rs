//! Journaling.

use super::fence::Batch;
use super::rows::Cell;
use super::writer::{Tx, over};
use crate::{Append, StoreError, WriteFate};

const FENCE: &str = "
UPDATE live SET seq = live.seq + 1, deaths = 0
FROM jsonb_each(?1) AS r
WHERE live.id = substr(?2, r.value ->> 0, 16)
  AND live.state = 1 AND live.epoch = r.value ->> 1 AND live.seq = r.value ->> 2
RETURNING id";

/// The rows of a batch: run, epoch, seq, null, body.
pub(super) fn batch(appends: &[Append]) -> Batch {
    let mut batch = Batch::new();
    for Append { run, epoch, seq, body, outbox } in appends {
        let cells = [
            Cell::Id(run.0),
            Cell::Int((*epoch).into()),
            Cell::Int((*seq).into()),
            Cell::MaybeInt(None),
            Cell::Bytes(Some(body)),
        ];
        batch.push(run.0, *epoch, *seq, &cells, outbox);
    }
    batch
}

pub(super) async fn append(tx: &mut Tx, batch: &Batch) -> Result<Vec<WriteFate>, StoreError> {
    let won = batch.won(&tx.all(over(FENCE, &batch.rows)).await?)?;
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
