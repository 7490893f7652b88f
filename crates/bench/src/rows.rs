//! The rows of the report, with their targets.

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    More,
    Less,
}

/// A figure that scenarios measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Its name in JSON.
    pub(crate) key: &'static str,
    /// For people, with the unit.
    pub(crate) label: &'static str,
    pub(crate) better: Better,
    /// What it is to reach on a machine of two cores with everything on it.
    pub(crate) target: Option<f64>,
    /// What it would like to reach.
    pub(crate) aim: Option<f64>,
    /// What others were measured at on such a machine, for orientation: `--against` measures them here.
    pub(crate) peers: &'static str,
}

impl Row {
    /// Whether a figure reaches the target; None without one.
    pub(crate) fn reached(&self, figure: f64) -> Option<bool> {
        self.target.map(|target| match self.better {
            Better::More => figure >= target,
            Better::Less => figure <= target,
        })
    }
}

const fn more(key: &'static str, label: &'static str) -> Row {
    Row {
        key,
        label,
        better: Better::More,
        target: None,
        aim: None,
        peers: "",
    }
}

const fn less(key: &'static str, label: &'static str) -> Row {
    Row {
        better: Better::Less,
        ..more(key, label)
    }
}

const fn at(target: f64, row: Row) -> Row {
    Row {
        target: Some(target),
        ..row
    }
}

const fn aiming(aim: f64, peers: &'static str, row: Row) -> Row {
    Row {
        aim: Some(aim),
        peers,
        ..row
    }
}

const fn beside(peers: &'static str, row: Row) -> Row {
    Row { peers, ..row }
}

/// All rows, in the order of the report.
pub(crate) const ROWS: &[Row] = &[
    aiming(
        30_000.0,
        "Graphile Worker 27,000 (no journal), BullMQ 12,100, Restate 2,400, DBOS 1,400",
        at(20_000.0, more("noop_batch_per_s", "no-op runs/s, in batches")),
    ),
    aiming(
        13_000.0,
        "BullMQ 12,900 (Redis only), Restate 2,100, DBOS 1,200, Graphile Worker 920",
        at(
            10_000.0,
            more("noop_single_per_s", "no-op runs/s, 32 clients, one each"),
        ),
    ),
    aiming(
        12_000.0,
        "BullMQ 9,300 (no journal), Restate 1,200, DBOS 370",
        at(6_000.0, more("wf3_per_s", "three-step runs/s, in batches")),
    ),
    aiming(
        1.5,
        "BullMQ 2.1, DBOS in process 1.9, Graphile Worker 3.0, Restate 3.9",
        at(2.0, less("start_p50_ms", "start latency at 50/s, p50, ms")),
    ),
    aiming(
        3.5,
        "BullMQ 3.7, DBOS in process 5.2, Graphile Worker 7.1, Restate 7.8",
        at(5.0, less("start_p99_ms", "start latency at 50/s, p99, ms")),
    ),
    aiming(
        0.6,
        "Graphile Worker 0.6, BullMQ 1.3, Restate 6.9",
        at(0.9, less("cpu_s_per_10k", "CPU seconds per 10,000 runs")),
    ),
    beside(
        "BullMQ 450, Restate 950, servers included",
        at(80.0, less("rss_mib", "memory of our processes (PSS), MiB")),
    ),
    at(
        20_000.0,
        more("steady_per_s", "steady: runs/s, median of the windows"),
    ),
    more("steady_least_per_s", "steady: runs/s, slowest window"),
    at(
        25.0,
        less(
            "loaded_p99_ms",
            "start p99 at 70 % of the largest rate of single requests, ms",
        ),
    ),
    less("loaded_p50_ms", "the same, p50, ms"),
    at(
        25.0,
        less(
            "loaded_batch_p99_ms",
            "start p99 at 70 % of the largest rate in batches, ms",
        ),
    ),
    less("loaded_batch_p50_ms", "the same, p50, ms"),
    less("wal_bytes_per_run", "WAL bytes per run"),
    less("commits_per_run", "commits per run"),
    less("dead_tuples_per_run", "dead tuples per run"),
    less("dead_not_hot_per_run", "of these left to vacuum (not HOT)"),
    at(
        2.0,
        less(
            "readvertised_s",
            "100,000 ready runs offered anew after FLUSHALL, s",
        ),
    ),
    less("first_hint_s", "the first of them, s"),
    less(
        "flush_stall_s",
        "FLUSHALL under load: longest time without a completed run, s",
    ),
    at(
        0.95,
        more(
            "finished_batch_ratio",
            "10 million finished: batches, share of the empty database's rate",
        ),
    ),
    at(
        0.95,
        more(
            "finished_single_ratio",
            "10 million finished: single requests, share",
        ),
    ),
    at(
        0.95,
        more("finished_wf3_ratio", "10 million finished: three steps, share"),
    ),
    at(
        0.95,
        more(
            "pending_batch_ratio",
            "1 million pending: batches, share of the empty database's rate",
        ),
    ),
    at(
        0.95,
        more(
            "pending_single_ratio",
            "1 million pending: single requests, share",
        ),
    ),
    at(
        0.95,
        more("pending_wf3_ratio", "1 million pending: three steps, share"),
    ),
    at(
        20.0,
        less(
            "pending_redis_mb",
            "1 million pending: Redis memory at its largest, MB",
        ),
    ),
    at(
        1.0,
        less("idle_cpu_percent", "idle: all our processes, % of a core"),
    ),
    at(
        1.0,
        less(
            "idle_query_per_s",
            "idle: the most frequent query of a process, per s",
        ),
    ),
    less("idle_queries_per_s", "idle: all queries of all processes, per s"),
    at(
        0.95,
        more("second_worker_ratio", "two worker processes, share of one's rate"),
    ),
    at(
        1.1,
        less(
            "overload_memory_ratio",
            "twice the capacity: largest memory, share of the first tenth's",
        ),
    ),
    less(
        "overload_p99_ms",
        "twice the capacity: start p99 of accepted single runs, ms",
    ),
    less("overload_first_p99_ms", "the same in the first tenth, ms"),
    more(
        "overload_accepted_per_s",
        "twice the capacity: runs accepted a second",
    ),
    less(
        "overload_shed_percent",
        "twice the capacity: refused with 429 or 503 and Retry-After, %",
    ),
    at(
        0.0,
        less(
            "overload_other_percent",
            "twice the capacity: failed otherwise, %",
        ),
    ),
];

/// A row by its key.
pub(crate) fn row(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_unique() {
        let keys: HashSet<_> = ROWS.iter().map(|row| row.key).collect();
        assert_eq!(keys.len(), ROWS.len());
    }

    #[test]
    fn a_target_is_reached_from_the_better_side() {
        let rate = row("noop_batch_per_s").unwrap();
        assert_eq!(
            (rate.reached(20_000.0), rate.reached(19_999.0)),
            (Some(true), Some(false))
        );
        let latency = row("start_p50_ms").unwrap();
        assert_eq!(
            (latency.reached(2.0), latency.reached(2.1)),
            (Some(true), Some(false))
        );
        assert_eq!(row("wal_bytes_per_run").unwrap().reached(1.0), None);
    }
}
