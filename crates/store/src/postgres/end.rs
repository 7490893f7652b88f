//! Ending (P3, P8): the live row and all that hangs on it go, one `ended` row comes, in one statement.

use uuid::Uuid;

use super::{
    error::store_error,
    fates,
    fence::fence,
    line::Line,
    rows::{Messages, outbox},
};
use crate::{End, RunState, StoreError, WriteFate};

/// Begins with the live row, whose place in the arrays is `place`. What the runs used goes into one row for each tenant,
/// version and key of the batch, and for the autoscaler one for each priority: derived from the rows deleted, it counts
/// once. `$leavings` deletes what hangs on them.
macro_rules! end {
    ($($leavings:tt)*) => {
        concat!(
            "WITH w AS (
    DELETE FROM live
    WHERE ",
            fence!("$4"),
            "
    RETURNING id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at, callback_url,
              input, key_id, trace, seq + 1 AS origin, parked IS NOT NULL OR due IS NOT NULL AS waited,
              array_position($1, id) AS place
), kept AS (
    INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at,
                       callback_url, input, ended_at, state, output, error, journal, class)
    SELECT id, tenant_id, workflow_id, epoch, seq, inbox, priority, created_at, due, started_at, callback_url,
           input, now_us(), ($5::int2[])[place], ($6::bytea[])[place], ($7::bytea[])[place], ($8::bytea[])[place],
           ($9::text[])[place]
    FROM w
), used AS (
    INSERT INTO usage (at, tenant_id, workflow_id, key_id, completed, faulted, cancelled, worker_us, calls, mails,
                       earned, unvalued)
    SELECT now_us(), tenant_id, workflow_id, key_id, count(*) FILTER (WHERE state = 6),
           count(*) FILTER (WHERE state = 5), count(*) FILTER (WHERE state = 4), sum(worker_us), sum(calls), 0,
           COALESCE(sum(value) FILTER (WHERE state = 6 AND value >= 0), 0),
           count(*) FILTER (WHERE state = 6 AND value < 0)
    FROM (SELECT tenant_id, workflow_id, key_id, ($5::int2[])[place] AS state, ($10::int8[])[place] AS worker_us,
                 ($11::int4[])[place] AS calls, ($12::int8[])[place] AS value
          FROM w) AS r
    GROUP BY tenant_id, workflow_id, key_id
), flowed AS (
    INSERT INTO flow (priority, arrived, ended, service_us, service_square)
    SELECT priority, 0, count(*), sum(worker_us), sum(power(worker_us / 1e6::float8, 2))
    FROM (SELECT priority, ($10::int8[])[place] AS worker_us FROM w WHERE ($5::int2[])[place] IN (5, 6)) AS r
    GROUP BY priority
)",
            $($leavings)*,
            " SELECT id FROM w"
        )
    };
}

macro_rules! old_journal {
    () => {
        ", old_journal AS (
    DELETE FROM journal WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE seq > 0))
)"
    };
}

/// Of runs claimed once, that nothing was delivered to, that journaled nothing and send nothing. Each statement within a
/// statement is made ready whether or not it finds rows, which costs as much as some rows.
const BARE_END: &str = end!("");

/// The same of runs that journaled.
const PLAIN_END: &str = end!(old_journal!());

/// Of any. The origin of its messages is the number after its last journal row, which no other write of this epoch uses.
const END: &str = end!(
    old_journal!(),
    ", old_inbox AS (
    DELETE FROM inbox WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE inbox > 0))
), old_timers AS (
    DELETE FROM timers WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE waited))
), old_subscriptions AS (
    DELETE FROM subscriptions WHERE run_id = ANY (ARRAY(SELECT id FROM w WHERE waited))
), ",
    outbox!("$13", "$14", "$15", "$16", "$17", "$18")
);

/// The least that these ends need. A run waited, and so may have timers and subscriptions, when it was claimed again or
/// something was delivered to it; one with a time to start at has its start timer's delivery.
fn text(ends: &[End]) -> &'static str {
    let first = |end: &End| end.epoch == 1 && end.inbox == 0 && end.outbox.is_empty();
    match ends.iter().all(first) {
        true if ends.iter().all(|end| end.seq == 0) => BARE_END,
        true => PLAIN_END,
        false => END,
    }
}

pub(super) async fn end(line: &Line, ends: &[End]) -> Result<Vec<WriteFate>, StoreError> {
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
    let text = text(ends);
    let query = sqlx::query_scalar(text)
        .bind(ids)
        .bind(epochs)
        .bind(seqs)
        .bind(inboxes)
        .bind(states)
        .bind(outputs)
        .bind(errors)
        .bind(journals)
        .bind(classes)
        .bind(times)
        .bind(calls)
        .bind(values);
    let written: Vec<Uuid> = if text == END {
        messages.bind(query).fetch_all(line).await
    } else {
        query.fetch_all(line).await
    }
    .map_err(store_error)?;
    fates::of_ends(line, ends, &written).await
}
