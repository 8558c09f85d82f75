"""A connector in a package of its own, built and installed as a person would."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build_wheel(source: Path, into: Path, *, more: Mapping[str, str] | None = None) -> Path:
    """A wheel of the project in ``source`` as its pyproject says, with more entry points."""
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    points = {**project["entry-points"]["ipaas.connectors"], **(more or {})}
    listed = "\n".join(f"{slug} = {module}" for slug, module in points.items())
    files = {
        str(path.relative_to(source)): path.read_bytes()
        for path in sorted((source / name).rglob("*"))
        if path.is_file()
    }
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n".encode()
    )
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[ipaas.connectors]\n{listed}\n".encode()
    record = "".join(
        f"{path},{_digest(content)},{len(content)}\n" for path, content in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = into / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return wheel


def install(wheel: Path, site: Path) -> None:
    """Put the wheel where a process with ``site`` in its PYTHONPATH finds it."""
    _python("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile",
            "--disable-pip-version-check", "--target", str(site), str(wheel))  # fmt: skip


def packaged_connector(slug: str, folder: Path) -> Path:
    """A site folder with a package that brings the connector ``slug``, made by our own command."""
    source, site = folder / "source", folder / "site"
    _python("manage.py", "make_connector", slug, "--package", str(source))
    install(build_wheel(source, folder), site)
    return site


def _python(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.decode().rstrip('=')}"
