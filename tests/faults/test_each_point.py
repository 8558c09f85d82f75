"""A process dies at every point of the runtime, one by one, and all ends as if it had not.

Which points a deed passes is found by doing it; a point that no deed passes fails the test. The
short form has one death a deed, on SQLite.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from ipaas.core import clock
from runtime import faults, store
from tests.faults.test_points import commits
from tests.faults.yard.deeds import DEEDS, Deed
from tests.faults.yard.scene import Scene, scene
from tests.kit import processes, servers

LONG = bool(os.environ.get("CAUSEWAY_LONG"))  # set by ``make faults``
EMBEDDED = servers.chosen_stack(os.environ) == "embedded"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.only_if(LONG or EMBEDDED),
    pytest.mark.xdist_group("each_point"),  # the last test asks what the others have passed
]
KILLED = -signal.SIGKILL
LATER_S = 130.0  # longer than every lease
# The archive has a test of its own: it needs an object store.
ELSEWHERE = {name for name in commits() if name.startswith("archive.")}
# Given to ``faults.commits`` as an argument.
NAMED = {"retention.journals", "retention.runs"}


def every_point() -> set[str]:
    """All points of all commits and sends."""
    names = (set(commits()) | NAMED) - ELSEWHERE
    found = {f"{name}.{when}_commit" for name in names for when in ("before", "after")}
    found |= {f"{send}.{part}" for send in faults.SENDS for part in ("before_send", "after_reply")}
    return found | {"door.before_send", "door.after_send"}


class Theatre:
    """A process whose children do deeds."""

    def __init__(self, folder: Path) -> None:
        env = {"DJANGO_SETTINGS_MODULE": "ipaas.settings", "CAUSEWAY_DATA_DIR": str(folder)}
        database = str(connection.settings_dict["NAME"])
        self._process = subprocess.Popen(
            processes.python("-m", "tests.faults.yard.theatre", database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=processes.ROOT,
            env={**os.environ, **env},
        )
        assert self._line() == "ready"

    def does(
        self, it: Scene, deed: Deed, given: dict[str, Any], *, dies_at: str = ""
    ) -> tuple[int, list[str]]:
        """How a child ended that did it, and what it passed if nothing was to happen to it."""
        stage = it.stage
        place = {"id": stage.workspace_id, "slug": stage.slug, "owner": stage.owner.get_username()}
        order = {
            "deed": deed.name,
            "given": {**place, **given},
            "faults": f"{dies_at}=kill" if dies_at else "",
            "skipped_s": stage.later.skipped.total_seconds(),
            "vendor": it.url,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._line())
        return told["ended"], told["passed"]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture(scope="module")
def theatre(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Theatre]:
    made = Theatre(tmp_path_factory.mktemp("theatre"))
    yield made
    made.close()


PASSED: dict[str, list[str]] = {}  # points by deed


@pytest.mark.parametrize("deed", DEEDS.values(), ids=lambda deed: deed.name)
def test_a_deed_ends_well_wherever_its_process_dies(
    theatre: Theatre, settings: Any, deed: Deed
) -> None:
    """First nothing happens to it; then it dies at each point that no deed before it has died at,
    and is done again by another process."""
    with scene(settings) as it:
        given = deed.prepare(it)
        with clock.use(it.stage.later):
            ended, passed = theatre.does(it, deed, given)
            assert ended == 0
            assert deed.check(it, given)
    known = {point for points in PASSED.values() for point in points}
    PASSED[deed.name] = passed
    points = sorted(every_point().intersection(passed) - known)
    for point in points if LONG else points[-1:]:  # a death before a commit says most
        _flush()
        with scene(settings) as it:
            given = deed.prepare(it)
            with clock.use(it.stage.later):
                assert theatre.does(it, deed, given, dies_at=point)[0] == KILLED, point
                it.stage.skip(LATER_S)
                assert theatre.does(it, deed, given)[0] == 0, point
                assert deed.check(it, given), f"it died at {point}"


def test_no_point_is_left_out() -> None:
    passed = {point for points in PASSED.values() for point in points}
    if len(PASSED) < len(DEEDS):
        pytest.skip("only some of the deeds were done")
    assert every_point() - passed == set()
    assert store.LEASE.total_seconds() < LATER_S


def _flush() -> None:
    """Nothing of the scene before is left."""
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
