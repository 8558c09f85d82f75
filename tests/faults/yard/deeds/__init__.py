"""Everything that the runtime commits or sends, as plays of one deed each.

``prepare`` and ``check`` run in the test; ``do`` in a process that may die of it, and again in one
that does not. ``check`` says whether all ended as if nothing had died. A play may be done in any
order and as often as wanted: each has a workspace of its own.
"""

from __future__ import annotations

from tests.faults.yard.deeds import many, records, runs, triggers
from tests.faults.yard.deeds.play import DEEDS, Deed

__all__ = ["DEEDS", "Deed", "many", "records", "runs", "triggers"]
