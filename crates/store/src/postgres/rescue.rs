//! Burying workers and freeing what they held (P9, P10).

use uuid::Uuid;

use super::{
    error::store_error,
    line::Line,
    rows::{lead, led, ready},
};
use crate::{Beat, Ready, StoreError, WorkerId};

const BEATS: &str = "SELECT id, beats, slots, busy FROM workers WHERE alive";

const BURY: &str = concat!(
    "WITH ",
    lead!(),
    ", buried AS (
    UPDATE workers SET alive = false, busy = 0
    WHERE id = $2 AND beats = $3 AND alive AND EXISTS (SELECT FROM lead)
    RETURNING id
) SELECT EXISTS (SELECT FROM buried) FROM lead"
);

/// P10: all running rows whose worker is not alive, whenever it died; found in the partial index. The epoch is
/// compared again under the row's lock: a run that another worker has taken since has a higher one.
const RESCUE: &str = concat!(
    "WITH ",
    lead!(),
    ", lost AS MATERIALIZED (
    SELECT id, epoch FROM live
    WHERE ready AND state = 1 AND EXISTS (SELECT FROM lead)
      AND COALESCE(worker <> ALL (ARRAY(SELECT id FROM workers WHERE alive)), true)
    ORDER BY priority, id LIMIT $2
), lists AS MATERIALIZED (
    SELECT array_agg(id ORDER BY id) AS ids, array_agg(epoch ORDER BY id) AS epochs FROM lost
), freed AS (
    UPDATE live SET state = 0, worker = NULL, token = NULL, deaths = deaths + 1
    WHERE id = ANY ((SELECT ids FROM lists)::uuid[]) AND state = 1
      AND epoch = ((SELECT epochs FROM lists))[array_position((SELECT ids FROM lists), id)]
    RETURNING id, epoch, priority
) SELECT freed.id, freed.epoch, freed.priority FROM lead LEFT JOIN freed ON true"
);

pub(super) async fn beats(line: &Line) -> Result<Vec<Beat>, StoreError> {
    let rows: Vec<(Uuid, i64, i32, i32)> =
        sqlx::query_as(BEATS).fetch_all(line).await.map_err(store_error)?;
    let beat = |(id, beats, slots, busy)| Beat {
        worker: WorkerId(id),
        beats,
        slots,
        busy,
    };
    Ok(rows.into_iter().map(beat).collect())
}

pub(super) async fn bury(line: &Line, term: i64, worker: WorkerId, beats: i64) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar(BURY).bind(term).bind(worker.0).bind(beats);
    query
        .fetch_optional(line)
        .await
        .map_err(store_error)?
        .ok_or(StoreError::NotLeader(term))
}

pub(super) async fn rescue(line: &Line, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
    let rows: Vec<(Option<Uuid>, Option<i32>, Option<i16>)> = sqlx::query_as(RESCUE)
        .bind(term)
        .bind(limit)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let rows = rows
        .into_iter()
        .map(|(id, epoch, priority)| Some(ready((id?, epoch?, priority?))));
    led(term, rows.collect())
}
