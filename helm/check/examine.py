"""All that must hold for the objects of a release."""

import kube
import pods
import promtool
import wiring


def problems(objects: list[dict], version: str) -> list[str]:
    found = kube.problems(objects, version) + pods.problems(objects) + wiring.problems(objects)
    for document in objects:
        if document["kind"] == "PrometheusRule":
            found += promtool.rules_of(document["spec"])
    return found
