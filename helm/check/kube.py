"""Objects against the schemas of Kubernetes and of custom resources; a field that is not in the schema is a problem."""

import functools

import kubernetes_validate
import places
import text
from jsonschema import Draft7Validator


def problems(objects: list[dict], version: str) -> list[str]:
    """What is wrong with these objects for Kubernetes `version`."""
    found = []
    for document in objects:
        name = f"{document.get('kind')}/{document.get('metadata', {}).get('name')}"
        found += [f"{name}: {problem}" for problem in _problems(document, version)]
    return found


def skipped(objects: list[dict]) -> set[str]:
    """Kinds of custom resources whose definition is not here."""
    custom = {(document["apiVersion"], document["kind"]) for document in objects if _is_custom(document)}
    return {kind for api, kind in custom if (api, kind) not in definitions()}


def _is_custom(document: dict) -> bool:
    group = document.get("apiVersion", "").split("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def _problems(document: dict, version: str) -> list[str]:
    if _is_custom(document):
        schema = definitions().get((document["apiVersion"], document["kind"]))
        errors = Draft7Validator(schema).iter_errors(document) if schema else []
        return [f"{error.json_path}: {error.message}" for error in errors]
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as error:
        return [str(error)]
    return []


@functools.cache
def definitions() -> dict[tuple[str, str], dict]:
    """Closed schemas of custom resources by apiVersion and kind."""
    found = {}
    for file in sorted(places.CRDS.glob("*.yaml")):
        spec = text.document(file.read_text())["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            # Kubernetes describes metadata itself.
            schema["properties"]["metadata"] = {"type": "object"}
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = _closed(schema)
    return found


def _closed(schema: dict) -> dict:
    """The schema, in which an object has no properties but those it names."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    closed = dict(schema)
    if "properties" in schema:
        closed["properties"] = {name: _closed(part) for name, part in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields") and "additionalProperties" not in schema:
            closed["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            closed[key] = _closed(schema[key])
    return closed
