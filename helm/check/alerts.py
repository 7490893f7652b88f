"""Alert rules parse, ask for metrics that exist, and say what they mean."""

import functools
import re

import places
import promtool
import text


@functools.cache
def metrics() -> dict[str, str]:
    """Kind of each metric in the generated reference."""
    page = (places.ROOT / "docs" / "reference" / "metrics.md").read_text()
    return dict(re.findall(r"^\| `(levqor_\w+)` \| (\w+) \|", page, re.MULTILINE))


def problems(groups: dict) -> list[str]:
    """Of the content of a file of rules."""
    found = promtool.rules_of(groups)
    recorded = {rule["record"] for group in groups["groups"] for rule in group["rules"] if "record" in rule}
    for group in groups["groups"]:
        for rule in group["rules"]:
            name = rule.get("alert") or rule.get("record")
            found += [f"{name}: no metric {metric}" for metric in _unknown(rule["expr"], recorded)]
            if "alert" in rule and not rule.get("annotations", {}).get("summary"):
                found.append(f"{name}: no summary")
            if "alert" in rule and rule.get("labels", {}).get("severity") not in ("critical", "warning", "info"):
                found.append(f"{name}: no severity")
    return found


def file_problems() -> list[str]:
    files = sorted(places.RULES.glob("*.yaml"))
    if not files:
        return ["there are no rules"]
    return [f"{file.name}: {problem}" for file in files for problem in problems(text.document(file.read_text()))]


def _unknown(expression: str, recorded: set[str]) -> list[str]:
    asked = set(re.findall(r"\b(levqor_\w+)(?![\w:])", expression))
    return sorted(name for name in asked if _base(name) not in metrics() and name not in recorded)


def _base(name: str) -> str:
    histogram = re.sub(r"_(bucket|sum|count)$", "", name)
    return histogram if metrics().get(histogram) == "Histogram" else name
