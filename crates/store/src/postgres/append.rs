//! Journaling (P3).

use uuid::Uuid;

use super::{
    error::store_error,
    fates,
    fence::fence,
    line::Line,
    rows::{Messages, outbox},
};
use crate::{Append, StoreError, WriteFate};

/// Begins with the live row; all inserts follow from the rows returned. An append resets `deaths`.
const APPEND: &str = concat!(
    "WITH w AS (
    UPDATE live SET seq = seq + 1, deaths = 0
    WHERE ",
    fence!(),
    "
    RETURNING id, tenant_id, epoch, trace, seq AS origin
), journaled AS (
    INSERT INTO journal (run_id, seq, epoch, body)
    SELECT id, origin, epoch, ($4::bytea[])[array_position($1, id)] FROM w
), ",
    outbox!("$5", "$6", "$7", "$8", "$9", "$10"),
    " SELECT id FROM w"
);

pub(super) async fn append(line: &Line, appends: &[Append]) -> Result<Vec<WriteFate>, StoreError> {
    let ids: Vec<_> = appends.iter().map(|append| append.run.0).collect();
    let epochs: Vec<_> = appends.iter().map(|append| append.epoch).collect();
    let seqs: Vec<_> = appends.iter().map(|append| append.seq).collect();
    let bodies: Vec<_> = appends.iter().map(|append| append.body.as_slice()).collect();
    let mut messages = Messages::default();
    for append in appends {
        messages.push(append.run, &append.outbox);
    }
    let query = sqlx::query_scalar(APPEND)
        .bind(ids)
        .bind(epochs)
        .bind(seqs)
        .bind(bodies);
    let written: Vec<Uuid> = messages.bind(query).fetch_all(line).await.map_err(store_error)?;
    fates::of_appends(line, appends, &written).await
}
