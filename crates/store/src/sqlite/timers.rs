//! Timers that came due.

use super::get;
use super::inbox::{Message, Messages};
use super::writer::Tx;
use crate::{InboxKind, Ready, StoreError, Timestamp};

const DUE: &str = "
DELETE FROM timers WHERE (run_id, epoch, seq, ord) IN (
    SELECT run_id, epoch, seq, ord FROM timers WHERE due <= ?1 ORDER BY due LIMIT ?2)
RETURNING run_id, due, body";

/// Moves due timers into the inboxes of their runs, earliest first.
pub(super) async fn fire(tx: &mut Tx, limit: i64) -> Result<Vec<Ready>, StoreError> {
    let now = tx.now;
    let rows = tx.all(sqlx::query(DUE).bind(now.0).bind(limit)).await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let message = Message {
            run: get(row, 0)?,
            tenant: None,
            kind: InboxKind::Timer,
            body: Some(get(row, 2)?),
        };
        due.push((Timestamp(get(row, 1)?), message));
    }
    due.sort_by_key(|(at, _)| *at);
    let messages: Vec<_> = due.into_iter().map(|(_, message)| message).collect();
    Messages::new(&messages).post(tx, None).await
}
