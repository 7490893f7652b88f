-- What the autoscaler sees and what it decided.

-- What arrived and ended, by priority: one row for each priority of a batch, written by the statement that inserts or ends
-- the runs. The leader takes rows out and counts them.
CREATE TABLE flow (
    id {serial},
    priority {int} NOT NULL,
    -- Runs that were accepted and ready at once; those of timers and schedules are foreseen.
    arrived {int} NOT NULL,
    -- Runs that completed or faulted.
    ended {int} NOT NULL,
    -- Microseconds that their attempts took, and the sum of the squares of the seconds.
    service_us {int} NOT NULL,
    service_square {real} NOT NULL
) {strict};

-- Decisions, with all that they follow from; never changed.
CREATE TABLE autoscaler_decisions (
    id {uuid} NOT NULL PRIMARY KEY,
    at {int} NOT NULL,
    -- Of the leader that decided.
    term {int} NOT NULL,
    desired {int} NOT NULL,
    reason text NOT NULL,
    -- JSON.
    decision text NOT NULL
) {strict};
CREATE INDEX autoscaler_decisions_kept ON autoscaler_decisions (at);
