"""The vendors of this installation: every connectors/catalog/<slug>/sandbox package."""

from __future__ import annotations

import importlib
import logging
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
    for folder in sorted(_CATALOG.glob("*/sandbox/__init__.py")):
        slug = folder.parent.parent.name
        try:
            vendor = importlib.import_module(f"connectors.catalog.{slug}.sandbox").VENDOR
        except Exception as error:
            _log.exception("The sandbox of %s does not load", slug)
            problems.append(f"The sandbox of {slug} does not load: {error}")
        else:
            vendors[vendor.slug] = vendor
    return vendors, problems
