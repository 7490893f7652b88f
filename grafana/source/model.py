"""What dashboards are made of: a board has sections, a section has panels, a panel has queries.

A query is written without the selection that every panel shares; `selected` puts it into each selector.
"""

import re
from dataclasses import dataclass

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 24
_SELECTOR = re.compile(r"\b(levqor_\w+)(?:\{([^}]*)\})?")


@dataclass(frozen=True)
class Panel:
    """`queries` maps the text of the legend to the expression; `unit` is one of Grafana's names. `signed` may be below 0."""

    title: str
    description: str
    unit: str
    queries: dict[str, str]
    kind: str = "timeseries"
    width: int = 12
    signed: bool = False


@dataclass(frozen=True)
class Board:
    name: str
    title: str
    description: str
    sections: dict[str, list[Panel]]


def figure(title: str, description: str, unit: str, query: str, signed: bool = False) -> Panel:
    """One number, as it is now."""
    return Panel(title, description, unit, {title: query}, kind="stat", width=4, signed=signed)


def rate(counter: str, by: str = "") -> str:
    """How often a second, over all processes; `by` names the labels that stay apart."""
    return f"sum{_by(by)}(rate({counter}[$__rate_interval]))"


def quantile(share: float, histogram: str, by: str = "") -> str:
    """The time or size that this share of observations stayed under."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(histogram + '_bucket', labels)})"


def quantiles(histogram: str, by: str = "") -> dict[str, str]:
    """The median and the 99th percentile, with their legends."""
    label = "".join(f"{{{{{name}}}}} " for name in by.split(", ") if name)
    return {f"{label}{name}": quantile(share, histogram, by) for name, share in (("p50", 0.5), ("p99", 0.99))}


def selected(query: str) -> str:
    """The query, asked only of the processes that are chosen above the dashboard."""
    return _SELECTOR.sub(_select, query)


def _select(found: re.Match) -> str:
    own = f", {found[2]}" if found[2] else ""
    return f'{found[1]}{{job=~"$job", instance=~"$instance"{own}}}'


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""


def document(board: Board) -> dict:
    """The dashboard as Grafana reads it."""
    return {
        "uid": f"levqor-{board.name}",
        "title": board.title,
        "description": board.description,
        "tags": ["levqor"],
        "schemaVersion": 41,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "annotations": {"list": []},
        "links": [_others()],
        "templating": {"list": _variables()},
        "panels": _laid_out(board.sections),
    }


def _others() -> dict:
    return {
        "title": "Levqor",
        "type": "dashboards",
        "tags": ["levqor"],
        "icon": "external link",
        "tooltip": "The other dashboards",
        "asDropdown": False,
        "targetBlank": False,
        "includeVars": True,
        "keepTime": True,
    }


def _variables() -> list[dict]:
    source = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    job = _choice("job", "Job", "label_values(levqor_build_info, job)")
    instance = _choice("instance", "Instance", 'label_values(levqor_build_info{job=~"$job"}, instance)')
    return [source, job, instance]


def _choice(name: str, label: str, query: str) -> dict:
    """Any number of a label's values, looked up again whenever the time range changes."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _laid_out(sections: dict[str, list[Panel]]) -> list[dict]:
    """From left to right and top to bottom, each section under its heading."""
    panels: list[dict] = []
    y = 0
    for heading, members in sections.items():
        panels.append(_row(len(panels) + 1, heading, y))
        x, y = 0, y + 1
        height = 0
        for member in members:
            if x + member.width > _COLUMNS:
                x, y = 0, y + height
            height = 4 if member.kind == "stat" else 8
            panels.append(_panel(member, len(panels) + 1, {"x": x, "y": y, "w": member.width, "h": height}))
            x += member.width
        y += height
    return panels


def _row(identifier: int, heading: str, y: int) -> dict:
    place = {"x": 0, "y": y, "w": _COLUMNS, "h": 1}
    return {"id": identifier, "type": "row", "title": heading, "collapsed": False, "gridPos": place, "panels": []}


def _panel(panel: Panel, identifier: int, place: dict) -> dict:
    custom, options = _LOOKS[panel.kind]
    least = {} if panel.signed else {"min": 0}
    return {
        "id": identifier,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, **least, "custom": custom}, "overrides": []},
        "options": options,
        "targets": [_target(chr(ord("A") + n), *query) for n, query in enumerate(panel.queries.items())],
    }


def _target(identifier: str, legend: str, query: str) -> dict:
    return {"refId": identifier, "datasource": SOURCE, "expr": selected(query), "legendFormat": legend}


_LOOKS = {
    "timeseries": (
        {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "auto", "spanNulls": False},
        {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    ),
    "stat": (
        {},
        {
            "graphMode": "area",
            "colorMode": "value",
            "justifyMode": "auto",
            "textMode": "auto",
            "wideLayout": True,
            "showPercentChange": False,
            "percentChangeColorMode": "standard",
            "orientation": "auto",
            "reduceOptions": {"calcs": ["lastNotNull"], "values": False, "fields": ""},
        },
    ),
}
