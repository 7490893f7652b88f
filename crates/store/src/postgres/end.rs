//! Ending (P3, P8): the live row and all that hangs on it go, one `ended` row comes, in one statement.

use uuid::Uuid;

use super::{
    error::store_error,
    fates,
    line::Line,
    rows::{Messages, outbox},
};
use crate::{End, RunState, StoreError, WriteFate};

/// Begins with the live row, whose place in the arrays is `place`. What a run never had is not looked for. What the runs
/// used goes into one row for each tenant, version and key of the batch, and for the autoscaler one for each priority: derived
/// from the rows deleted, it counts once. The origin of its messages is the number after
/// its last journal row, which no other write of this epoch uses.
const END: &str = concat!(
    "WITH w AS (
    DELETE FROM live
    WHERE id = ANY ($1::uuid[]) AND state = 1
      AND epoch = ($2::int4[])[array_position($1, id)]
      AND seq = ($3::int4[])[array_position($1, id)]
      AND inbox = ($4::int4[])[array_position($1, id)]
    RETURNING id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at, callback_url,
              input, key_id, trace, seq + 1 AS origin, parked IS NOT NULL OR due IS NOT NULL AS waited,
              array_position($1, id) AS place
), old_journal AS (
    DELETE FROM journal WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE seq > 0))
), old_inbox AS (
    DELETE FROM inbox WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE inbox > 0))
), old_timers AS (
    DELETE FROM timers WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE waited))
), old_subscriptions AS (
    DELETE FROM subscriptions WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE waited))
), kept AS (
    INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at,
                       callback_url, input, ended_at, state, output, error, journal, class)
    SELECT id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at, callback_url,
           input, now_us(), ($5::int2[])[place], ($6::bytea[])[place], ($7::bytea[])[place], ($8::bytea[])[place],
           ($15::text[])[place]
    FROM w
), used AS (
    INSERT INTO usage (at, tenant_id, workflow_id, key_id, completed, faulted, cancelled, worker_us, calls, mails,
                       earned, unvalued)
    SELECT now_us(), tenant_id, workflow_id, key_id, count(*) FILTER (WHERE state = 6),
           count(*) FILTER (WHERE state = 5), count(*) FILTER (WHERE state = 4), sum(worker_us), sum(calls), 0,
           COALESCE(sum(value) FILTER (WHERE state = 6 AND value >= 0), 0),
           count(*) FILTER (WHERE state = 6 AND value < 0)
    FROM (SELECT tenant_id, workflow_id, key_id, ($5::int2[])[place] AS state, ($16::int8[])[place] AS worker_us,
                 ($17::int4[])[place] AS calls, ($18::int8[])[place] AS value
          FROM w) AS r
    GROUP BY tenant_id, workflow_id, key_id
), flowed AS (
    INSERT INTO flow (priority, arrived, ended, service_us, service_square)
    SELECT priority, 0, count(*), sum(worker_us), sum(power(worker_us / 1e6::float8, 2))
    FROM (SELECT priority, ($16::int8[])[place] AS worker_us FROM w WHERE ($5::int2[])[place] IN (5, 6)) AS r
    GROUP BY priority
), ",
    outbox!("$9", "$10", "$11", "$12", "$13", "$14"),
    " SELECT id FROM w"
);

pub(super) async fn end(pool: &Line, ends: &[End]) -> Result<Vec<WriteFate>, StoreError> {
    let ids: Vec<_> = ends.iter().map(|end| end.run.0).collect();
    let epochs: Vec<_> = ends.iter().map(|end| end.epoch).collect();
    let seqs: Vec<_> = ends.iter().map(|end| end.seq).collect();
    let inboxes: Vec<_> = ends.iter().map(|end| end.inbox).collect();
    let states: Vec<_> = ends.iter().map(|end| RunState::from(end.state).code()).collect();
    let outputs: Vec<_> = ends.iter().map(|end| end.output.as_deref()).collect();
    let errors: Vec<_> = ends.iter().map(|end| end.error.as_deref()).collect();
    let journals: Vec<_> = ends.iter().map(|end| end.journal.as_slice()).collect();
    let classes: Vec<_> = ends.iter().map(|end| end.class.as_str()).collect();
    let times: Vec<_> = ends.iter().map(|end| end.usage.worker_us).collect();
    let calls: Vec<_> = ends.iter().map(|end| end.usage.calls).collect();
    // Elements of an array with nulls are found by counting.
    let values: Vec<_> = ends.iter().map(|end| end.usage.value.unwrap_or(-1)).collect();
    let mut messages = Messages::default();
    for end in ends {
        messages.push(end.run, &end.outbox);
    }
    let written: Vec<Uuid> = sqlx::query_scalar(END)
        .bind(ids)
        .bind(epochs)
        .bind(seqs)
        .bind(inboxes)
        .bind(states)
        .bind(outputs)
        .bind(errors)
        .bind(journals)
        .bind(messages.spread.runs)
        .bind(messages.spread.first)
        .bind(messages.spread.last)
        .bind(messages.kinds)
        .bind(messages.targets)
        .bind(messages.bodies)
        .bind(classes)
        .bind(times)
        .bind(calls)
        .bind(values)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    fates::of_ends(pool, ends, &written).await
}
