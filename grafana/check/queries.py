"""Every query parses, and asks for metrics that docs/reference/metrics.md has."""

import re

import alerts
import boards

# Any value will do to see whether a query parses.
_VARIABLES = {"$__rate_interval": "1m", "$job": ".+", "$instance": ".+"}
_LOOKUP = re.compile(r"label_values\((.+), (\w+)\)")


def problems(board: dict) -> list[str]:
    asked = list(boards.queries(board)) + [("variables", query) for query in lookups(board)]
    rules = [{"record": f"levqor:query:{n}", "expr": substituted(query)} for n, (_, query) in enumerate(asked)]
    found = alerts.problems({"groups": [{"name": "dashboard", "rules": rules}]})
    found = [re.sub(r"levqor:query:(\d+)", lambda match: asked[int(match[1])][0], problem) for problem in found]
    return found + [f"{title}: unknown variable in {query}" for title, query in asked if "$" in substituted(query)]


def lookups(board: dict) -> list[str]:
    """The choices above a dashboard, as queries for what they look up."""
    texts = [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    return [f"group by ({found[2]}) ({found[1]})" for found in map(_LOOKUP.fullmatch, texts) if found]


def substituted(query: str) -> str:
    for name, value in _VARIABLES.items():
        query = query.replace(name, value)
    return query
