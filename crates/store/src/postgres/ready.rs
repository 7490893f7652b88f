//! What the relay may ring: read from the partial index alone.

use uuid::Uuid;

use super::{error::store_error, line::Line, rows};
use crate::{Ready, RunId, StoreError};

const READY: &str = "
SELECT id, epoch, priority FROM live
WHERE ready AND state = 0 AND priority = $1 AND id > $2 ORDER BY id LIMIT $3";

pub(super) async fn ready(
    line: &Line,
    priority: i16,
    floor: Option<RunId>,
    limit: i64,
) -> Result<Vec<Ready>, StoreError> {
    let floor = floor.map_or(Uuid::nil(), |run| run.0);
    let query = sqlx::query_as(READY).bind(priority).bind(floor).bind(limit);
    let found: Vec<_> = query.fetch_all(line).await.map_err(store_error)?;
    Ok(found.into_iter().map(rows::ready).collect())
}

/// In the order of the index, so that it is read whatever the statistics say of how many are ready.
const ANY: &str = "SELECT id FROM live WHERE ready AND state = 0 ORDER BY priority, id LIMIT 1";

pub(super) async fn any(line: &Line) -> Result<bool, StoreError> {
    let found = sqlx::query(ANY).fetch_optional(line).await;
    Ok(found.map_err(store_error)?.is_some())
}
