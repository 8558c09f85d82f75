"""The database is full: only what is kept is acknowledged, and all goes on when there is room."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from ipaas.core import clock
from runtime import store
from runtime.models import Event
from tests.faults.yard.scene import Scene, scene
from tests.kit import servers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.only_if(servers.chosen_stack(os.environ) == "embedded"),
]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


@contextmanager
def no_room() -> Iterator[None]:
    """This connection's database may not grow by a page."""
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        most = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")


def test_a_full_disk_costs_time_and_no_paper(played: Scene) -> None:
    played.publish_post("post_searched")
    acknowledged = [f"before{n}" for n in range(5)]
    for name in acknowledged:
        played.bring(name)
    with no_room():
        for number in range(500):
            name = f"full{number}"
            try:
                played.bring(name, filler=secrets.token_hex(2_000))
            except OperationalError:
                break
            acknowledged.append(name)
        else:
            raise AssertionError("the disk was never full")
        assert Event.objects.count() == len(acknowledged), "acknowledged is kept, and only that"
        with clock.use(played.stage.later):
            try:
                played.stage.worker.work_once(8)
            except OperationalError:
                pass  # not even a claim could be written
        refused = name
    played.stage.skip(store.LEASE.total_seconds() + 1)
    played.bring(refused)  # its sender tries again
    played.play()
    assert {name: played.papers(name) for name in (*acknowledged, refused)} == dict.fromkeys(
        (*acknowledged, refused), 1
    )
    assert set(played.statuses()) == {"succeeded"}
