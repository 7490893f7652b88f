"""What the number of workers should follow from, and what it is."""

from model import Board, Panel, figure, quantiles, rate

_ACCEPTED = rate('levqor_batch_rows_sum{batcher="intake"}')
_ARRIVED = f"{_ACCEPTED} + {rate('levqor_ticks_total')}"
_BUSY_SHARE = "sum(levqor_slots_busy) / sum(levqor_slots)"

NOW = [
    figure("Workers alive", "Workers whose beats go on, as the leader counted them.", "short", "sum(levqor_fleet_workers)"),
    figure("Slots", "Runs that all workers can hold, by their last beats.", "short", "sum(levqor_fleet_slots)"),
    figure("Slots busy", "Runs that all workers hold, by their last beats.", "short", "sum(levqor_fleet_slots_busy)"),
    figure("Share of slots busy", "Runs held, of those that can be, by what workers say.", "percentunit", _BUSY_SHARE),
    figure("Runs that wait", "Runs that a worker may claim now, as the leader counted them.", "short", "sum(levqor_queue_depth)"),
    figure(
        "Oldest run that waits",
        "How long the oldest run that was never claimed has been ready; 0 without one.",
        "s",
        "max(levqor_queue_oldest_seconds)",
    ),
]

DEMAND = [
    Panel(
        "Arrivals and claims",
        "Runs accepted or started by schedules, and claims that won a run, a second. A run that parks is claimed again.",
        "ops",
        {"arrivals": _ARRIVED, "claims": rate("levqor_claims_total")},
    ),
    Panel(
        "Runs that wait",
        "Runs that a worker may claim, as the leader counted them.",
        "short",
        {"runs": "sum(levqor_queue_depth)"},
    ),
    Panel(
        "Age of the oldest run that waits",
        "How long the oldest run that was never claimed has been ready; 0 without one.",
        "s",
        {"oldest": "max(levqor_queue_oldest_seconds)"},
    ),
    Panel(
        "Start latency",
        "From a run's acceptance, or its run_at, to its first claim: what more workers could shorten.",
        "s",
        quantiles("levqor_run_start_latency_seconds"),
    ),
]

SUPPLY = [
    Panel("Workers", "Workers whose beats go on, as the leader counted them.", "short", {"workers": "sum(levqor_fleet_workers)"}),
    Panel(
        "Slots",
        "Runs that all workers can hold, and hold, by their last beats.",
        "short",
        {"slots": "sum(levqor_fleet_slots)", "busy": "sum(levqor_fleet_slots_busy)"},
    ),
    Panel(
        "Share of slots busy by worker",
        "Runs held, of those that a worker can hold.",
        "percentunit",
        {"{{instance}}": "sum by (instance) (levqor_slots_busy) / sum by (instance) (levqor_slots)", "all": _BUSY_SHARE},
    ),
    Panel(
        "Time in a slot",
        "Slots busy, divided by claims a second: by Little's law the mean time from a claim to the run's park or end.",
        "s",
        {"a claim": f"sum(avg_over_time(levqor_slots_busy[$__rate_interval])) / {rate('levqor_claims_total')}"},
    ),
]

DECISION = [
    Panel(
        "Workers wanted",
        "What the autoscaler asks for, what would be worth its price before hysteresis and stabilisation, and what there is.",
        "short",
        {
            "desired": "max(levqor_desired_workers)",
            "recommended": "max(levqor_autoscaler_recommended_workers)",
            "alive": "sum(levqor_fleet_workers)",
        },
    ),
    Panel(
        "What the last worker is worth",
        "What the last of the desired workers saves and costs over a start and the stabilisation window, in minor units.",
        "short",
        {
            "saves": "max(levqor_autoscaler_marginal_value)",
            "costs": "max(levqor_autoscaler_marginal_cost)",
        },
    ),
    Panel(
        "Arrivals as estimated",
        "Runs that arrive unforeseen a second, by priority: without timers and ticks, which are known before.",
        "ops",
        {"{{priority}}": "max by (priority) (levqor_autoscaler_arrivals_per_second)"},
    ),
    Panel(
        "Service time as estimated",
        "Mean time that a run holds a slot, by priority.",
        "s",
        {"{{priority}}": "max by (priority) (levqor_autoscaler_service_seconds)"},
    ),
    Panel(
        "What an hour of waiting costs",
        "Mean over the runs that wait, in minor units, by priority.",
        "short",
        {"{{priority}}": "max by (priority) (levqor_autoscaler_delay_cost_per_hour)"},
    ),
    Panel(
        "Why",
        "What settled the last decision.",
        "short",
        {"{{reason}}": "max by (reason) (levqor_autoscaler_reason)"},
    ),
]

BOARD = Board(
    "autoscaling",
    "Levqor: Autoscaling",
    "What asks for workers and what there is of them.",
    {"Now": NOW, "Decision": DECISION, "Demand": DEMAND, "Supply": SUPPLY},
)
