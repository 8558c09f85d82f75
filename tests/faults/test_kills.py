"""Nothing lost, nothing doubled: the product is killed with SIGKILL while orders are in flight.

QuickBooks' memory of request ids is off, so only our own intents and probes prevent doubles, and
its answers are slow, so that many calls are under way whenever a process dies. ``CAUSEWAY_KILLS``
and ``CAUSEWAY_ORDERS`` make it longer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.town import Town, Victim, open_town, own_database, rage
from tests.kit import processes, servers

KILLS = int(os.environ.get("CAUSEWAY_KILLS", "4"))
ORDERS = int(os.environ.get("CAUSEWAY_ORDERS", "40"))
STACK = servers.chosen_stack(os.environ)
SEED = int(os.environ.get("CAUSEWAY_SEED", "7"))


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    env = {}
    if STACK == "production":
        request.getfixturevalue("django_db_setup")
        env["CAUSEWAY_DATABASE_URL"] = own_database()
        env["CAUSEWAY_REDIS_URL"] = f"{os.environ['CAUSEWAY_TEST_REDIS']}/40"
    made = open_town(tmp_path, env)
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.only_if(STACK == "embedded")
def test_one_invoice_per_order_while_the_embedded_product_is_killed(town: Town) -> None:
    url = town.env["CAUSEWAY_PUBLIC_URL"]
    log = town.folder / "product.log"
    town.victims = [
        Victim(
            "product",
            processes.python("manage.py", "up", "--no-sandbox"),
            lambda process: processes.wait_for_http(f"{url}/login", process, log),
        )
    ]
    verdict, seconds = rage(town, orders=ORDERS, kills=KILLS, longest_life_s=1.2, seed=SEED)
    print(f"\n{town.kills} kills, {verdict.orders} orders, settled in {seconds:.1f} s: {verdict}")
    assert verdict.orders == ORDERS
    assert verdict.good, verdict


@pytest.mark.only_if(STACK == "production")
def test_one_invoice_per_order_while_processes_of_a_production_stack_are_killed(
    town: Town,
) -> None:
    url = town.env["CAUSEWAY_PUBLIC_URL"]
    folder = town.folder
    command = processes.python("manage.py", "load_demo")
    done = processes.spawn(command, log=folder / "setup.log", env=town.env)
    assert done.wait(120) == 0, processes.tail(folder / "setup.log")
    web = [*processes.python("-m", "uvicorn"), "ipaas.asgi:application", "--port"]
    web += [town.env["CAUSEWAY_PORT"], "--log-level", "warning"]
    town.victims = [
        Victim(
            "web",
            web,
            lambda process: processes.wait_for_http(f"{url}/login", process, folder / "web.log"),
        ),
        *(
            Victim(name, processes.python("manage.py", *arguments), lambda process: None)
            for name, arguments in (
                ("worker1", ("work",)),
                ("worker2", ("work",)),
                ("scheduler", ("schedule",)),
            )
        ),
    ]
    kills, orders = max(4, KILLS // 2), max(40, ORDERS // 2)
    verdict, seconds = rage(town, orders=orders, kills=kills, longest_life_s=1.5, seed=SEED)
    print(f"\n{town.kills} kills, {verdict.orders} orders, settled in {seconds:.1f} s: {verdict}")
    assert verdict.orders == orders
    assert verdict.good, verdict
