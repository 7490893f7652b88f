"""The committed dashboards, and what is in them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import places

FOLDER = places.ROOT / "grafana" / "dashboards"


def committed() -> dict[str, dict]:
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}


def stale() -> list[str]:
    """Files that are not what grafana/generate writes."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        subprocess.run([sys.executable, FOLDER.parent / "generate", folder], check=True)
        names = {file.name for place in (made, FOLDER) for file in place.iterdir()}
        return [f"{name}: run grafana/generate" for name in sorted(names) if not _same(made / name, FOLDER / name)]


def _same(a: Path, b: Path) -> bool:
    return a.exists() and b.exists() and a.read_bytes() == b.read_bytes()


def panels(board: dict) -> Iterator[dict]:
    """Those that show something: headings do not."""
    return (panel for panel in board["panels"] if panel["type"] != "row")


def queries(board: dict) -> Iterator[tuple[str, str]]:
    """Title of the panel and expression."""
    return ((panel["title"], target["expr"]) for panel in panels(board) for target in panel.get("targets", []))
