"""Asks promtool."""

import json
import subprocess
import tempfile
from pathlib import Path


def _promtool(*arguments: str) -> list[str]:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stderr + done.stdout).strip()]


def rules(file: Path) -> list[str]:
    return _promtool("check", "rules", "--lint=all", "--lint-fatal", str(file))


def rules_of(spec: dict) -> list[str]:
    """Of a PrometheusRule; JSON is YAML."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(spec, file)
        file.flush()
        return rules(Path(file.name))


def expression(query: str) -> list[str]:
    return rules_of({"groups": [{"name": "one", "rules": [{"record": "one", "expr": query}]}]})


def test(file: Path) -> list[str]:
    """Runs unit tests of rules."""
    return _promtool("test", "rules", str(file))


def config(file: Path) -> list[str]:
    return _promtool("check", "config", str(file))
