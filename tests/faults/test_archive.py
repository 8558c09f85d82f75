"""Documents on their way to the object store, and back: killed at every point and at any instant.

No document is lost and none unreadable at any time; no object is left that no row knows of.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from ipaas.core import clock
from runtime.archive import mover, packs
from runtime.effects import payloads
from runtime.models import Pack, Payload
from tests.faults.test_points import commits, points, sources
from tests.kit import processes, servers
from tests.kit.object_store import ObjectStore, object_store
from tests.kit.played import Stage, make_stage

KILLED = -signal.SIGKILL
LEASE_S = mover.LEASE.total_seconds() + 1
DAYS_S = 3 * 86_400.0
LONG = bool(os.environ.get("CAUSEWAY_LONG"))  # set by ``make faults``
EMBEDDED = servers.chosen_stack(os.environ) == "embedded"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_if(LONG or EMBEDDED)]
KILLS = int(os.environ.get("CAUSEWAY_KILLS", "6"))  # at any instant
SHORT = {"archive.after_reply", "archive.moved.before_commit", "archive.after_remove",
         "archive.returned.after_commit"}  # fmt: skip


def places() -> list[str]:
    """Every point of the archive, as its sources say."""
    here = [(name, tree) for name, tree in sources() if name.startswith("runtime/archive/")]
    names = {name for name in commits() if name.startswith("archive.")}
    around = {f"{name}.{when}_commit" for name in names for when in ("before", "after")}
    return sorted(around.union(*(points(tree) for _, tree in here)))


class Archive:
    """A workspace's documents, the store, and a process that carries them and may die."""

    def __init__(self, stage: Stage, store: ObjectStore, folder: Path) -> None:
        self.stage, self.store = stage, store
        self.kept: dict[str, Any] = {}
        env = {
            "DJANGO_SETTINGS_MODULE": "ipaas.settings",
            "CAUSEWAY_DATA_DIR": str(folder / "data"),
            "CAUSEWAY_STORAGE_URL": django_settings.STORAGE_URL,
            "CAUSEWAY_STORAGE_ENDPOINT": store.endpoint,
            "CAUSEWAY_STORAGE_REGION": "us-east-1",
            "CAUSEWAY_STORAGE_AFTER_S": "60",
        }
        database = str(connection.settings_dict["NAME"])
        self._process = subprocess.Popen(
            processes.python("-m", "tests.faults.yard.archivist", database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=processes.ROOT,
            env={**os.environ, **env},
        )
        assert self._line() == "ready"

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def write(self, count: int) -> list[str]:
        """Names of new documents, written now."""
        box = payloads.PayloadBox(self.stage.workspace_id)
        made = {}
        for number in range(len(self.kept), len(self.kept) + count):
            document = {"number": number, "text": f"line {number} " * 40}
            made[box.keep(document)] = document
        payloads.write(box.rows())
        self.kept |= made
        return list(made)

    def forget(self, names: list[str]) -> None:
        """Remove documents, as retention does."""
        Payload.objects.filter(workspace_id=self.stage.workspace_id, digest__in=names).delete()
        for name in names:
            del self.kept[name]

    def carry(self, do: str, at: str = "", after_s: float | None = None) -> int:
        """Have it done in a process that dies at a point, or after some time; how it ended."""
        assert self._process.stdin is not None
        skipped_s = self.stage.later.skipped.total_seconds()
        faults = f"{at}=kill" if at else ""
        order = {"do": do, "faults": faults, "skipped_s": skipped_s, "after_s": after_s}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def judge(self) -> None:
        """Every document is there and says what it said; every object has its row."""
        found = payloads.load(self.stage.workspace_id, self.kept)
        assert found == self.kept
        known = {f"causeway/{packs.name_of(p.workspace_id, p.id)}" for p in Pack.objects.all()}
        assert set(self.store.names()) <= known, "an object that nobody will ever take away"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def archive(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Archive]:
    with object_store(settings, monkeypatch) as store:
        stage = make_stage()
        made = Archive(stage, store, tmp_path)
        with clock.use(stage.later):
            yield made
        made.stop()
        stage.worker.close()


def life(archive: Archive, at: str) -> int:
    """All that ever happens to documents, with a death at a point wherever it comes; how many."""
    stage, deaths = archive.stage, 0

    def happens(do: str) -> None:
        nonlocal deaths
        ended = archive.carry(do, at)
        assert ended in (0, KILLED)
        archive.judge()
        if ended == KILLED:
            deaths += 1
            stage.skip(LEASE_S)
            assert archive.carry(do) == 0
            archive.judge()

    names = archive.write(30)
    stage.skip(120)
    happens("move")
    assert not Payload.objects.filter(pack_id="").exists()
    archive.forget(names[4:])
    archive.write(5)
    stage.skip(DAYS_S)
    happens("tidy")  # what is left of the first object moves to another one
    stage.skip(DAYS_S)
    happens("tidy")  # the first one, and what was cut off, is emptied
    stage.skip(DAYS_S)
    happens("tidy")  # and goes
    happens("bring_back")
    assert not Payload.objects.exclude(pack_id="").exists()
    mover.require()
    for _ in range(2):
        stage.skip(DAYS_S)
        happens("tidy")
    assert archive.store.names() == []
    assert not Pack.objects.exists()
    archive.forget(list(archive.kept))
    return deaths


def test_a_death_at_any_point_of_the_archive_loses_no_document(archive: Archive) -> None:
    everywhere = places()
    assert set(everywhere) >= SHORT
    never = []
    for at in everywhere if LONG else sorted(SHORT):
        if not life(archive, at):
            never.append(at)
        assert archive.carry("move_again") == 0
    assert never == [], "points that this test never comes to"


def test_deaths_at_any_instant_lose_no_document(archive: Archive) -> None:
    chance = random.Random(7)
    archive.write(20)
    archive.stage.skip(LEASE_S)
    began = time.monotonic()
    assert archive.carry("move") == 0
    undisturbed_s = time.monotonic() - began
    number = deaths = 0
    while (number := number + 1) <= KILLS or deaths <= KILLS / 5:
        assert number <= 10 * KILLS, "they all end before they can die"
        archive.write(20)
        archive.stage.skip(LEASE_S)
        if number % 4 == 3:
            archive.forget(chance.sample(list(archive.kept), len(archive.kept) // 2))
            archive.stage.skip(DAYS_S)
        do = chance.choice(("move", "move", "tidy", "bring_back"))
        if do == "move":
            archive.carry("move_again")
        deaths += archive.carry(do, after_s=chance.uniform(0.0, undisturbed_s)) == KILLED
        archive.judge()
    archive.stage.skip(LEASE_S)
    assert archive.carry("bring_back") == 0
    archive.judge()
    assert not Payload.objects.exclude(pack_id="").exists()
    print(f"\n{deaths} deaths, {len(archive.kept)} documents")
