"""What must hold for every pod: the restricted profile of the Pod Security Standards and more, no secret in the open, a grace
that lets it drain."""

import re

import settings

# Beyond the drain, worker/src/handle.rs takes four steps of three seconds, and metrics end within two.
AFTER_DRAIN = 14
# Longest that the API finishes requests (api/src/serve.rs).
API_DRAIN = 20

_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|DSN$|DATABASE_URL$|REDIS_URL$")
_CREDENTIALS = re.compile(r"://[^/\s@]*:[^/\s@]+@")
_VOLUMES = {"persistentVolumeClaim", "configMap", "secret", "emptyDir", "projected", "downwardAPI"}


def problems(objects: list[dict]) -> list[str]:
    found = []
    for document in objects:
        name = f"{document['kind']}/{document['metadata']['name']}"
        if document["kind"] in ("Secret", "ConfigMap"):
            found.append(f"{name}: settings are named, not rendered")
        pod = _pod(document)
        if pod is None:
            continue
        long_lived = document["kind"] == "Deployment"
        rules = [_isolation(pod), _grace(pod) if long_lived else []]
        for container in pod["containers"] + pod.get("initContainers", []):
            rules += [_security(container), _resources(container), _environment(container)]
            rules += [_probes(container)] if long_lived else []
        found += [f"{name}: {problem}" for rule in rules for problem in rule]
    return found


def _pod(document: dict) -> dict | None:
    if document["kind"] == "Pod":
        return document["spec"]
    return document.get("spec", {}).get("template", {}).get("spec")


def _isolation(pod: dict) -> list[str]:
    context = pod.get("securityContext", {})
    volumes = pod.get("volumes", [])
    rules = {
        "a service account token is mounted": pod.get("automountServiceAccountToken") is not False,
        "runAsNonRoot is not set": context.get("runAsNonRoot") is not True,
        "runs as root": context.get("runAsUser", 0) == 0 or context.get("runAsGroup", 0) == 0,
        "seccomp is not RuntimeDefault": context.get("seccompProfile") != {"type": "RuntimeDefault"},
        "shares a namespace of the host": any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        "mounts what it must not": any(not set(volume) - {"name"} <= _VOLUMES for volume in volumes),
        "services are told by the environment": pod.get("enableServiceLinks") is not False,
    }
    return [problem for problem, holds in rules.items() if holds]


def _security(container: dict) -> list[str]:
    context = container.get("securityContext", {})
    rules = {
        "runAsNonRoot is not set": context.get("runAsNonRoot") is not True,
        "runs as root": context.get("runAsUser", 1) == 0,
        "its root file system can be written": context.get("readOnlyRootFilesystem") is not True,
        "may gain privileges": context.get("allowPrivilegeEscalation") is not False or context.get("privileged"),
        "keeps capabilities": context.get("capabilities") != {"drop": ["ALL"]},
        "seccomp is not RuntimeDefault": context.get("seccompProfile") != {"type": "RuntimeDefault"},
        "its image has no version": not re.search(r"(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$", container["image"]),
        "takes a port of the host": any("hostPort" in port for port in container.get("ports", [])),
    }
    return [problem for problem, holds in rules.items() if holds]


def _resources(container: dict) -> list[str]:
    resources = container.get("resources", {})
    needed = [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")]
    return [f"no {kind}.{what}" for kind, what in needed if what not in resources.get(kind, {})]


def _environment(container: dict) -> list[str]:
    found = []
    variables = container.get("env", [])
    names = [variable["name"] for variable in variables]
    found += [f"{name} is set twice" for name in sorted(set(names)) if names.count(name) > 1]
    secret = {f"LEVQOR_{key.upper()}" for key in settings.secret()}
    for variable in variables:
        name, value = variable["name"], variable.get("value", "")
        hidden = "secretKeyRef" in variable.get("valueFrom", {})
        # mail is a word or a URL with a password.
        named = name in secret - {"LEVQOR_MAIL"} or _SECRET_NAME.search(name)
        if (named and not hidden) or _CREDENTIALS.search(value):
            found.append(f"{name}: a secret in the open")
    return found


def _probes(container: dict) -> list[str]:
    wanted = {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    ports = {port["name"] for port in container.get("ports", [])}
    found = []
    for probe, path in wanted.items():
        http = container.get(probe, {}).get("httpGet", {})
        if http.get("path") != path or http.get("port") not in ports:
            found.append(f"{probe} does not ask {path} on a port of its own")
    return found


def _grace(pod: dict) -> list[str]:
    container = pod["containers"][0]
    environment = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    if container["args"] == ["api"]:
        least = pause + API_DRAIN
    else:
        least = pause + int(environment.get("LEVQOR_DRAIN", 0)) + AFTER_DRAIN
    grace = pod.get("terminationGracePeriodSeconds", 30)
    return [] if grace > least else [f"a grace of {grace} s, but stopping may take {least} s"]
