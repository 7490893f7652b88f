"""Runs helm."""

import subprocess
from pathlib import Path

import places
import text
import yaml


class HelmError(Exception):
    """What helm says when it refuses."""


def _helm(*arguments: str, values: dict | None = None) -> str:
    command = [str(places.TOOLS / "helm"), *arguments]
    given = None
    if values is not None:
        command += ["--values", "-"]
        given = yaml.safe_dump(values)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HelmError((done.stderr or done.stdout).strip())
    return done.stdout


def lint(chart: Path, profile: Path) -> list[str]:
    """Problems that `helm lint --strict` finds."""
    try:
        _helm("lint", "--strict", "--quiet", str(chart), "--values", str(profile))
    except HelmError as error:
        return [str(error)]
    return []


def template(chart: Path, version: str, profile: Path | None = None, values: dict | None = None) -> list[dict]:
    """The objects of a release, hooks too, as Kubernetes `version` gets them."""
    arguments = ["template", "rel", str(chart), "--namespace", places.NAMESPACE, "--kube-version", f"{version}.0"]
    if profile:
        arguments += ["--values", str(profile)]
    return text.documents(_helm(*arguments, values=values))


def refusal(chart: Path, profile: Path | None, values: dict) -> list[str]:
    """What helm says of these values; nothing when it takes them."""
    try:
        template(chart, places.VERSIONS[-1], profile, values)
    except HelmError as error:
        return [str(error)]
    return []
