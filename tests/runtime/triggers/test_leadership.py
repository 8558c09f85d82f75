"""One scheduler leads, and another follows: by its lease, by its end, and when it is killed."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from runtime.models import Lease
from runtime.workers.leadership import TERM, Leadership
from tests.kit import processes, servers
from tests.kit.waiting import until

STACK = servers.chosen_stack(os.environ)
both = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
Advance = Callable[..., datetime]


def marked(test: Any) -> Any:
    for mark in both:
        test = mark(test)
    return test


@marked
def test_one_of_many_that_ask_at_once_leads(virtual: Any) -> None:
    candidates = [Leadership(f"s{number}") for number in range(6)]
    leading: list[bool] = []
    lock = threading.Lock()

    def ask(candidate: Leadership) -> None:
        try:
            answer = candidate.leads()
            with lock:
                leading.append(answer)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(each,)) for each in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert leading.count(True) == 1
    assert Lease.objects.get().fence == 1


@marked
def test_a_leader_stays_while_it_asks_and_is_followed_when_it_is_silent(advance: Advance) -> None:
    old, new = Leadership("old"), Leadership("new")
    for _ in range(10):
        assert old.leads()
        assert not new.leads()
        advance(seconds=1)
    advance(seconds=TERM.total_seconds())
    assert new.leads()
    assert not old.leads()  # it comes back, and knows that it no longer leads
    assert (old.fence, new.fence) == (0, 2)


@marked
def test_a_leader_that_ends_hands_on_at_once(virtual: Any) -> None:
    old, new = Leadership("old"), Leadership("new")
    assert old.leads()
    old.resign()
    assert new.leads()


@marked
def test_a_lease_from_a_clock_far_ahead_does_not_last_for_ever(virtual: Any) -> None:
    old, new = Leadership("old"), Leadership("new")
    assert old.leads()
    Lease.objects.update(until=virtual.now() + timedelta(days=3))
    assert new.leads()


@pytest.fixture
def place_env(tmp_path: Path) -> dict[str, str]:
    """Settings of a production installation on a database of its own."""
    name = f"lead_{secrets.token_hex(4)}"
    server = os.environ["CAUSEWAY_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
        "CAUSEWAY_DATA_DIR": str(tmp_path / "data"),
        "CAUSEWAY_DATABASE_URL": f"{server.rsplit('/', 1)[0]}/{name}",
        "CAUSEWAY_REDIS_URL": f"{os.environ['CAUSEWAY_TEST_REDIS']}/41",
    }


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts processes and ends them."""
    running: list[Any] = []

    def start(name: str, env: dict[str, str], *command: str) -> Any:
        log = tmp_path / f"{name}.log"
        process = processes.spawn([sys.executable, "manage.py", *command], log=log, env=env)
        running.append(process)
        return process

    yield start
    for process in running:
        processes.stop(process)


@pytest.mark.both_stacks
@pytest.mark.only_if(STACK == "production")
def test_a_killed_leader_is_followed_within_ten_seconds(
    place_env: dict[str, str], started: Callable[..., Any]
) -> None:
    assert started("migrate", place_env, "migrate", "--verbosity", "0").wait(120) == 0
    schedulers = [started(f"s{number}", place_env, "schedule") for number in range(3)]
    with psycopg.connect(place_env["CAUSEWAY_DATABASE_URL"], autocommit=True) as database:

        def leader() -> tuple[str, int] | None:
            asked = "SELECT holder, fence FROM runtime_lease WHERE name = 'scheduler'"
            row = database.execute(asked).fetchone()
            return None if row is None or not row[0] else (row[0], row[1])

        holder, fence = until(leader, what="a leader", deadline_s=40)
        victim = next(each for each in schedulers if f":{each.pid}:" in holder)
        began = time.monotonic()
        processes.kill(victim)
        until(lambda: leader()[1] > fence, what="another leader", deadline_s=10)  # type: ignore[index]
        assert time.monotonic() - began < 10
        assert leader()[0] != holder  # type: ignore[index]
