"""The short form of the storm: what ``make faults`` does for minutes, in seconds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.yard.stacks import storm
from tests.kit import servers

SECONDS = float(os.environ.get("CAUSEWAY_STORM_S", "9"))
LONG = bool(os.environ.get("CAUSEWAY_LONG"))  # set by ``make faults``
STACK = servers.chosen_stack(os.environ)


def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    raging = storm(tmp_path, STACK, SECONDS)
    verdict = raging.rage()
    print(f"\n{verdict.kills} kills, {verdict.events} events, settled in {verdict.settled_s} s")
    assert verdict.good, raging.as_json()
    assert verdict.read_back > SECONDS, "a backfill was read meanwhile"
    assert verdict.kills >= max(2, SECONDS // 6)  # a start takes seconds where others work too
    assert verdict.events > SECONDS


@pytest.mark.only_if(LONG)
def test_the_judge_of_a_storm_notices_a_product_without_intents(tmp_path: Path) -> None:
    """The same storm over a product that sends without saying so first; see test_broken for more
    variants, each with the play that notices it."""
    raging = storm(tmp_path, STACK, 10, faults="intent=skip", deadline_s=15)
    verdict = raging.rage()
    print(f"\n{verdict.kills} kills, {len(verdict.doubled)} doubled")
    assert verdict.doubled, "nothing was doubled, so the storm proves nothing"
    assert not verdict.good
