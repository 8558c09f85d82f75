"""A deploy: workers are asked to end while calls are under way; others go on, no call is lost."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.town import Town, Victim, judge, open_town, own_database
from tests.kit import processes, servers
from tests.kit.waiting import until

pytestmark = pytest.mark.only_if(servers.chosen_stack(os.environ) == "production")


@pytest.fixture
def town(tmp_path: Path, django_db_setup: None) -> Iterator[Town]:
    made = open_town(
        tmp_path,
        {
            "CAUSEWAY_DATABASE_URL": own_database(),
            "CAUSEWAY_REDIS_URL": f"{os.environ['CAUSEWAY_TEST_REDIS']}/41",
        },
    )
    try:
        yield made
    finally:
        made.stop()


def rows(town: Town, statement: str) -> list[Any]:
    with psycopg.connect(town.env["CAUSEWAY_DATABASE_URL"], autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def start(town: Town, name: str, *command: str) -> subprocess.Popen[bytes]:
    victim = Victim(name, processes.python(*command), lambda process: None)
    town.victims.append(victim)
    town.start(victim)
    assert victim.process is not None
    return victim.process


def manage(town: Town, *command: str) -> None:
    log = town.folder / "commands.log"
    done = processes.spawn(processes.python("manage.py", *command), log=log, env=town.env)
    assert done.wait(150) == 0, processes.tail(log)


def by_signal(town: Town, worker: subprocess.Popen[bytes]) -> None:
    os.kill(worker.pid, signal.SIGTERM)


def by_command(town: Town, worker: subprocess.Popen[bytes]) -> None:
    [(name,)] = rows(town, f"SELECT id FROM runtime_process WHERE pid = {worker.pid}")
    manage(town, "drain", "--process", name, "--wait-s", "60")


# How many orders, and how slow the books: a command takes its time until a worker hears of it.
WAYS = [(by_signal, 24, 0.4), (by_command, 60, 2.0)]
WAYS = WAYS if os.environ.get("CAUSEWAY_LONG") else WAYS[:1]


@pytest.mark.parametrize(("way", "orders", "slow_s"), WAYS)
def test_a_worker_that_is_drained_answers_its_calls_and_leaves_the_rest_to_others(
    town: Town, way: Callable[[Town, subprocess.Popen[bytes]], None], orders: int, slow_s: float
) -> None:
    manage(town, "load_demo")
    web = ["-m", "uvicorn", "ipaas.asgi:application", "--port", town.env["CAUSEWAY_PORT"]]
    served = start(town, "web", *web, "--log-level", "warning")
    url, log = f"{town.env['CAUSEWAY_PUBLIC_URL']}/login", town.folder / "web.log"
    processes.wait_for_http(url, served, log)
    start(town, "scheduler", "manage.py", "schedule")
    worker = start(town, "worker1", "manage.py", "work")
    town.control("PUT", "quickbooks/settings", {"slow_s": slow_s, "calls_per_minute": 0})
    town.control("PUT", "quickbooks/faults/slow", {"active": True})
    known = [order["entity_id"] for order in town.records("magento", "order")]
    first = max(known, default=0) + 1
    town.place(orders, seed=3)
    flying = "SELECT count(*) FROM runtime_effect WHERE state = 'intended'"
    until(lambda: rows(town, flying)[0][0] > 0, what="writes under way", deadline_s=60)

    way(town, worker)

    assert worker.wait(150) == 0, "it ends within its grace: no call lives longer"
    left = rows(town, "SELECT count(*) FROM runtime_run WHERE status <> 'succeeded'")[0][0]
    assert left > 0, "it ended before its work was done"
    assert rows(town, "SELECT count(*) FROM runtime_run WHERE owner <> ''")[0][0] == 0
    town.control("PUT", "quickbooks/faults/slow", {"active": False})
    start(town, "worker2", "manage.py", "work")
    until(lambda: not judge(town, first).missing, what="all invoices", deadline_s=90, every_s=0.3)
    verdict = judge(town, first)
    assert verdict.orders == orders
    assert verdict.good, verdict
    unsure = "SELECT outcome FROM runtime_attempt WHERE purpose <> 'send' OR outcome <> 'ok'"
    assert rows(town, unsure) == [], "nobody had to search for anything"
