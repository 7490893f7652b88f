"""Holds every sabotage against the check that must refuse it."""

import copy
import shutil
import tempfile
from pathlib import Path

import alerts
import containers
import examine
import kube
import places
import render
import sabotages
from results import Results


def values(results: Results) -> None:
    profile = places.CHART / "profiles" / "production.yaml"
    for name, changed, expected in sabotages.VALUES:
        results.refused(f"values: {name}", render.refusal(places.CHART, profile, changed), expected)


def objects(results: Results, good: list[dict], version: str) -> None:
    absent = kube.skipped(good)
    for kind, name, change, expected in sabotages.OBJECTS:
        if kind in absent:
            results.skipped += 1
            continue
        bad = copy.deepcopy(next(document for document in good if document["kind"] == kind))
        change(bad)
        results.refused(f"{version} {kind}: {name}", kube.problems([bad], version), expected)


def templates(results: Results) -> None:
    for file, old, new, expected in sabotages.TEMPLATES:
        with tempfile.TemporaryDirectory() as folder:
            chart = Path(folder) / "levqor"
            shutil.copytree(places.CHART, chart)
            target = chart / "templates" / file
            content = target.read_text()
            name = f"{file}: {new.splitlines()[-1].strip()}"
            if old not in content:
                results.check(f"refused: {name}", [f"nothing to sabotage: {old!r}"])
                continue
            target.write_text(content.replace(old, new))
            results.refused(name, _of_chart(chart), expected)


def _of_chart(chart: Path) -> list[str]:
    """Problems over all profiles."""
    version = places.VERSIONS[-1]
    found = []
    for profile in places.PROFILES:
        try:
            found += examine.problems(render.template(chart, version, profile), version)
        except render.HelmError as error:
            found.append(str(error))
    return found


def rules(results: Results) -> None:
    for name, expression, expected in sabotages.RULES:
        rule = {"alert": "Bad", "expr": expression, "labels": {"severity": "info"}, "annotations": {"summary": "Bad."}}
        problems = alerts.problems({"groups": [{"name": "bad", "rules": [rule]}]})
        results.refused(f"rules: {name}", problems, expected)


def compose(results: Results) -> None:
    content = (places.ROOT / "compose.yaml").read_text()
    for name, old, new, expected in sabotages.COMPOSE:
        problems = containers.compose_problems(content.replace(old, new)) if old in content else []
        results.refused(f"compose.yaml: {name}", problems, expected)
