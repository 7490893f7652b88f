"""Checks the chart and what containers need, without a cluster. Started by scripts/check-chart."""

import sys

import alerts
import containers
import examine
import kube
import places
import render
import sabotage
import settings
import wiring
from results import Results


def chart(results: Results) -> None:
    results.check("at least four profiles", [] if len(places.PROFILES) >= 4 else ["fewer"])
    for profile in [places.CHART / "values.yaml", *places.PROFILES]:
        results.check(f"{profile.stem}: helm lint --strict", render.lint(places.CHART, profile))
        for version in places.VERSIONS:
            try:
                objects = render.template(places.CHART, version, profile)
            except render.HelmError as error:
                results.check(f"{profile.stem}: rendered for Kubernetes {version}", [str(error)])
                continue
            name = f"{profile.stem}: {len(objects)} objects on Kubernetes {version}"
            results.check(name, examine.problems(objects, version))


def values(results: Results) -> None:
    results.check("values.schema.json takes nothing it does not name", settings.open_objects())
    results.check("every setting of the program can be set", settings.uncovered())
    results.check("values.yaml, schema and README agree", settings.undocumented())
    results.check("alert rules", alerts.file_problems())
    known = wiring.SERIES in alerts.metrics()
    results.check(f"{wiring.SERIES} is a metric", [] if known else ["it is not in docs/reference/metrics.md"])


def container_files(results: Results) -> None:
    results.check("Containerfile", containers.containerfile())
    results.check(".containerignore", containers.context())
    results.check("compose.yaml", containers.compose())
    results.check("prometheus.yml", containers.prometheus())
    results.check("Grafana's provisioning", containers.grafana())


def sabotages(results: Results) -> None:
    sabotage.values(results)
    for version in places.VERSIONS:
        production = render.template(places.CHART, version, places.CHART / "profiles" / "production.yaml")
        sabotage.objects(results, production, version)
    sabotage.templates(results)
    sabotage.rules(results)
    sabotage.compose(results)


def main() -> int:
    results = Results()
    if not kube.definitions():
        print(
            f"SKIPPED no definitions of custom resources in {places.CRDS}: ScaledObject, ServiceMonitor and PrometheusRule are"
        )
        print("        rendered and their contents checked, but not their schemas")
    for part in (values, chart, container_files, sabotages):
        part(results)
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
