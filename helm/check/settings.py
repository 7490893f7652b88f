"""The program's settings, and which part of the chart sets each."""

import functools
import json
import re

import places
import text

# Set by templates, from other values.
OF_THE_CHART = {"listen", "metrics_listen", "objects", "slots", "drain", "autoscaler_min", "autoscaler_max"}
# `data` is of the embedded size.
UNUSED = {"data"}


@functools.cache
def known() -> set[str]:
    """Keys in the generated reference."""
    page = (places.ROOT / "docs" / "reference" / "configuration.md").read_text()
    return set(re.findall(r"^\| `--[a-z0-9-]+` \| `LEVQOR_[A-Z0-9_]+` \| `([a-z0-9_]+)` \|", page, re.MULTILINE))


@functools.cache
def schema() -> dict:
    return json.loads((places.CHART / "values.schema.json").read_text())


def plain() -> set[str]:
    """Keys that values may set."""
    return set(schema()["properties"]["config"]["properties"])


def secret() -> set[str]:
    """Keys that come from a Secret."""
    return set(schema()["properties"]["secrets"]["properties"])


def uncovered() -> list[str]:
    """Settings that nobody can set through the chart, and those of the chart that the program does not know."""
    set_by_somebody = plain() | secret() | OF_THE_CHART
    found = [f"{key} is in no part of the chart" for key in sorted(known() - set_by_somebody - UNUSED)]
    found += [f"{key} is no setting of the program" for key in sorted(set_by_somebody - known())]
    # mail is a word, or a URL with a password: the schema refuses both at once.
    found += [f"{key} is plain and secret" for key in sorted(plain() & secret() - {"mail"})]
    return found if known() else ["the reference of settings cannot be read"]


def open_objects(schema_part: dict | list | None = None, path: str = "") -> list[str]:
    """Objects of the values' schema that take any key."""
    part = schema() if schema_part is None else schema_part
    found = []
    if isinstance(part, list):
        for index, item in enumerate(part):
            found += open_objects(item, f"{path}/{index}")
    elif isinstance(part, dict):
        extra = part.get("additionalProperties")
        typed = isinstance(extra, dict) and "type" in extra
        if part.get("type") == "object" and extra is not False and not typed:
            found.append(f"{path or '/'} is open")
        for key, item in part.items():
            found += open_objects(item, f"{path}/{key}") if isinstance(item, (dict, list)) else []
    return found


def undocumented() -> list[str]:
    """Values of values.yaml that the schema lacks, and the other way round, and those the README's table tells wrong."""
    defaults = text.document((places.CHART / "values.yaml").read_text())
    allowed = set(schema()["properties"])
    found = [f"{key} is in values.yaml and not in the schema" for key in sorted(set(defaults) - allowed)]
    found += [f"{key} is in the schema and not in values.yaml" for key in sorted(allowed - set(defaults))]
    readme = (places.CHART / "README.md").read_text()
    cells = re.findall(r"^\| (`[\w.`, ]+`) \|", readme.split("## Values")[1], re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"`(\w[\w.]*)`", cell)]
    found += [f"README tells of {path}, which there is not" for path in told if not _there(defaults, path)]
    tops = {path.split(".")[0] for path in told}
    return found + [f"README does not tell of {key}" for key in sorted(set(defaults) - tops)]


def _there(values: dict, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True
