//! Timers that are due become inbox rows and wakes (P4, P5, P7, P9).

use uuid::Uuid;

use super::{
    error::store_error,
    line::Line,
    rows::{lead, led},
    wake::wake,
};
use crate::{Ready, RunId, StoreError, Timestamp};

/// The timers go after the wakes, as parking and ending lock them after the live row. Timers of runs that are gone
/// go too. A timer of a park that was replaced at this moment may be delivered still: the engine ignores it.
const FIRE: &str = concat!(
    "WITH ",
    lead!(),
    ", fired AS MATERIALIZED (
    SELECT ctid AS place_on_disk, run_id, due, body FROM timers
    WHERE due <= now_us() AND EXISTS (SELECT FROM lead) ORDER BY due LIMIT $2
), mail AS MATERIALIZED (
    SELECT run_id, 1::int2 AS kind, body, row_number() OVER (ORDER BY due) AS ord FROM fired
), ",
    wake!(),
    ", gone AS (
    DELETE FROM timers
    WHERE ctid = ANY (ARRAY(SELECT place_on_disk FROM fired)) AND (SELECT count(*) FROM woken) >= 0
) SELECT woken.id, woken.epoch, woken.priority, woken.ring FROM lead LEFT JOIN woken ON true"
);

const NEXT: &str = "SELECT due FROM timers ORDER BY due LIMIT 1";

/// A woken run or nulls.
type Fired = (Option<Uuid>, Option<i32>, Option<i16>, Option<bool>);

pub(super) async fn fire(line: &Line, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
    let rows: Vec<Fired> = sqlx::query_as(FIRE)
        .bind(term)
        .bind(limit)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let rows = rows.into_iter().map(|(id, epoch, priority, ring)| {
        Some((
            Ready {
                run: RunId(id?),
                epoch: epoch?,
                priority: priority?,
            },
            ring?,
        ))
    });
    let woken = led(term, rows.collect())?;
    Ok(woken
        .into_iter()
        .filter_map(|(ready, ring)| ring.then_some(ready))
        .collect())
}

pub(super) async fn next(line: &Line) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = sqlx::query_scalar(NEXT)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    Ok(due.map(Timestamp))
}
