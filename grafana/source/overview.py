"""What an operator looks at first: does it take work, does it do it, how long does it wait."""

from model import Board, Panel, figure, quantile, quantiles, rate

_REQUESTS = 'levqor_http_request_duration_seconds_count{operation!~"get(Health|Liveness|Readiness|Metrics)"}'
_FAILED = _REQUESTS.replace("}", ', status=~"5.."}')
# Where nothing failed there is no series of what failed: then its rate is 0.
_FAILED_SHARE = f"({rate(_FAILED)} or vector(0)) / {rate(_REQUESTS)}"
_FAULTED = rate('levqor_runs_ended_total{state="faulted"}')
_ACCEPTED = rate('levqor_batch_rows_sum{batcher="intake"}')

NOW = [
    figure("Runs accepted", "Runs that the API committed, a second.", "ops", _ACCEPTED),
    figure("Runs ended", "Runs that came to an end, however, a second.", "ops", rate("levqor_runs_ended_total")),
    figure(
        "Start latency, p99",
        "99 of 100 runs were claimed by a worker within this time of their acceptance. The objective is 99 of 100 within 0.5 s.",
        "s",
        quantile(0.99, "levqor_run_start_latency_seconds"),
    ),
    figure(
        "Requests that failed",
        "Share of requests answered with 5xx, probes and scrapes left out. The objective is at most 0.1 %.",
        "percentunit",
        _FAILED_SHARE,
    ),
    figure("Runs that wait", "Runs that a worker may claim now, as the leader counted them.", "short", "sum(levqor_queue_depth)"),
    figure("Workers alive", "Workers whose beats go on, as the leader counted them.", "short", "sum(levqor_fleet_workers)"),
]

RUNS = [
    Panel(
        "Runs accepted and started by schedules",
        "Runs committed a second: those that callers sent, and those whose tick came due.",
        "ops",
        {"accepted": _ACCEPTED, "ticks": rate("levqor_ticks_total")},
    ),
    Panel(
        "Runs ended by state",
        "Runs that came to an end, a second. Faulted are the dead letters: nobody tries them again.",
        "ops",
        {"{{state}}": rate("levqor_runs_ended_total", by="state")},
    ),
    Panel(
        "Runs ended by workflow",
        "The ten workflows of which most runs ended. Beyond the first hundred that a worker saw they are told as other.",
        "ops",
        {"{{workflow}}": f"topk(10, {rate('levqor_runs_ended_total', by='workflow')})"},
    ),
    Panel(
        "Live runs by state",
        "Runs that have not ended, as the leader counted them.",
        "short",
        {"{{state}}": "sum by (state) (levqor_runs)"},
    ),
    Panel(
        "Live runs by workflow",
        "The ten workflows with most runs that have not ended, as the leader counted them.",
        "short",
        {"{{workflow}}": "topk(10, sum by (workflow) (levqor_runs))"},
    ),
    Panel(
        "Share of runs that faulted",
        "Of all runs that ended, those that ended with an error.",
        "percentunit",
        {"faulted": f"({_FAULTED} or vector(0)) / {rate('levqor_runs_ended_total')}"},
    ),
    Panel(
        "Start latency",
        "From a run's acceptance, or its run_at, to its first claim.",
        "s",
        quantiles("levqor_run_start_latency_seconds"),
    ),
    Panel(
        "Run duration by state",
        "From a run's acceptance to its end, waits included.",
        "s",
        quantiles("levqor_run_duration_seconds", by="state"),
    ),
]

REQUESTS = [
    Panel(
        "Requests by operation",
        "Requests answered a second, by the operation of openapi.json.",
        "reqps",
        {"{{operation}}": rate("levqor_http_request_duration_seconds_count", by="operation")},
    ),
    Panel(
        "Requests by status",
        "Requests answered a second, by their status.",
        "reqps",
        {"{{status}}": rate("levqor_http_request_duration_seconds_count", by="status")},
    ),
    Panel(
        "Share of requests that failed",
        "Answered with 5xx, probes and scrapes left out. 503 says that Postgres or a batcher did not keep up.",
        "percentunit",
        {"5xx": _FAILED_SHARE},
    ),
    Panel(
        "Latency of requests by operation, p99",
        "99 of 100 requests were answered within this time. Requests that wait for a run's end (wait=) count in full.",
        "s",
        {"{{operation}}": quantile(0.99, "levqor_http_request_duration_seconds", by="operation")},
    ),
]

WORK = [
    Panel(
        "Runs and hints that wait",
        "Runs that a worker may claim, and hints in the queue that ring for them. Hints may be fewer: the leader relays the rest.",
        "short",
        {"runs": "sum(levqor_queue_depth)", "hints": "sum(levqor_queue_hints)"},
    ),
    Panel(
        "Age of the oldest run that waits",
        "How long the oldest run that was never claimed has been ready; 0 without one.",
        "s",
        {"oldest": "max(levqor_queue_oldest_seconds)"},
    ),
    Panel(
        "Slots",
        "Runs that the workers hold, and that they can hold at once.",
        "short",
        {"busy": "sum(levqor_slots_busy)", "slots": "sum(levqor_slots)"},
    ),
    Panel("Workers", "Workers whose beats go on, as the leader counted them.", "short", {"workers": "sum(levqor_fleet_workers)"}),
]

LEAVES = [
    Panel(
        "Outbox and mails that wait",
        "Callbacks and emitted events to be sent, and mails to be sent.",
        "short",
        {"outbox": "sum(levqor_outbox_messages)", "mails": "sum(levqor_mails_queued)"},
    ),
    Panel(
        "Age of the oldest message",
        "How long the oldest callback, event or mail that was not tried yet has waited; 0 without one.",
        "s",
        {"outbox": "max(levqor_outbox_oldest_seconds)", "mails": "max(levqor_mails_oldest_seconds)"},
    ),
    Panel(
        "Callbacks and events",
        "Tries of callbacks a second by their outcome, and emitted events delivered to subscriptions.",
        "ops",
        {
            "callbacks sent": rate("levqor_callbacks_sent_total"),
            "callbacks failed": rate("levqor_callbacks_failed_total"),
            "callbacks given up": rate("levqor_callbacks_given_up_total"),
            "events delivered": rate("levqor_events_ingested_total"),
        },
    ),
    Panel(
        "Mails",
        "Mails a second by what became of them. Withheld: the address is suppressed, or consent is missing.",
        "ops",
        {
            "sent": rate("levqor_mails_sent_total"),
            "failed": rate("levqor_mails_failed_total"),
            "given up": rate("levqor_mails_given_up_total"),
            "withheld": rate("levqor_mails_withheld_total"),
        },
    ),
]

PROCESSES = [
    Panel(
        "Leader",
        "1 for the scheduler that leads. In sum it is 1, for seconds at a change of leader 0.",
        "short",
        {"{{instance}}": "levqor_leader", "in sum": "sum(levqor_leader)"},
    ),
    Panel(
        "Processes by role and version",
        "Processes scraped. Two versions at once are an upgrade under way.",
        "short",
        {"{{role}} {{version}}": "count by (role, version) (levqor_build_info)"},
    ),
]

BOARD = Board(
    "overview",
    "Levqor: Overview",
    "Whether the fleet takes work, does it, and how long work waits.",
    {
        "Now": NOW,
        "Runs": RUNS,
        "Requests": REQUESTS,
        "Queue and workers": WORK,
        "What leaves": LEAVES,
        "Processes": PROCESSES,
    },
)
