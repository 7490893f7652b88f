//! Parking (P3, P6): compare-and-set on the last inbox row folded.

use uuid::Uuid;

use super::{
    error::store_error,
    fates,
    fence::fence,
    line::Line,
    rows::{Messages, Spread, outbox},
};
use crate::{Park, StoreError, WriteFate};

/// Begins with the live row. Timers and subscriptions of a former park are replaced; a first park (epoch 1, no
/// `run_at`) has none to look for. `origin` is the number after the expected one, whether or not entries ride along.
const PARK: &str = concat!(
    "WITH w AS (
    UPDATE live SET
        state = 2, ready = false, worker = NULL, token = NULL, parked = epoch,
        seq = CASE WHEN ($4::bytea[])[array_position($1, id)] IS NULL THEN seq ELSE seq + 1 END,
        deaths = CASE WHEN ($4::bytea[])[array_position($1, id)] IS NULL THEN deaths ELSE 0 END
    WHERE ",
    fence!("$5"),
    "
    RETURNING id, tenant_id, epoch, trace, ($3::int4[])[array_position($1, id)] + 1 AS origin,
              epoch > 1 OR due IS NOT NULL AS again
), journaled AS (
    INSERT INTO journal (run_id, seq, epoch, body)
    SELECT id, origin, epoch, ($4::bytea[])[array_position($1, id)] FROM w
    WHERE ($4::bytea[])[array_position($1, id)] IS NOT NULL
), old_timers AS (
    DELETE FROM timers WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE again))
), old_subscriptions AS (
    DELETE FROM subscriptions WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE again))
), armed AS (
    INSERT INTO timers (run_id, epoch, seq, ord, due, body)
    SELECT w.id, w.epoch, w.origin, g - ($7::int4[])[p], ($9::int8[])[g], ($10::bytea[])[g]
    FROM w, array_position($6::uuid[], w.id) AS p,
         generate_series(($7::int4[])[p], ($8::int4[])[p]) AS g
    WHERE w.id = ANY ($6::uuid[])
), opened AS (
    INSERT INTO subscriptions (tenant_id, run_id, epoch, seq, ord, event_type, source)
    SELECT w.tenant_id, w.id, w.epoch, w.origin, g - ($12::int4[])[p], ($14::text[])[g], ($15::text[])[g]
    FROM w, array_position($11::uuid[], w.id) AS p,
         generate_series(($12::int4[])[p], ($13::int4[])[p]) AS g
    WHERE w.id = ANY ($11::uuid[])
), ",
    outbox!("$16", "$17", "$18", "$19", "$20", "$21"),
    " SELECT id FROM w"
);

/// A batch as one array per column.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    epochs: Vec<i32>,
    seqs: Vec<i32>,
    bodies: Vec<Option<&'a [u8]>>,
    inboxes: Vec<i32>,
    timers: Spread,
    dues: Vec<i64>,
    timer_bodies: Vec<&'a [u8]>,
    subscriptions: Spread,
    types: Vec<Option<&'a str>>,
    sources: Vec<Option<&'a str>>,
    messages: Messages<'a>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, park: &'a Park) {
        self.ids.push(park.run.0);
        self.epochs.push(park.epoch);
        self.seqs.push(park.seq);
        self.bodies.push(park.body.as_deref());
        self.inboxes.push(park.inbox);
        self.timers.push(park.run, park.timers.len());
        for timer in &park.timers {
            self.dues.push(timer.due.0);
            self.timer_bodies.push(&timer.body);
        }
        self.subscriptions.push(park.run, park.subscriptions.len());
        for subscription in &park.subscriptions {
            self.types.push(subscription.event_type.as_deref());
            self.sources.push(subscription.source.as_deref());
        }
        self.messages.push(park.run, &park.outbox);
    }
}

pub(super) async fn park(line: &Line, parks: &[Park]) -> Result<Vec<WriteFate>, StoreError> {
    let mut columns = Columns::default();
    for park in parks {
        columns.push(park);
    }
    let query = sqlx::query_scalar(PARK)
        .bind(columns.ids)
        .bind(columns.epochs)
        .bind(columns.seqs)
        .bind(columns.bodies)
        .bind(columns.inboxes)
        .bind(columns.timers.runs)
        .bind(columns.timers.first)
        .bind(columns.timers.last)
        .bind(columns.dues)
        .bind(columns.timer_bodies)
        .bind(columns.subscriptions.runs)
        .bind(columns.subscriptions.first)
        .bind(columns.subscriptions.last)
        .bind(columns.types)
        .bind(columns.sources);
    let written: Vec<Uuid> = columns
        .messages
        .bind(query)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    fates::of_parks(line, parks, &written).await
}
