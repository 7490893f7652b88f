"""What runs bring in and cost, and what budgets stop. All amounts are minor units (pence, cents) of the installation's currency."""

from model import Board, Panel, figure, rate

_VALUE = "levqor_booked_value_minor_units_total"
_COST = "levqor_booked_cost_minor_units_total"
_MARGIN = "levqor_margin_today_minor_units"


def _hourly(counter: str, by: str = "") -> str:
    return f"{rate(counter, by)} * 3600"


# Where no document names a value there is no series of it: then its rate is 0.
_VALUE_HOURLY = f"({_hourly(_VALUE)} or vector(0))"
_COST_HOURLY = f"({_hourly(_COST)} or vector(0))"

NOW = [
    figure(
        "Margin today",
        "Value less cost of what was booked for the day so far (UTC), in minor units.",
        "short",
        f"sum({_MARGIN})",
        signed=True,
    ),
    figure("Value an hour", "Value of completed runs as it is booked now, in minor units an hour.", "short", _VALUE_HOURLY),
    figure("Cost an hour", "Time of workers, calls and mails as they are booked now, in minor units an hour.", "short", _COST_HOURLY),
    figure(
        "Budgets used up",
        "Budgets of which nothing is left: nothing new starts under them.",
        "short",
        'sum(levqor_budgets{state="exhausted"})',
    ),
    figure(
        "Budget furthest used up",
        "Share spent of it; above 1 it is overdrawn by what was under way. 0 without budgets.",
        "percentunit",
        "max(levqor_budget_spent_ratio)",
    ),
    figure(
        "Oldest that is not booked",
        "How long the oldest row of what runs used has waited to be booked; 0 without one. Books are kept every five seconds.",
        "s",
        "max(levqor_usage_oldest_seconds)",
    ),
]

MARGIN = [
    Panel(
        "Value, cost and margin an hour",
        "As they are booked, in minor units an hour.",
        "short",
        {"value": _VALUE_HOURLY, "cost": _COST_HOURLY, "margin": f"{_VALUE_HOURLY} - {_COST_HOURLY}"},
        signed=True,
    ),
    Panel(
        "Margin of the day",
        "Value less cost of what was booked for the day so far (UTC), in minor units; it begins anew at midnight.",
        "short",
        {"{{currency}}": f"sum by (currency) ({_MARGIN})"},
        signed=True,
    ),
    Panel(
        "Best workflows of the day",
        "The ten workflows with the highest margin of the day so far, in minor units. none are mails: they belong to no workflow.",
        "short",
        {"{{workflow}}": f"topk(10, sum by (workflow) ({_MARGIN}))"},
        signed=True,
    ),
    Panel(
        "Worst workflows of the day",
        "The ten workflows with the lowest margin of the day so far, in minor units.",
        "short",
        {"{{workflow}}": f"bottomk(10, sum by (workflow) ({_MARGIN}))"},
        signed=True,
    ),
]

SOURCES = [
    Panel(
        "Value by workflow",
        "The ten workflows that bring in most, in minor units an hour, as it is booked.",
        "short",
        {"{{workflow}}": f"topk(10, {_hourly(_VALUE, by='workflow')})"},
    ),
    Panel(
        "Cost by workflow",
        "The ten workflows that cost most, in minor units an hour, as it is booked.",
        "short",
        {"{{workflow}}": f"topk(10, {_hourly(_COST, by='workflow')})"},
    ),
    Panel(
        "Cost by kind",
        "Time of workers, calls of HTTP and mails, in minor units an hour, as they are booked.",
        "short",
        {"{{kind}}": _hourly(_COST, by="kind")},
    ),
    Panel(
        "Waiting to be booked",
        "Rows of what ended runs and sent mails used that the leader has not booked. Budgets count them too.",
        "short",
        {"rows": "sum(levqor_usage_rows)"},
    ),
]

BUDGETS = [
    Panel(
        "Budgets by state",
        "Open; near: four fifths and more are spent; exhausted: nothing is left.",
        "short",
        {"{{state}}": "sum by (state) (levqor_budgets)"},
    ),
    Panel(
        "Refused and stopped",
        "Runs refused at intake, and runs ended before a call, because a budget is used up, a second.",
        "ops",
        {"refused": rate("levqor_budget_refusals_total"), "stopped": rate("levqor_budget_stops_total")},
    ),
]

BOARD = Board(
    "money",
    "Levqor: Money",
    "What runs bring in, what they cost, and what budgets stop.",
    {"Now": NOW, "Margin": MARGIN, "Value and cost": SOURCES, "Budgets": BUDGETS},
)
