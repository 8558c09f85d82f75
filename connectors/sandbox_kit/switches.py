"""Which faults of a vendor are on, and which call each of them hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox_kit.ledger import Ledger

FAULT_SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
  name TEXT PRIMARY KEY, remaining INTEGER, match TEXT NOT NULL, skip INTEGER NOT NULL);
"""


class FaultSwitches:
    """Which faults are on; kept in the ledger, held in memory because every call asks."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._on: dict[str, tuple[int | None, str, int]] = {
            name: (remaining, match, skip)
            for name, remaining, match, skip in ledger.execute("SELECT * FROM fault")
        }

    def switch_on(
        self, name: str, *, times: int | None = None, match: str = "", skip: int = 0
    ) -> None:
        """Hit ``times`` calls (None: until off) whose path contains ``match``, after ``skip``."""
        self._keep(name, (times, match, skip))

    def switch_off(self, name: str) -> None:
        self._keep(name, None)

    def clear(self) -> None:
        self._on.clear()
        self._ledger.execute("DELETE FROM fault")

    def state(self, name: str) -> tuple[bool, int | None]:
        """Whether it is on, and how many calls it will still hit (None: until off)."""
        switch = self._on.get(name)
        return (True, switch[0]) if switch else (False, None)

    def take(self, name: str, path: str = "") -> bool:
        """True if this call is hit; counts it."""
        switch = self._on.get(name)
        if switch is None:
            return False
        remaining, match, skip = switch
        if match and match.lower() not in path.lower():
            return False
        if skip:
            self._keep(name, (remaining, match, skip - 1))
            return False
        if remaining is not None:
            self._keep(name, (remaining - 1, match, 0) if remaining > 1 else None)
        return True

    def _keep(self, name: str, switch: tuple[int | None, str, int] | None) -> None:
        if switch is None:
            self._on.pop(name, None)
            self._ledger.execute("DELETE FROM fault WHERE name = ?", (name,))
        else:
            self._on[name] = switch
            self._ledger.execute(
                "INSERT OR REPLACE INTO fault VALUES (?, ?, ?, ?)", (name, *switch)
            )
