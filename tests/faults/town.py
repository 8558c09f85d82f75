"""A shop, its books, and a product between them that is killed again and again.

The sandboxes run in a process of their own and are never killed: their ledgers are the judge.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import urllib3
from django.db import connection

from ipaas.core import jsonio
from tests.kit import processes
from tests.kit.waiting import until

INSTANCE = "demo"
_http = urllib3.PoolManager(retries=False, timeout=20)


@dataclass
class Victim:
    """One process of the product, started again whenever it was killed."""

    name: str
    command: list[str]
    ready: Callable[[subprocess.Popen[bytes]], None]
    process: subprocess.Popen[bytes] | None = None


@dataclass
class Town:
    """Sandboxes, and the processes of the product."""

    folder: Path
    env: dict[str, str]
    sandbox_url: str
    sandbox: subprocess.Popen[bytes]
    victims: list[Victim] = field(default_factory=list)
    kills: int = 0

    def start(self, victim: Victim) -> None:
        """Start a process of the product and wait until it is ready."""
        log = self.folder / f"{victim.name}.log"
        victim.process = processes.spawn(victim.command, log=log, env=self.env)
        victim.ready(victim.process)

    def kill(self, victim: Victim) -> None:
        """SIGKILL, from outside, without a word."""
        assert victim.process is not None
        os.killpg(victim.process.pid, signal.SIGKILL)
        victim.process.wait()
        self.kills += 1

    def stop(self) -> None:
        """End everything."""
        for victim in self.victims:
            if victim.process is not None:
                processes.stop(victim.process)
        processes.stop(self.sandbox)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The sandboxes' control API."""
        answer = _http.request(
            method,
            f"{self.sandbox_url}/_control/{INSTANCE}/{path}",
            body=jsonio.dumps(body) if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.data
        return jsonio.loads(answer.data)

    def place(self, count: int, seed: int) -> None:
        """So many random orders; the shop announces each until somebody acknowledges it."""
        self.control("POST", "magento/orders", {"random": True, "count": count, "seed": seed})

    def records(self, vendor: str, entity: str) -> list[dict[str, Any]]:
        """All records of a ledger."""
        found: list[dict[str, Any]] = []
        while True:
            path = f"{vendor}/records/{entity}?offset={len(found)}&limit=500"
            page = self.control("GET", path)
            found.extend(page["items"])
            if len(found) >= page["total"]:
                return found

    def undelivered(self) -> int:
        """Webhooks that nobody has acknowledged yet."""
        counts = self.control("GET", "magento/webhooks")
        return int(counts["pending"])

    def refused(self) -> int:
        """Webhooks that were sent, refused, and will be sent again."""
        rows = self.control("GET", "magento/webhooks")["items"]
        return sum(row["state"] == "pending" and row["attempts"] > 0 for row in rows)


@dataclass(frozen=True)
class Verdict:
    """What the ledgers say."""

    orders: int
    missing: list[str]
    double: list[str]
    wrong_total: list[str]

    @property
    def good(self) -> bool:
        """One invoice per order, each to the cent."""
        return not (self.missing or self.double or self.wrong_total)


def judge(town: Town, first_order: int) -> Verdict:
    """Compare the shop's orders, from entity id ``first_order`` on, with the books' invoices."""
    orders = [o for o in town.records("magento", "order") if o["entity_id"] >= first_order]
    invoices = town.records("quickbooks", "Invoice")
    counted = Counter(invoice.get("DocNumber") for invoice in invoices)
    totals = {invoice.get("DocNumber"): invoice["TotalAmt"] for invoice in invoices}
    numbers = {order["increment_id"]: order["grand_total"] for order in orders}
    return Verdict(
        len(orders),
        [number for number in numbers if counted[number] == 0],
        [number for number in numbers if counted[number] > 1],
        [
            number
            for number, total in numbers.items()
            if number in totals and Decimal(str(totals[number])) != Decimal(str(total))
        ],
    )


def own_database() -> str:
    """Address of a new database with all tables, beside the one of the tests, whose copy it is.

    Nobody may be connected to the original meanwhile. Needs the fixture ``django_db_setup``.
    """
    name, original = f"town_{secrets.token_hex(4)}", connection.settings_dict["NAME"]
    server = os.environ["CAUSEWAY_DATABASE_URL"]
    connection.close()
    connection.close_pool()
    with psycopg.connect(server, autocommit=True) as wire:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        wire.execute(others, [original])
        wire.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    return f"{server.rsplit('/', 1)[0]}/{name}"


def open_town(folder: Path, env: dict[str, str]) -> Town:
    """Sandboxes of their own, and no product yet."""
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "sandbox.log"
    sandbox = processes.spawn(
        processes.python(
            "-m", "connectors.sandbox_kit", "--port", str(port), "--data", str(folder / "ledgers")
        ),
        log=log,
    )
    processes.wait_for_http(f"{url}/_control/health", sandbox, log)
    web_port = processes.free_port()
    own = {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
        "CAUSEWAY_DATA_DIR": str(folder / "data"),
        "CAUSEWAY_PORT": str(web_port),
        "CAUSEWAY_PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "CAUSEWAY_SANDBOX_URL": url,
        "CAUSEWAY_DATABASE_URL": "",
        "CAUSEWAY_REDIS_URL": "",
        "CAUSEWAY_SECRET_KEY": secrets.token_hex(24),
        **env,
    }
    return Town(folder, own, url, sandbox)


def rage(
    town: Town, *, orders: int, kills: int, longest_life_s: float, seed: int
) -> tuple[Verdict, float]:
    """Place orders while processes die at random instants; the verdict, and seconds to settle."""
    chance = random.Random(seed)
    for victim in town.victims:
        town.start(victim)
    town.control("PUT", "quickbooks/faults/requestid_memory_off", {"active": True})
    # The vendor's limit of calls a minute is the matter of another test.
    town.control("PUT", "quickbooks/settings", {"slow_s": 0.15, "calls_per_minute": 0})
    town.control("PUT", "quickbooks/faults/slow", {"active": True})
    known = [order["entity_id"] for order in town.records("magento", "order")]
    first = max(known, default=0) + 1
    left = orders
    for number in range(kills):
        batch = left // (kills - number)
        if batch:
            town.place(batch, seed=seed * 1000 + number)
            left -= batch
        victim = chance.choice(town.victims)
        time.sleep(chance.uniform(0, longest_life_s))
        town.kill(victim)
        town.start(victim)
    if left:
        town.place(left, seed=seed * 1000 + kills)
    town.control("PUT", "quickbooks/faults/slow", {"active": False})
    began = time.monotonic()
    until(lambda: town.undelivered() == 0, what="webhooks delivered", deadline_s=90, every_s=0.2)

    def settled() -> Verdict | None:
        verdict = judge(town, first)
        return verdict if not verdict.missing else None

    # Those who die every second get little done: most of the work is still before them.
    patience_s = 90 + orders
    try:
        until(settled, what="one invoice per order", deadline_s=patience_s, every_s=0.5)
    except AssertionError:
        pass  # the verdict names what is missing
    return judge(town, first), time.monotonic() - began
