//! The leader's lease: one row, one holder, a new term for a new holder.

use std::time::Duration;

use super::{error::store_error, line::Line};
use crate::{StoreError, WorkerId};

/// Waits for writes of the old term that are under way, which hold the row's shared lock (P9).
const LEAD: &str = "
UPDATE leader SET
    term = CASE WHEN holder = $1 THEN term ELSE term + 1 END,
    holder = $1,
    expires_at = now_us() + $2
WHERE one = 1 AND (holder IS NULL OR holder = $1 OR expires_at <= now_us())
RETURNING term";

const ABDICATE: &str = "UPDATE leader SET holder = NULL, expires_at = 0 WHERE one = 1 AND holder = $1";

pub(super) async fn lead(line: &Line, holder: WorkerId, lease: Duration) -> Result<Option<i64>, StoreError> {
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX / 4);
    sqlx::query_scalar(LEAD)
        .bind(holder.0)
        .bind(lease)
        .fetch_optional(line)
        .await
        .map_err(store_error)
}

pub(super) async fn abdicate(line: &Line, holder: WorkerId) -> Result<(), StoreError> {
    sqlx::query(ABDICATE)
        .bind(holder.0)
        .execute(line)
        .await
        .map(drop)
        .map_err(store_error)
}
