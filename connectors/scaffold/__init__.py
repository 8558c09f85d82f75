"""A folder for a new connector that passes the tests of every connector at once."""

from __future__ import annotations

import re
from pathlib import Path

from ipaas.core.errors import Conflict, Unprocessable

TEMPLATE = Path(__file__).resolve().parent / "template"


class SlugInvalid(Unprocessable):
    """That cannot be the name of a connector."""

    code = "connector.slug_invalid"


class FolderTaken(Conflict):
    """There is something already where the connector would go."""

    code = "connector.folder_taken"


def make_connector(slug: str, into: Path, *, name: str = "") -> Path:
    """Folder ``into/slug`` with manifest, schema, sandbox, tests, README and icon."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", slug):
        raise SlugInvalid(
            f"“{slug}” cannot be the name of a connector.",
            hint="Use small letters, digits and _, beginning with a letter.",
        )
    folder = into / slug
    if folder.exists():
        raise FolderTaken(f"{folder} exists already.", hint="Choose another name.")
    title = name or slug.replace("_", " ").title()
    pascal = "".join(part.title() for part in slug.split("_"))
    for source in sorted(TEMPLATE.rglob("*.tmpl")):
        target = folder / source.relative_to(TEMPLATE).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8").replace("AcmeSandbox", f"{pascal}Sandbox")
        text = text.replace("X-Acme-", f"X-{pascal}-").replace("Acme", title)
        target.write_text(text.replace("acme", slug), encoding="utf-8")
    return folder


def make_package(slug: str, into: Path, *, name: str = "") -> Path:
    """A package of its own around such a folder: it can be installed beside Causeway."""
    package = into / f"causeway_{slug}"
    folder = make_connector(slug, package, name=name)
    (package / "__init__.py").touch()
    (into / "pyproject.toml").write_text(
        f"""\
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "causeway-{slug.replace("_", "-")}"
version = "0.1.0"
description = "Connector of Causeway."

[project.entry-points."ipaas.connectors"]
{slug} = "causeway_{slug}.{slug}"

[tool.setuptools.packages.find]
include = ["causeway_{slug}*"]

[tool.setuptools.package-data]
"*" = ["*.yaml", "*.json", "*.svg", "*.md"]
""",
        encoding="utf-8",
    )
    return folder
