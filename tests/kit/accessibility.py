"""Asks axe whether a page can be used by everybody."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def violations(page: Any, *, only_colours: bool = False) -> list[str]:
    """One line for each rule of WCAG 2.2 AA that the page breaks, with the first element.

    ``only_colours`` is for a second look in another theme, where nothing else can differ.
    """
    options = COLOURS if only_colours else RULES
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {_first(rule['nodes'])}" for rule in found]


def _first(nodes: list[Any]) -> str:
    return f"{nodes[0]['html'][:160]} ({' '.join(nodes[0]['failureSummary'].split())})"
