//! Events: matched by their literals for at most 1,000 runs per transaction, the rest by a durable cursor.

use uuid::Uuid;

use super::{error::store_error, line::Line, rows::lead, wake::wake};
use crate::{Ingested, NewEvent, Ready, RunId, StoreError};

/// How many slices of open events one call goes on with.
const SLICES: usize = 10;

/// `taken`: the first 1,000 subscribed runs after a cursor, each once; `rest`: where to go on, when there are more.
/// Each arm reads one index range in order of runs.
macro_rules! matches {
    ($tenant:literal, $kind:literal, $source:literal, $after:literal) => {
        concat!(
            "found AS MATERIALIZED (
    SELECT DISTINCT run_id FROM (
        (SELECT DISTINCT run_id FROM subscriptions
         WHERE tenant_id = ",
            $tenant,
            " AND event_type = ",
            $kind,
            " AND run_id > ",
            $after,
            "
           AND (source IS NULL OR source = ",
            $source,
            ")
         ORDER BY run_id LIMIT 1001)
        UNION ALL
        (SELECT DISTINCT run_id FROM subscriptions
         WHERE tenant_id = ",
            $tenant,
            " AND event_type IS NULL AND run_id > ",
            $after,
            "
           AND (source IS NULL OR source = ",
            $source,
            ")
         ORDER BY run_id LIMIT 1001)
    ) AS arms ORDER BY run_id LIMIT 1001
), taken AS MATERIALIZED (
    SELECT run_id FROM found ORDER BY run_id LIMIT 1000
), rest AS MATERIALIZED (
    SELECT CASE WHEN (SELECT count(*) FROM found) > 1000
                THEN (SELECT run_id FROM taken ORDER BY run_id DESC LIMIT 1) END AS cursor_run
)"
        )
    };
}

/// Stores the event and wakes from it; a repeat of the event inserts nothing and so wakes nobody.
const INGEST: &str = concat!(
    "WITH ",
    matches!("$1", "$4", "$2", "'00000000-0000-0000-0000-000000000000'"),
    ", won AS (
    INSERT INTO events (tenant_id, source, event_id, event_type, body, at, cursor_run)
    SELECT $1, $2, $3, $4, $5, now_us(), cursor_run FROM rest
    ON CONFLICT DO NOTHING RETURNING cursor_run
), mail AS MATERIALIZED (
    SELECT run_id, 2::int2 AS kind, $5::bytea AS body, 0 AS ord FROM won, taken
), ",
    wake!(),
    " SELECT won.cursor_run IS NOT NULL, woken.id, woken.epoch, woken.ring FROM won LEFT JOIN woken ON true"
);

/// Goes on with the oldest open event. The cursor is compared, so that a slice is taken once.
const CONTINUE: &str = concat!(
    "WITH ",
    lead!(),
    ", open AS MATERIALIZED (
    SELECT id, tenant_id, source, event_type, body, cursor_run FROM events
    WHERE cursor_run IS NOT NULL AND EXISTS (SELECT FROM lead) ORDER BY id LIMIT 1
), ",
    matches!(
        "(SELECT tenant_id FROM open)",
        "(SELECT event_type FROM open)",
        "(SELECT source FROM open)",
        "(SELECT cursor_run FROM open)"
    ),
    ", moved AS (
    UPDATE events SET cursor_run = (SELECT cursor_run FROM rest)
    WHERE id = (SELECT id FROM open) AND cursor_run = (SELECT cursor_run FROM open)
    RETURNING body
), mail AS MATERIALIZED (
    SELECT taken.run_id, 2::int2 AS kind, moved.body, 0 AS ord FROM moved, taken
), ",
    wake!(),
    " SELECT (SELECT count(*) FROM moved), woken.id, woken.epoch, woken.priority, woken.ring
FROM lead LEFT JOIN woken ON true"
);

/// Whether more remain, then a woken run or nulls.
type Matched = (bool, Option<Uuid>, Option<i32>, Option<bool>);

/// How many events moved on, then a woken run or nulls.
type Continued = (i64, Option<Uuid>, Option<i32>, Option<i16>, Option<bool>);

pub(super) async fn ingest(line: &Line, event: &NewEvent) -> Result<Ingested, StoreError> {
    let query = sqlx::query_as(INGEST)
        .bind(event.tenant.0)
        .bind(&event.source)
        .bind(&event.event_id)
        .bind(&event.event_type)
        .bind(&event.body);
    let rows: Vec<Matched> = query.fetch_all(line).await.map_err(store_error)?;
    let mut ingested = Ingested {
        duplicate: rows.is_empty(),
        ..Ingested::default()
    };
    for (more, id, epoch, ring) in rows {
        ingested.more = more;
        if let (Some(id), Some(epoch), Some(ring)) = (id, epoch, ring) {
            ingested.matched += 1;
            ingested.hints.extend(ring.then_some((RunId(id), epoch)));
        }
    }
    Ok(ingested)
}

/// Up to [`SLICES`] further slices of open events, oldest event first.
pub(super) async fn go_on(line: &Line, term: i64) -> Result<Vec<Ready>, StoreError> {
    let mut rung = Vec::new();
    for _ in 0..SLICES {
        let rows: Vec<Continued> = sqlx::query_as(CONTINUE)
            .bind(term)
            .fetch_all(line)
            .await
            .map_err(store_error)?;
        let moved = rows.first().ok_or(StoreError::NotLeader(term))?.0;
        rung.extend(rows.into_iter().filter_map(|(_, id, epoch, priority, ring)| {
            ring?.then_some(Ready {
                run: RunId(id?),
                epoch: epoch?,
                priority: priority?,
            })
        }));
        if moved == 0 {
            break;
        }
    }
    Ok(rung)
}
