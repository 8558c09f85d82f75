"""The short form of the storm: what ``make faults`` does for minutes, in seconds."""

from __future__ import annotations

import os
from pathlib import Path

from tests.faults.yard.stacks import storm
from tests.kit import servers

SECONDS = float(os.environ.get("CAUSEWAY_STORM_S", "12"))
STACK = servers.chosen_stack(os.environ)


def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    raging = storm(tmp_path, STACK, SECONDS)
    verdict = raging.rage()
    print(f"\n{verdict.kills} kills, {verdict.events} events, settled in {verdict.settled_s} s")
    assert verdict.good, raging.as_json()
    assert verdict.kills > SECONDS / 4
    assert verdict.events > SECONDS
