"""The vendors of this installation: the sandboxes of built-in and of packaged connectors."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from importlib.metadata import entry_points
from pathlib import Path

from connectors.sandbox_kit.vendor import Vendor

_CATALOG = Path(__file__).resolve().parent.parent / "catalog"
_log = logging.getLogger(__name__)


def find_vendors() -> tuple[dict[str, Vendor], list[str]]:
    """Vendors by slug, and one sentence for each that could not be loaded.

    A broken sandbox must not take the others with it.
    """
    vendors: dict[str, Vendor] = {}
    problems: list[str] = []
    for slug, package in _packages().items():
        try:
            vendor = importlib.import_module(f"{package}.sandbox").VENDOR
        except Exception as error:
            _log.exception("The sandbox of %s does not load", slug)
            problems.append(f"The sandbox of {slug} does not load: {error}")
        else:
            vendors[vendor.slug] = vendor
    return vendors, problems


def _packages() -> dict[str, str]:
    """Package of each connector that has a sandbox, by slug; built-in ones come first."""
    found = {
        path.parent.parent.name: f"connectors.catalog.{path.parent.parent.name}"
        for path in sorted(_CATALOG.glob("*/sandbox/__init__.py"))
    }
    for entry in entry_points(group="ipaas.connectors"):
        try:
            spec = importlib.util.find_spec(entry.module)
        except (ImportError, ValueError):
            continue
        for location in (spec and spec.submodule_search_locations) or ():
            if (Path(location) / "sandbox" / "__init__.py").is_file():
                found.setdefault(entry.name, entry.module)
    return found
