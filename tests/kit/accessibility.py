"""Asks axe whether a page can be used by everybody."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
_SCRIPT = Axe().axe_script
# What passed is left in the page: describing all of it takes longer than looking at it.
_LOOK = """options => axe.run(document, options).then(({violations}) => violations.map(
  rule => `${rule.id}: ${rule.nodes[0].html.slice(0, 160)} (${
    rule.nodes[0].failureSummary.split(/\\s+/).join(' ').trim()})`))"""


def violations(page: Any, *, only_colours: bool = False) -> list[str]:
    """One line for each rule of WCAG 2.2 AA that the page breaks, with the first element.

    ``only_colours`` is for a second look in another theme, where nothing else can differ.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SCRIPT)
    found: list[str] = page.evaluate(
        _LOOK,
        {
            "runOnly": COLOURS if only_colours else RULES,
            "resultTypes": ["violations"],
            "preload": False,
        },
    )
    return found
