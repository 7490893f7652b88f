"""Objects that name each other do so rightly, and the autoscaler's trigger says what its free-form metadata must."""

import re

import promtool

SERIES = "levqor_desired_workers"


def problems(objects: list[dict]) -> list[str]:
    by_kind: dict[str, list[dict]] = {}
    for document in objects:
        by_kind.setdefault(document["kind"], []).append(document)
    rules = [_roles, _services, _policies, _monitors, _scaling, _names]
    return [problem for rule in rules for problem in rule(by_kind)]


def _deployments(by_kind: dict) -> dict[str, dict]:
    return {document["metadata"]["name"]: document for document in by_kind.get("Deployment", [])}


def _pod_labels(by_kind: dict) -> list[dict]:
    kinds = by_kind.get("Deployment", []) + by_kind.get("Job", [])
    pods = [document["spec"]["template"]["metadata"]["labels"] for document in kinds]
    return pods + [document["metadata"]["labels"] for document in by_kind.get("Pod", [])]


def _selects(selector: dict, labels: dict) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def _roles(by_kind: dict) -> list[str]:
    arguments = [d["spec"]["template"]["spec"]["containers"][0]["args"] for d in _deployments(by_kind).values()]
    if sorted(arguments) != [["api"], ["scheduler"], ["worker"]]:
        return [f"the roles are {arguments}"]
    jobs = [
        (
            j["spec"]["template"]["spec"]["containers"][0]["args"],
            j["metadata"].get("annotations", {}).get("helm.sh/hook"),
        )
        for j in by_kind.get("Job", [])
    ]
    return [] if jobs == [(["migrate"], "pre-install,pre-upgrade")] else [f"the jobs are {jobs}"]


def _services(by_kind: dict) -> list[str]:
    found = []
    for service in by_kind.get("Service", []):
        name, spec = service["metadata"]["name"], service["spec"]
        chosen = [
            d["spec"]["template"]
            for d in by_kind["Deployment"]
            if _selects(spec["selector"], d["spec"]["template"]["metadata"]["labels"])
        ]
        ports = {port["name"] for pod in chosen for port in pod["spec"]["containers"][0]["ports"]}
        if len(chosen) != 1:
            found.append(f"Service/{name} selects {len(chosen)} roles")
        found += [
            f"Service/{name}: no port {port['targetPort']}" for port in spec["ports"] if port["targetPort"] not in ports
        ]
    return found


def _policies(by_kind: dict) -> list[str]:
    found = []
    pods = _pod_labels(by_kind)
    for policy in by_kind.get("PodDisruptionBudget", []) + by_kind.get("NetworkPolicy", []):
        spec = policy["spec"]
        labels = spec.get("selector", spec.get("podSelector", {})).get("matchLabels", {})
        if sum(_selects(labels, pod) for pod in pods) != 1:
            found.append(f"{policy['kind']}/{policy['metadata']['name']} is not about one role")
    return found


def _monitors(by_kind: dict) -> list[str]:
    found = []
    for monitor in by_kind.get("ServiceMonitor", []):
        labels = monitor["spec"]["selector"]["matchLabels"]
        chosen = [s for s in by_kind["Service"] if _selects(labels, s["metadata"]["labels"])]
        offered = {port["name"] for service in chosen for port in service["spec"]["ports"]}
        asked = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
        if len(chosen) != 3 or asked != offered:
            found.append(
                f"ServiceMonitor scrapes {sorted(asked)} of {len(chosen)} services that offer {sorted(offered)}"
            )
    return found


def _scaling(by_kind: dict) -> list[str]:
    scalers = by_kind.get("ScaledObject", []) + by_kind.get("HorizontalPodAutoscaler", [])
    fixed = {name for name, d in _deployments(by_kind).items() if "replicas" in d["spec"]}
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers}
    found = (
        []
        if fixed | scaled == set(_deployments(by_kind)) and not fixed & scaled
        else ["a role has two masters or none"]
    )
    found += [f"{name} is not a worker" for name in scaled if not name.endswith("-worker")]
    for scaler in by_kind.get("ScaledObject", []):
        spec = scaler["spec"]
        if spec["minReplicaCount"] > spec["maxReplicaCount"]:
            found.append("minReplicaCount is above maxReplicaCount")
        for trigger in spec["triggers"]:
            found += [f"trigger: {problem}" for problem in _trigger(trigger)]
    for scaler in by_kind.get("HorizontalPodAutoscaler", []):
        if scaler["spec"]["minReplicas"] > scaler["spec"]["maxReplicas"]:
            found.append("minReplicas is above maxReplicas")
    return found


def _trigger(trigger: dict) -> list[str]:
    """The schema of KEDA takes any metadata, as long as they are strings."""
    metadata = trigger["metadata"]
    query = metadata.get("query", "")
    found = promtool.expression(query)
    rules = {
        "its type is not prometheus": trigger["type"] != "prometheus",
        "its metric type is not AverageValue": trigger.get("metricType") != "AverageValue",
        "serverAddress is no URL": not re.match(r"https?://[^/\s]+", str(metadata.get("serverAddress"))),
        f"query does not ask for {SERIES}": SERIES not in query,
        "threshold is not 1, though the series is the number itself": metadata.get("threshold") != "1",
        "a missing series counts as zero": metadata.get("ignoreNullValues") != "false",
        "unknown metadata": set(metadata) - {"serverAddress", "query", "threshold", "ignoreNullValues"},
    }
    return found + [problem for problem, holds in rules.items() if holds]


def _names(by_kind: dict) -> list[str]:
    names = [d["metadata"]["name"] for documents in by_kind.values() for d in documents]
    return [
        f"{name} is no name"
        for name in names
        if len(name) > 63 or not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name)
    ]
