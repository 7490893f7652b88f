"""What would make a dashboard or a page worse, and what the check must say to it."""

import runbooks


def _first(board: dict) -> dict:
    return next(panel for panel in board["panels"] if panel["type"] == "timeseries")


def _query(board: dict, old: str, new: str) -> None:
    target = _first(board)["targets"][0]
    assert old in target["expr"], target["expr"]
    target["expr"] = target["expr"].replace(old, new)


# Of the overview, for the linter.
LINTER = [
    ("an uid that Grafana makes up", lambda b: b.update(uid=""), "its uid is not levqor-overview"),
    ("a dashboard that people change", lambda b: b.update(editable=True), "it can be edited"),
    ("no choice of jobs", lambda b: b["templating"]["list"].pop(1), "no variable chooses the job"),
    ("a fixed data source", lambda b: _first(b).update(datasource={"type": "prometheus", "uid": "prod"}), "not the chosen one"),
    ("a panel without title", lambda b: _first(b).update(title=""), "no title"),
    ("a panel without description", lambda b: _first(b).pop("description"), "no sentence"),
    ("a panel without unit", lambda b: _first(b)["fieldConfig"]["defaults"].pop("unit"), "no unit"),
    ("a panel without query", lambda b: _first(b).update(targets=[]), "no query"),
    ("a panel on another", lambda b: _first(b)["gridPos"].update(y=0), "no room"),
    ("all jobs", lambda b: _query(b, 'job=~"$job", ', ""), "without job"),
    ("all instances", lambda b: _query(b, ', instance=~"$instance"', ""), "without instance"),
    ("an interval of its own", lambda b: _query(b, "$__rate_interval", "5m"), "not $__rate_interval"),
    ("a counter as it is", lambda b: _query(b, "rate(", "abs("), "not read as a rate"),
]

QUERIES = [
    ("a query that does not parse", lambda b: _query(b, "sum(", "sum"), "parse error"),
    ("a metric that there is not", lambda b: _query(b, "levqor_batch_rows_sum", "levqor_rows_sum"), "no metric levqor_rows_sum"),
    ("a variable that there is not", lambda b: _query(b, "$job", "$workflow"), "unknown variable"),
]

SCHEMA = [
    ("a version that is text", lambda b: b.update(schemaVersion="41"), "is not of type 'integer'"),
    ("an option that there is not", lambda b: _first(b)["options"].update(legends={}), "'legends' was unexpected"),
    ("a query without expression", lambda b: _first(b)["targets"][0].pop("expr"), "'expr' is a required property"),
]

PAGES = [
    ("a page with a section missing", "## What to do\n", "", "its sections are"),
    ("a page of a panel that there is not", "**Overview: Leader**", "**Overview: Leaders**", "no panel Overview: Leaders"),
    ("a page of another alert", "# LevqorNoLeader\n", "# LevqorTwoLeaders\n", "it has another title"),
    ("a dead link", "(LevqorTimersOverdue.md)", "(LevqorTimers.md)", "a link to LevqorTimers.md"),
]


def changed_page(old: str, new: str) -> str:
    content = (runbooks.PAGES / "LevqorNoLeader.md").read_text()
    assert old in content, old
    return content.replace(old, new)
