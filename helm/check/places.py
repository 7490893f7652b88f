"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "levqor"
PROFILES = sorted((CHART / "profiles").glob("*.yaml"))
RULES = CHART / "rules"
TOOLS = Path(os.environ["LEVQOR_CHECK_TOOLS"])
CONFORMANCE = Path(os.environ.get("LEVQOR_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
CRDS = CONFORMANCE / "schemas" / "crd"

# Of Kubernetes.
VERSIONS = ["1.33", "1.34", "1.35"]

NAMESPACE = "levqor"
