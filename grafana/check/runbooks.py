"""Every alert has a page and unit tests, every page has an alert, and what a page points to is there."""

import re

import boards
import places
import promtool
import text

PAGES = places.ROOT / "docs" / "runbooks"
TESTS = places.ROOT / "grafana" / "alerts"
_SECTIONS = ["What it means", "Where to look", "What to do", "When it is over"]


def alert_rules() -> dict[str, dict]:
    files = [text.document(file.read_text()) for file in sorted(places.RULES.glob("*.yaml"))]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


def annotations(rules: dict[str, dict]) -> list[str]:
    found = []
    for name, rule in rules.items():
        said = rule.get("annotations", {})
        found += [f"{name}: no {part}" for part in ("summary", "description") if not said.get(part, "").endswith(".")]
        if said.get("runbook_url") != f"docs/runbooks/{name}.md":
            found.append(f"{name}: runbook_url is {said.get('runbook_url')}")
    return found


def pages(names: set[str]) -> list[str]:
    written = {file.stem for file in PAGES.glob("*.md")} - {"README"}
    found = [f"no page for {name}" for name in sorted(names - written)]
    found += [f"no alert for {name}.md" for name in sorted(written - names)]
    found += [f"README.md does not name {name}" for name in sorted(names) if f"({name}.md)" not in _page("README")]
    shown = _shown()
    for name in sorted(written & names):
        found += [f"{name}.md: {problem}" for problem in page(name, _page(name), shown)]
    return found


def page(name: str, content: str, shown: set[str]) -> list[str]:
    """`shown` are the panels there are, as pages name them: **Overview: Leader**."""
    found = [] if content.startswith(f"# {name}\n") else ["it has another title"]
    sections = re.findall(r"^## (.+)$", content, re.M)
    if sections != _SECTIONS:
        found.append(f"its sections are {sections}")
    named = re.findall(r"\*\*(\w+: [^*]+)\*\*", content)
    found += [f"no panel {panel}" for panel in named if panel not in shown]
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", content)
    return found + [f"a link to {link}, which there is not" for link in links if not (PAGES / link).exists()]


def _shown() -> set[str]:
    committed = boards.committed().items()
    return {f"{name.capitalize()}: {panel['title']}" for name, board in committed for panel in boards.panels(board)}


def _page(name: str) -> str:
    file = PAGES / f"{name}.md"
    return file.read_text() if file.exists() else ""


def tests(names: set[str]) -> list[str]:
    """The unit tests pass, and have each alert fire once and stay silent once."""
    files = sorted(TESTS.glob("*.yaml"))
    fired, silent, found = set(), set(), []
    for file in files:
        found += promtool.test(file)
        for test in text.document(file.read_text())["tests"]:
            for case in test["alert_rule_test"]:
                (fired if case["exp_alerts"] else silent).add(case["alertname"])
    found += [f"no test has {name} fire" for name in sorted(names - fired)]
    return found + [f"no test has {name} stay silent" for name in sorted(names - silent)]
