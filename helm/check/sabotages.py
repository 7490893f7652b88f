"""What is done to values, objects, templates, rules and compose.yaml, and what must be said to it."""

from collections.abc import Callable

# Values on top of the production profile, and what helm must say.
VALUES = [
    ("a misspelt value", {"wroker": {"replicas": 3}}, "additional properties 'wroker'"),
    ("a misspelt value within", {"worker": {"replica": 3}}, "'/worker': additional properties 'replica' not allowed"),
    ("no API", {"api": {"replicas": 0}}, "/api/replicas"),
    ("a number in words", {"scheduler": {"replicas": "two"}}, "/scheduler/replicas"),
    ("more slots than the program takes", {"worker": {"slots": 200000}}, "/worker/slots"),
    ("a drain below zero", {"worker": {"drainSeconds": -1}}, "/worker/drainSeconds"),
    (
        "a scheduler without grace",
        {"scheduler": {"terminationGracePeriodSeconds": 1}},
        "/terminationGracePeriodSeconds",
    ),
    ("an unknown autoscaler", {"worker": {"autoscaling": {"kind": "vpa"}}}, "/worker/autoscaling/kind"),
    ("no minimum of workers", {"worker": {"autoscaling": {"minReplicas": 0}}}, "/minReplicas"),
    (
        "more workers at least than at most",
        {"worker": {"autoscaling": {"minReplicas": 61}}},
        "minReplicas is above maxReplicas",
    ),
    ("KEDA without a Prometheus", {"worker": {"autoscaling": {"keda": {"serverAddress": ""}}}}, "/serverAddress"),
    (
        "KEDA with a password in the URL",
        {"worker": {"autoscaling": {"keda": {"serverAddress": "http://ada:x@prom"}}}},
        "/serverAddress",
    ),
    ("KEDA on another series", {"worker": {"autoscaling": {"keda": {"query": "up"}}}}, "/query"),
    (
        "a secret among the settings",
        {"config": {"secret_key": "ab" * 32}},
        "'/config': additional properties 'secret_key' not allowed",
    ),
    (
        "a database URL among the settings",
        {"config": {"database_url": "postgres://ada:x@db/levqor"}},
        "'/config': additional properties 'database_url' not allowed",
    ),
    ("a mail server with its password", {"config": {"mail": "smtps://ada:x@mx"}}, "/config/mail"),
    (
        "a setting that there is not",
        {"config": {"colour": "red"}},
        "'/config': additional properties 'colour' not allowed",
    ),
    ("a network that is none", {"config": {"egress_allow": "10.0.0.0"}}, "/config/egress_allow"),
    ("a secret's value in place of its name", {"secrets": {"secret_key": "ab" * 32}}, "/secrets/secret_key"),
    (
        "a secret with a value beside its name",
        {"secrets": {"secret_key": {"value": "ab"}}},
        "'/secrets/secret_key': additional properties 'value' not allowed",
    ),
    ("a secret without a name", {"secrets": {"redis_url": {"name": ""}}}, "/secrets/redis_url/name"),
    ("no database", {"secrets": {"database_url": None}}, "'/secrets': missing property 'database_url'"),
    (
        "a secret as a plain variable",
        {"extraEnv": [{"name": "LEVQOR_SENTRY_DSN", "value": "https://x@host/1"}]},
        "'/extraEnv/0': 'not' failed",
    ),
    ("a variable without a value", {"api": {"extraEnv": [{"name": "A"}]}}, "'/api/extraEnv/0': 'oneOf' failed"),
    ("a bucket without its place", {"objects": {"bucket": ""}}, "'/objects/bucket': minLength"),
    ("a bucket without its key", {"secrets": {"s3_secret_key": None}}, "'/secrets/s3_secret_key': got null"),
    ("Resend without its key", {"secrets": {"resend_api_key": None}}, "'/secrets/resend_api_key': got null"),
    ("mail by two ways", {"secrets": {"mail": {"name": "mail", "key": "url"}}}, "'/config': 'not' failed"),
    ("a claim without a name", {"objects": {"kind": "claim"}}, "'/objects/existingClaim': minLength"),
    ("a digest that is none", {"image": {"digest": "sha256:abc"}}, "/image/digest"),
    ("an ingress for nobody", {"ingress": {"host": ""}}, "/ingress/host"),
    ("a peer that is everybody by mistake", {"networkPolicy": {"apiFrom": [{}]}}, "/networkPolicy/apiFrom/0"),
    ("an interval in words", {"monitoring": {"serviceMonitor": {"interval": "15 seconds"}}}, "/interval"),
    ("a spread that there is not", {"topologySpread": {"zone": "Maybe"}}, "/topologySpread/zone"),
    ("memory in words", {"worker": {"resources": {"limits": {"memory": "lots"}}}}, "/memory"),
    (
        "a resource that there is not",
        {"worker": {"resources": {"limit": {"memory": "1Gi"}}}},
        "'/worker/resources': additional properties 'limit' not allowed",
    ),
    ("a service type that there is not", {"service": {"type": "ExternalName"}}, "/service/type"),
]


def _container(document: dict) -> dict:
    return document["spec"]["template"]["spec"]["containers"][0]


# Kind, what is done to the first object of it, what the validator must say.
OBJECTS: list[tuple[str, str, Callable[[dict], object], str]] = [
    ("Deployment", "a misspelt field", lambda d: _container(d).update(port=[]), "('port' was unexpected)"),
    ("Deployment", "replicas in words", lambda d: d["spec"].update(replicas="3"), "'3' is not of type 'integer'"),
    ("Deployment", "no selector", lambda d: d["spec"].pop("selector"), "'selector' is a required property"),
    (
        "Deployment",
        "a probe without a port",
        lambda d: _container(d)["livenessProbe"]["httpGet"].pop("port"),
        "'port' is a required property",
    ),
    ("Job", "a misspelt field", lambda d: d["spec"].update(backofLimit=1), "('backofLimit' was unexpected)"),
    (
        "PodDisruptionBudget",
        "a misspelt field",
        lambda d: d["spec"].update(maxUnavailible=1),
        "('maxUnavailible' was unexpected)",
    ),
    (
        "NetworkPolicy",
        "peers in the wrong place",
        lambda d: d["spec"]["ingress"][0].update(to=[]),
        "('to' was unexpected)",
    ),
    (
        "Service",
        "a port without a number",
        lambda d: d["spec"]["ports"][0].pop("port"),
        "'port' is a required property",
    ),
    (
        "Ingress",
        "a path without a type",
        lambda d: d["spec"]["rules"][0]["http"]["paths"][0].pop("pathType"),
        "'pathType' is a required property",
    ),
    ("ScaledObject", "a misspelt field", lambda d: d["spec"].update(maxReplicas=9), "('maxReplicas' was unexpected)"),
    (
        "ScaledObject",
        "a number in words",
        lambda d: d["spec"].update(minReplicaCount="3"),
        "'3' is not of type 'integer'",
    ),
    (
        "ScaledObject",
        "metadata that is no string",
        lambda d: d["spec"]["triggers"][0]["metadata"].update(threshold=1),
        "1 is not of type 'string'",
    ),
    ("ScaledObject", "no target", lambda d: d["spec"].pop("scaleTargetRef"), "'scaleTargetRef' is a required property"),
    (
        "ServiceMonitor",
        "an interval with a space",
        lambda d: d["spec"]["endpoints"][0].update(interval="15 s"),
        "'15 s' does not match",
    ),
    (
        "ServiceMonitor",
        "a misspelt field",
        lambda d: d["spec"]["endpoints"][0].update(pth="/metrics"),
        "('pth' was unexpected)",
    ),
    (
        "PrometheusRule",
        "a duration in words",
        lambda d: d["spec"]["groups"][0]["rules"][0].update({"for": "5 minutes"}),
        "'5 minutes' does not match",
    ),
    (
        "PrometheusRule",
        "a misspelt field",
        lambda d: d["spec"]["groups"][0]["rules"][0].update(annotation={}),
        "('annotation' was unexpected)",
    ),
]

# File of the chart, text in it, what it becomes, what the examination must say.
TEMPLATES = [
    ("_pod.tpl", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "can be written"),
    ("_pod.tpl", "runAsUser: 65532", "runAsUser: 0", "runs as root"),
    ("_pod.tpl", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "may gain privileges"),
    ("_pod.tpl", "drop: [ALL]", "drop: [ALL]\n  add: [NET_ADMIN]", "keeps capabilities"),
    ("_pod.tpl", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "token is mounted"),
    ("_pod.tpl", "type: RuntimeDefault", "type: Unconfined", "seccomp"),
    (
        "_pod.tpl",
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: false\nhostNetwork: true",
        "namespace of the host",
    ),
    ("_pod.tpl", "readinessProbe:", "ignored:", "readinessProbe"),
    ("_pod.tpl", "path: /health/live", "path: /health/ready", "does not ask /health/live"),
    (
        "_role.tpl",
        "terminationGracePeriodSeconds: {{ .grace }}",
        "terminationGracePeriodSeconds: 30",
        "a grace of 30 s",
    ),
    (
        "_role.tpl",
        "persistentVolumeClaim:\n            claimName: {{ $root.Values.objects.existingClaim }}",
        "hostPath: { path: / }",
        "mounts what it must not",
    ),
    (
        "_env.tpl",
        "  valueFrom:\n    secretKeyRef:\n      name: {{ .ref.name }}\n      key: {{ .ref.key }}",
        "  value: hunter2",
        "in the open",
    ),
    (
        "_env.tpl",
        "- name: LEVQOR_{{ $key | upper }}\n",
        "- name: LEVQOR_{{ $key }}\n  nam: x\n",
        "('nam' was unexpected)",
    ),
    ("_role.tpl", "            - name: {{ .port }}\n", "            - name: web\n", "on a port of its own"),
    ("worker/scaledobject.yaml", 'threshold: "1"', 'threshold: "100"', "threshold is not 1"),
    ("worker/scaledobject.yaml", 'ignoreNullValues: "false"', 'ignoreNullValues: "true"', "counts as zero"),
    ("worker/scaledobject.yaml", "max(levqor_desired_workers", "max((levqor_desired_workers", "parse error"),
    ("worker/scaledobject.yaml", "serverAddress: {{", "serverAdress: {{", "serverAddress is no URL"),
    ("worker/scaledobject.yaml", "}}-worker\n  minReplicaCount", "}}-api\n  minReplicaCount", "two masters"),
    ("worker/deployment.yaml", 'eq .Values.worker.autoscaling.kind "none"', "true", "two masters"),
    ("monitoring/services.yaml", "targetPort: metrics", "targetPort: metric", "no port metric"),
    ("monitoring/servicemonitor.yaml", "port: metrics", "port: metric", "ServiceMonitor scrapes"),
    ("api/service.yaml", '"component" "api"', '"component" "web"', "selects 0 roles"),
    ("pdb.yaml", 'list "api" "worker" "scheduler"', 'list "api" "workers" "scheduler"', "not about one role"),
    ("migrate/job.yaml", "pre-install,pre-upgrade", "post-install", "the jobs are"),
    ("migrate/job.yaml", "args: [migrate]", "args: [up]", "the jobs are"),
]

RULES = [
    ("an expression that does not parse", "sum(rate(levqor_ticks_total[5m])", "parse error"),
    ("a metric that there is not", "sum(levqor_unicorns) > 1", "no metric levqor_unicorns"),
]

COMPOSE = [
    (
        "a password by default",
        "${POSTGRES_PASSWORD:?run deploy/make-env}",
        "${POSTGRES_PASSWORD:-levqor}",
        "has a default",
    ),
    ("a password in the open", "${POSTGRES_PASSWORD:?run deploy/make-env}@", "levqor@", "in the open"),
    ("a misspelt field", "stop_grace_period: 50s", "stop_grace: 50s", "'stop_grace' does not match"),
    ("a port for everybody", "127.0.0.1:8790:8790", "8790:8790", "beyond this machine"),
    ("two workers", "replicas: 3", "replicas: 2", "not 3 of it"),
    ("no confinement", "cap_drop: [ALL]", "cap_drop: [NET_RAW]", "not confined"),
    ("nobody asks for health", "test: [CMD, /levqor, probe]", "test: [CMD, curl, localhost]", "its health is asked by"),
    (
        "a wait for nobody",
        "redis: { condition: service_healthy }",
        "cache: { condition: service_healthy }",
        "there is not",
    ),
]
