//! Putting things into inboxes and waking (P4, P7): the part of a statement that deliveries, events and timers share.

/// Common table expressions that follow one named `mail` (`run_id, kind, body, ord`) and end with `woken`
/// (`id, inbox, epoch, priority, ring`) and `written`.
///
/// P4: mail is grouped by run, numbered by `row_number`. P7: the wake is one UPDATE by id alone. P1: no join; the
/// lists are looked up by subscript.
macro_rules! wake {
    () => {
        "numbered AS MATERIALIZED (
    SELECT run_id, kind, body, (row_number() OVER (PARTITION BY run_id ORDER BY ord))::int4 AS place,
           (count(*) OVER (PARTITION BY run_id))::int4 AS added
    FROM mail
), groups AS MATERIALIZED (
    SELECT array_agg(run_id ORDER BY run_id) AS ids, array_agg(added ORDER BY run_id) AS added
    FROM numbered WHERE place = 1
), woken AS (
    UPDATE live SET
        inbox = inbox + ((SELECT added FROM groups))[array_position((SELECT ids FROM groups), id)],
        state = CASE WHEN state = 2 THEN 0 ELSE state END,
        ready = ready OR state IN (0, 2)
    WHERE id = ANY ((SELECT ids FROM groups)::uuid[])
    RETURNING id, inbox, epoch, priority, state = 0 AND ready AS ring
), counters AS MATERIALIZED (
    SELECT array_agg(id ORDER BY id) AS ids, array_agg(inbox ORDER BY id) AS inboxes FROM woken
), written AS (
    INSERT INTO inbox (run_id, n, kind, body, at)
    SELECT run_id,
           ((SELECT inboxes FROM counters))[array_position((SELECT ids FROM counters), run_id)] - added + place,
           kind, body, now_us()
    FROM numbered WHERE run_id = ANY ((SELECT ids FROM counters)::uuid[])
)"
    };
}
pub(super) use wake;
