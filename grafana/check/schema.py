"""The dashboards against Grafana's own schemas, those of its foundation SDK."""

import json

from jsonschema import Draft7Validator

import boards
import places

FOLDER = places.CONFORMANCE / "schemas" / "grafana"


def there() -> bool:
    return FOLDER.is_dir()


def problems(board: dict) -> list[str]:
    """The schema of a dashboard leaves open what is in a panel; each kind of panel has one of its own."""
    found = _against("dashboard", "Dashboard", board)
    for panel in boards.panels(board):
        kind, parts = panel["type"], [("dashboard", "Panel", panel)]
        parts += [("prometheus", "Dataquery", target) for target in panel["targets"]]
        if kind in ("stat", "timeseries"):
            parts.append((kind, "Options", panel["options"]))
        if kind == "timeseries":
            parts.append((kind, "GraphFieldConfig", panel["fieldConfig"]["defaults"]["custom"]))
        for part in parts:
            found += [f"{panel['title']}: {problem}" for problem in _against(*part)]
    return found


def _against(file: str, definition: str, value: object) -> list[str]:
    schema = json.loads((FOLDER / f"{file}.jsonschema.json").read_text())
    schema = {"$ref": f"#/definitions/{definition}", "definitions": schema["definitions"]}
    return [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(value)]
