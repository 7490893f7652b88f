"""The rules of Grafana's dashboard linter, and a few of our own, for a dashboard as it is committed."""

import re

import boards

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_UNITS = {"ops", "reqps", "s", "short", "percentunit"}
_KINDS = {"stat", "timeseries"}
_COLUMNS = 24
_MATCHERS = ('job=~"$job"', 'instance=~"$instance"')
_SELECTOR = re.compile(r"\b(levqor_\w+)(\{[^}]*\})?(\[[^\]]*\])?")
# Other functions of a range smooth gauges.
_RATES = re.compile(r"\b(rate|increase)\($")


def problems(name: str, board: dict) -> list[str]:
    found = _board(name, board) + _variables(board) + _places(board)
    titles = [panel["title"] for panel in boards.panels(board)]
    found += _twice("id", [panel["id"] for panel in board["panels"]])
    for panel in boards.panels(board):
        found += [f"{panel['title'] or panel['id']}: {problem}" for problem in _panel(panel)]
    return found + ([] if titles else ["it has no panel"])


def _board(name: str, board: dict) -> list[str]:
    rules = {
        f"its uid is not levqor-{name}": board["uid"] != f"levqor-{name}",
        "it can be edited where it is shown": board["editable"] is not False,
        "it has no title": not board["title"],
        "it has no description": not board["description"],
        "it is not tagged levqor": board["tags"] != ["levqor"],
    }
    return [problem for problem, holds in rules.items() if holds]


def _variables(board: dict) -> list[str]:
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    source = variables.get("datasource", {})
    found = []
    if source.get("type") != "datasource" or source.get("query") != "prometheus" or not source.get("label"):
        found.append("no variable chooses the data source")
    for name in ("job", "instance"):
        variable = variables.get(name, {})
        expected = {"type": "query", "datasource": _SOURCE, "multi": True, "includeAll": True, "allValue": ".+", "refresh": 2}
        wrong = [key for key, value in expected.items() if variable.get(key) != value]
        if wrong or not variable.get("label") or not variable.get("query", "").startswith("label_values("):
            found.append(f"no variable chooses the {name}: {wrong}")
    return found


def _places(board: dict) -> list[str]:
    """No panel lies on another or beyond the edge."""
    taken, found = set(), []
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        if at["x"] + at["w"] > _COLUMNS or taken & cells:
            found.append(f"{panel['title']}: no room where it is")
        taken |= cells
    return found


def _panel(panel: dict) -> list[str]:
    targets = panel.get("targets", [])
    rules = {
        "no title": not panel["title"],
        "its description is no sentence": not panel.get("description", "").endswith("."),
        "its data source is not the chosen one": panel.get("datasource") != _SOURCE,
        "no unit that we know": panel["fieldConfig"]["defaults"].get("unit") not in _UNITS,
        "a kind that we do not check": panel["type"] not in _KINDS,
        "no query": not targets,
        "a query without legend": not all(target.get("legendFormat") for target in targets),
        "a query that asks another data source": not all(target.get("datasource") == _SOURCE for target in targets),
    }
    found = [problem for problem, holds in rules.items() if holds]
    found += _twice("query", [target["refId"] for target in targets])
    return found + [problem for target in targets for problem in expression(target["expr"])]


def expression(query: str) -> list[str]:
    """Every selector follows the choice of processes; counters are read as rates over the interval that Grafana gives."""
    found = []
    for selector in _SELECTOR.finditer(query):
        name, labels, interval = selector[1], selector[2] or "", selector[3]
        found += [f"{name} without {matcher}" for matcher in _MATCHERS if matcher not in labels]
        if interval and interval != "[$__rate_interval]":
            found.append(f"{name}{interval}: not $__rate_interval")
        counter = re.search(r"_(total|bucket|count|sum)$", name)
        rated = interval and _RATES.search(query[: selector.start()])
        if counter and not rated:
            found.append(f"{name} is a counter and not read as a rate")
        if rated and not counter:
            found.append(f"{name} is no counter")
    return found


def _twice(what: str, values: list) -> list[str]:
    return [f"{what} {value} twice" for value in sorted({value for value in values if values.count(value) > 1})]
