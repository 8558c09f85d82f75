"""How soon others go on with what a killed worker held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from ipaas.core import clock
from runtime import store
from tests.faults.yard.scene import Scene, scene
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
RUNS = 20
WITHIN_S = 15.0


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def test_the_runs_of_a_killed_worker_go_on_within_fifteen_seconds(played: Scene) -> None:
    played.publish_post("post_searched")
    for number in range(RUNS):
        played.bring(f"p{number}")
    assert len(store.claim(RUNS, "killed")) == RUNS
    began_s = clock.monotonic_s()
    done = threading.Event()

    def carry() -> None:
        try:
            while not done.wait(0.05):
                played.stage.worker.work_once(32)
        finally:
            connection.close()

    carrier = threading.Thread(target=carry)
    carrier.start()
    try:
        until(
            lambda: played.statuses() == ["succeeded"] * RUNS,
            what="all runs to end",
            deadline_s=60,
        )
    finally:
        done.set()
        carrier.join(10)
    took_s = clock.monotonic_s() - began_s
    print(f"\n{RUNS} runs of a killed worker had ended after {took_s:.1f} s")
    assert took_s < WITHIN_S
    assert all(played.papers(f"p{number}") == 1 for number in range(RUNS))
