"""Who may import whom, beyond the layers that ``lint-imports`` checks."""

from __future__ import annotations

from fnmatch import fnmatch
from functools import cache

import grimp

APPS = ("ipaas.tenancy", "connectors", "runtime", "designer")

# What an app shows to the apps above it. Everything else of it is its own business.
DOORS = {
    "ipaas.tenancy": [
        "ipaas.tenancy.facade",
        "ipaas.tenancy.access",
        "ipaas.tenancy.api",
        "ipaas.tenancy.audit",
        "ipaas.tenancy.fields",
        "ipaas.tenancy.paging",
        "ipaas.tenancy.sockets",
    ],
    "connectors": ["connectors.facade"],
    "runtime": ["runtime.facade", "runtime.graph", "runtime.graph.*"],
    "designer": ["designer.facade"],
}
# The table of addresses and the server's door put the apps together.
ASSEMBLY = {"ipaas.urls", "ipaas.asgi", "ipaas.settings"}


@cache
def graph() -> grimp.ImportGraph:
    """All imports between our modules, and to packages of others."""
    return grimp.build_graph(
        "ipaas", "connectors", "runtime", "designer", include_external_packages=True
    )


def app_of(module: str) -> str:
    """The app a module belongs to, or an empty text."""
    for app in APPS:
        if module == app or module.startswith(f"{app}."):
            return app
    return ""


def imports() -> list[tuple[str, str]]:
    """Every (importer, imported) pair."""
    return [
        (importer, imported)
        for importer in sorted(graph().modules)
        for imported in sorted(graph().find_modules_directly_imported_by(importer))
    ]


def test_another_app_comes_in_by_its_door() -> None:
    through_the_wall = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if importer not in ASSEMBLY
        and app_of(imported)
        and app_of(importer) != app_of(imported)
        and not any(fnmatch(imported, door) for door in DOORS[app_of(imported)])
    ]
    assert through_the_wall == [], "add what is needed to the other app's facade"


def test_hooks_of_a_connector_know_the_sdk_only() -> None:
    assert _strangers("hooks", {"connectors.sdk", "ipaas.core"}) == []


def test_a_sandbox_is_written_without_looking_at_the_connector() -> None:
    assert _strangers("sandbox", {"connectors.sandbox_kit", "ipaas.core"}) == []


def test_a_connector_is_imported_by_nobody() -> None:
    found = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if imported.startswith("connectors.catalog.")
        and importer.split(".")[:3] != imported.split(".")[:3]
    ]
    assert found == [], "built-in connectors are found by looking into the folder"


def _strangers(part: str, allowed: set[str]) -> list[str]:
    ours = ("ipaas", "connectors", "runtime", "designer")
    return [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if fnmatch(importer, f"connectors.catalog.*.{part}")
        or fnmatch(importer, f"connectors.catalog.*.{part}.*")
        if imported.split(".")[0] in ours
        and not imported.startswith(".".join([*importer.split(".")[:3], part]))
        and not any(imported == door or imported.startswith(f"{door}.") for door in allowed)
    ]
