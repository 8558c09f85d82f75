"""The longest tests come first, so that those who share the cores end together."""

from __future__ import annotations

from typing import Any

LONGEST = ("test_storm.py", "test_kills.py", "test_drain.py", "test_recovery.py")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Tests of other folders stay where they are, in front."""
    items.sort(key=_place)


def _place(item: Any) -> int:
    if item.path.parent.name != "faults":
        return -1
    name = item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
