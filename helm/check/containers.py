"""The Containerfile, compose.yaml and what its services read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import places
import promtool
import text
from jsonschema import Draft7Validator

# What a message in `${NAME:?message}` guards: no default, so no secret that everybody knows.
_VARIABLE = re.compile(r"\$\{([A-Z_]+)([^}]*)\}")
_CREDENTIALS = re.compile(r"://[^/\s@:]*:(?!\$\{)[^/\s@]+@")
# The image has no other program.
_PROBE = ["/levqor", "probe"]
_SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|DSN$")


def containerfile() -> list[str]:
    """As hadolint sees it, and that the image runs without root."""
    file = places.ROOT / "Containerfile"
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, "--no-color", str(file)], capture_output=True, text=True, check=False)
    found = [] if done.returncode == 0 else done.stdout.splitlines()
    instructions = [line.split() for line in file.read_text().splitlines() if re.match(r"[A-Z]+ ", line)]
    last = max(index for index, words in enumerate(instructions) if words[0] == "FROM")
    users = [words[1] for words in instructions[last:] if words[0] == "USER"]
    if not users or users[-1].split(":")[0] in ("0", "root"):
        found.append("the image runs as root")
    if instructions[last][1] != "scratch":
        found.append("the image has more than the program")
    checks = [" ".join(words) for words in instructions[last:] if words[0] == "HEALTHCHECK"]
    if len(checks) != 1 or not checks[0].endswith(f"CMD {json.dumps(_PROBE)}"):
        found.append(f"the image asks for its health by {checks}")
    return found


def context() -> list[str]:
    """Every folder that the build reads is sent to it."""
    sent = set(re.findall(r"^!(\S+)$", (places.ROOT / ".containerignore").read_text(), re.MULTILINE))
    manifest = (places.ROOT / "Cargo.toml").read_text()
    members = re.search(r"members = \[(.*?)\]", manifest, re.DOTALL).group(1)
    read = {member.split("/")[0] for member in re.findall(r'"(.*?)"', members)}
    for folder in sorted(read - {"tests"}):
        for source in (places.ROOT / folder).glob("**/src/**/*.rs"):
            for target in re.findall(r'include_(?:str|bytes|dir)!\(\s*"([^"]+)"', source.read_text()):
                path = (source.parent / target).resolve()
                if path.is_relative_to(places.ROOT):
                    read.add(path.relative_to(places.ROOT).parts[0])
    return [f".containerignore keeps {folder} from the build" for folder in sorted(read - sent)]


def compose() -> list[str]:
    return compose_problems((places.ROOT / "compose.yaml").read_text())


def compose_problems(content: str) -> list[str]:
    schema = json.loads((places.TOOLS / "compose_spec.json").read_text())
    parsed = text.document(content)
    found = [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(parsed)]
    for name, rest in _VARIABLE.findall(content):
        if _SECRET_NAMES.search(name) and not rest.startswith(":?"):
            found.append(f"{name} may be empty or has a default")
    found += [f"a password in the open: {match.group()}" for match in _CREDENTIALS.finditer(content)]
    example = (places.ROOT / ".env.example").read_text()
    found += [
        f".env.example lacks {name}"
        for name in sorted({name for name, _ in _VARIABLE.findall(content)})
        if not re.search(rf"^{name}=$", example, re.MULTILINE)
    ]
    services = parsed["services"]
    found += [f"{name}: {problem}" for name, service in services.items() for problem in _service(service, services)]
    roles = {"migrate": 1, "api": 1, "scheduler": 1, "worker": 3}
    for role, count in roles.items():
        service = services.get(role, {})
        if service.get("command") != [role] or service.get("deploy", {}).get("replicas", 1) != count:
            found.append(f"{role}: not {count} of it")
        health = service.get("healthcheck", {})
        expected = role == "migrate" and health.get("disable") or health.get("test") == ["CMD", *_PROBE]
        if not expected:
            found.append(f"{role}: its health is asked by {health}")
    return found


def _service(service: dict, services: dict) -> list[str]:
    found = []
    for port in service.get("ports", []):
        if not port.startswith("127.0.0.1:"):
            found.append(f"{port} is published beyond this machine")
    for other, wait in _waits(service).items():
        awaited = services.get(other)
        if awaited is None:
            found.append(f"waits for {other}, which there is not")
        elif wait == "service_healthy" and "healthcheck" not in awaited:
            found.append(f"waits for the health of {other}, which has none")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        # grafana/ is made by others.
        if source.startswith("./") and not (places.ROOT / source).exists() and source != "./grafana":
            found.append(f"mounts {source}, which there is not")
    if service["image"].startswith("levqor:"):
        hardened = service.get("read_only") and service.get("cap_drop") == ["ALL"]
        if not hardened or "no-new-privileges:true" not in service.get("security_opt", []):
            found.append("is not confined")
    if not re.search(r":[\w.-]*\d", service["image"]):
        found.append(f"{service['image']} has no version")
    return found


def _waits(service: dict) -> dict[str, str]:
    waits = service.get("depends_on", {})
    if isinstance(waits, list):
        return dict.fromkeys(waits, "service_started")
    return {name: wait["condition"] for name, wait in waits.items()}


def prometheus() -> list[str]:
    """Its configuration parses and scrapes every role on the port it serves."""
    file = places.ROOT / "deploy" / "prometheus" / "prometheus.yml"
    found = promtool.config(file)
    scraped = {}
    for job in text.document(file.read_text())["scrape_configs"]:
        for target in job["dns_sd_configs"]:
            scraped |= dict.fromkeys(target["names"], target["port"])
    expected = {"api": 8790, "worker": 9464, "scheduler": 9464}
    return found if scraped == expected else [*found, f"scrapes {scraped}"]


def grafana() -> list[str]:
    """The provisioned source of data is the Prometheus of compose.yaml, the provisioned folder is mounted."""
    folder = places.ROOT / "deploy" / "grafana" / "provisioning"
    source = text.document((folder / "datasources" / "levqor.yaml").read_text())["datasources"][0]
    provider = text.document((folder / "dashboards" / "levqor.yaml").read_text())["providers"][0]
    services = text.document((places.ROOT / "compose.yaml").read_text())["services"]
    mounts = {volume.split(":")[1] for volume in services["grafana"]["volumes"]}
    found = []
    if source["type"] != "prometheus" or source["url"] != "http://prometheus:9090":
        found.append("the data source is not our Prometheus")
    if provider["options"]["path"] not in mounts:
        found.append(f"{provider['options']['path']} is not mounted")
    return found
