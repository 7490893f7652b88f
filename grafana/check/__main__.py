"""Checks dashboards, alerts and runbooks. Started by scripts/check-dashboards."""

import copy
import sys
from pathlib import Path

# What asks promtool, reads rules and counts is shared with the check of the chart, which has the rules.
sys.path.append(str(Path(__file__).resolve().parents[2] / "helm" / "check"))

import boards
import linter
import queries
import runbooks
import sabotages
import schema
from results import Results


def dashboards(results: Results) -> None:
    results.check("dashboards are as grafana/generate writes them", boards.stale())
    for name, board in boards.committed().items():
        panels = len(list(boards.panels(board)))
        results.check(f"{name}: {panels} panels by the linter's rules", linter.problems(name, board))
        results.check(f"{name}: {len(list(boards.queries(board)))} queries parse and ask for our metrics", queries.problems(board))
        if schema.there():
            results.check(f"{name}: Grafana's schemas", schema.problems(board))


def alerts(results: Results) -> None:
    rules = runbooks.alert_rules()
    results.check(f"{len(rules)} alerts say what they mean", runbooks.annotations(rules))
    results.check("every alert has its page, every page its alert", runbooks.pages(set(rules)))
    results.check("unit tests of alerts", runbooks.tests(set(rules)))


def sabotage(results: Results) -> None:
    overview = boards.committed()["overview"]
    kinds = [(sabotages.LINTER, lambda board: linter.problems("overview", board)), (sabotages.QUERIES, queries.problems)]
    if schema.there():
        kinds.append((sabotages.SCHEMA, schema.problems))
    for cases, problems in kinds:
        for name, change, expected in cases:
            bad = copy.deepcopy(overview)
            change(bad)
            results.refused(name, problems(bad), expected)
    for name, old, new, expected in sabotages.PAGES:
        content = sabotages.changed_page(old, new)
        results.refused(name, runbooks.page("LevqorNoLeader", content, {"Overview: Leader"}), expected)


def main() -> int:
    results = Results()
    if not schema.there():
        print(f"SKIPPED no schemas in {schema.FOLDER}: dashboards are not held against Grafana's schemas")
    for part in (dashboards, alerts, sabotage):
        part(results)
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
