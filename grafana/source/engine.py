"""The inside: commits, claims, steps, time, hints."""

from model import Board, Panel, quantile, quantiles, rate

COMMITS = [
    Panel(
        "Commits by batcher",
        "Commits that succeeded, a second.",
        "ops",
        {"{{batcher}}": rate("levqor_commit_duration_seconds_count", by="batcher")},
    ),
    Panel(
        "Rows of a commit by batcher",
        "How many rows went into one commit: at most 1,000.",
        "short",
        quantiles("levqor_batch_rows", by="batcher"),
    ),
    Panel(
        "Time of a commit by batcher",
        "From the start of a commit to its outcome, those that succeeded.",
        "s",
        quantiles("levqor_commit_duration_seconds", by="batcher"),
    ),
    Panel(
        "Commits that failed",
        "Tries of commits that failed, a second: each was repeated, split or given up. Also submissions that workers repeated, "
        "because a batcher was full or the database away.",
        "ops",
        # A batcher has a series of its own from its first failure on.
        {
            "commits": f"{rate('levqor_commits_failed_total')} or vector(0)",
            "submissions repeated": rate("levqor_store_retries_total"),
        },
    ),
]

CLAIMS = [
    Panel(
        "Claims",
        "Hints that won a run, and hints that won none because they were stale or doubled, a second.",
        "ops",
        {"won": rate("levqor_claims_total"), "empty": rate("levqor_empty_claims_total")},
    ),
    Panel(
        "What workers write",
        "Journal rows appended, runs parked on timers or events, runs given back unfinished, runs ended, a second.",
        "ops",
        {
            "appends": rate("levqor_appends_total"),
            "parks": rate("levqor_parks_total"),
            "releases": rate("levqor_runs_released_total"),
            "ends": rate("levqor_runs_ended_total"),
        },
    ),
    Panel(
        "Fenced writes",
        "Writes refused because their epoch was over, a second: a worker wrote for a run that it had lost.",
        "ops",
        {"{{instance}}": rate("levqor_fenced_writes_total", by="instance")},
    ),
    Panel(
        "Buried workers and rescued runs",
        "Workers declared dead, and runs freed from them, a second.",
        "ops",
        {"workers": rate("levqor_workers_buried_total"), "runs": rate("levqor_runs_rescued_total")},
    ),
]

STEPS = [
    Panel(
        "Attempts",
        "Attempts of activities and HTTP calls begun, and those that failed, a second.",
        "ops",
        {"begun": rate("levqor_attempts_total"), "failed": rate("levqor_attempts_failed_total")},
    ),
    Panel(
        "Attempts by activity and outcome",
        "Attempts that came to an outcome, a second. http are HTTP calls: one that was answered with 400 or more failed.",
        "ops",
        {"{{activity}} {{outcome}}": rate("levqor_step_duration_seconds_count", by="activity, outcome")},
    ),
    Panel(
        "Step duration by activity, median",
        "Half of the attempts took less.",
        "s",
        {"{{activity}}": quantile(0.5, "levqor_step_duration_seconds", by="activity")},
    ),
    Panel(
        "Step duration by activity, p99",
        "99 of 100 attempts took less.",
        "s",
        {"{{activity}}": quantile(0.99, "levqor_step_duration_seconds", by="activity")},
    ),
    Panel(
        "Panics",
        "Panics caught in activities and in the interpreter, a second. A run with three of the interpreter is faulted.",
        "ops",
        {"{{instance}}": rate("levqor_panics_total", by="instance")},
    ),
    Panel(
        "Helper deaths",
        "Expression helpers lost, a second: an expression took too long or too much memory, and failed.",
        "ops",
        {"{{instance}}": rate("levqor_expression_helper_deaths_total", by="instance")},
    ),
]

TIME = [
    Panel(
        "Timer lateness",
        "From a timer's due time to its delivery, for the oldest of those delivered at once.",
        "s",
        quantiles("levqor_timer_lateness_seconds"),
    ),
    Panel(
        "Tick drift",
        "From the due time of a schedule's tick to the start of its run.",
        "s",
        quantiles("levqor_tick_drift_seconds"),
    ),
    Panel(
        "Timers and ticks",
        "Timers delivered and runs started by schedules, a second.",
        "ops",
        {"timers": rate("levqor_timers_fired_total"), "ticks": rate("levqor_ticks_total")},
    ),
    Panel(
        "Overdue",
        "Timers and ticks that are due and have not been delivered, as the leader counted them.",
        "short",
        {"timers": "sum(levqor_timers_overdue)", "ticks": "sum(levqor_ticks_overdue)"},
    ),
    Panel(
        "Age of the oldest that is overdue",
        "How long the oldest timer and the oldest tick have been due; 0 without one.",
        "s",
        {"timers": "max(levqor_timers_overdue_seconds)", "ticks": "max(levqor_ticks_overdue_seconds)"},
    ),
]

HINTS = [
    Panel(
        "Hints relayed and dropped",
        "Hints that the leader pushed from the backlog, and hints that an API left to it: the queue was full or away, a second.",
        "ops",
        {"relayed": rate("levqor_hints_relayed_total"), "dropped": rate("levqor_hints_dropped_total")},
    ),
    Panel(
        "Hints in the queue",
        "Hints that wait in Redis; no value when it does not answer.",
        "short",
        {"hints": "sum(levqor_queue_hints)"},
    ),
    Panel(
        "Housekeeping",
        "Rows deleted because they had outlived their purpose, and rows brought to Notion, a second.",
        "ops",
        {
            "rows swept": rate("levqor_rows_swept_total"),
            "Notion rows": rate("levqor_notion_rows_synced_total"),
            "Notion rows failed": rate("levqor_notion_rows_failed_total"),
        },
        width=24,
    ),
    Panel(
        "Backlog by priority",
        "Runs that wait for a worker, as an API process saw them last; a look counts up to the bound of the priority.",
        "short",
        {"{{priority}}": "max by (priority) (levqor_backlog_ready)"},
    ),
    Panel(
        "Runs refused because the backlog is full",
        "Runs answered with 503 `overloaded` because the backlog of their priority is full, a second.",
        "ops",
        {"{{priority}}": rate("levqor_intake_shed_runs_total", "priority")},
    ),
]

BOARD = Board(
    "engine",
    "Levqor: Engine",
    "Commits, claims, steps, timers and hints: where time goes and what was refused.",
    {
        "Commits": COMMITS,
        "Claims and fencing": CLAIMS,
        "Steps": STEPS,
        "Time": TIME,
        "Hints and housekeeping": HINTS,
    },
)
