"""The main path on the shipped product: webhook acknowledged, invoice posted, memory, first load.

Run by ``make bench``. Starts the product on an empty data folder, sends signed webhooks one after
the other on an idle machine, and reads the times from the run itself (one clock for both ends).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import re
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import requests

from ipaas.core import jsonio
from tests.kit.processes import ROOT
from tests.kit.product import Product, start_product
from tests.kit.waiting import until

ORDERS = 60
WARM_UP = 10
BURST = 80  # five calls each: QuickBooks' 500 a minute are kept to, ahead of time
MINUTE_S = 61
INSTANCE = "demo"


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        product = start_product(Path(folder) / "data")
        try:
            idle_mb = memory_mb(product)
            shop = Shop(product)
            acks, posts, parts = [], [], defaultdict(list)
            for number in range(ORDERS + WARM_UP):
                ack_ms, post_ms, shares = shop.one_order(number)
                if number >= WARM_UP:
                    acks.append(ack_ms)
                    posts.append(post_ms)
                    for name, value in shares.items():
                        parts[name].append(value)
            worked_mb = memory_mb(product)
            time.sleep(MINUTE_S)  # the calls above are out of the minute that counts
            burst = shop.burst(BURST)
        finally:
            product.stop()
    print(f"\n| measure ({ORDERS} orders one by one, embedded) | median | 95th percentile |")
    print("|---|---|---|")
    print(f"| webhook acknowledged | {median(acks)} ms | {high(acks)} ms |")
    print(f"| webhook sent to invoice posted | {median(posts)} ms | {high(posts)} ms |")
    for name, values in parts.items():
        print(f"| … of it {name} | {median(values)} ms | {high(values)} ms |")
    print(f"| memory of all processes, idle after start | {idle_mb:.0f} MB | |")
    print(f"| memory of all processes, after {ORDERS + WARM_UP} orders | {worked_mb:.0f} MB | |")
    print(f"| {BURST} orders at once: whole runs per second | {burst[0]:.0f} | |")
    print(f"| … processor time of the product per run | {burst[1]:.1f} ms | |")
    print(f"| first route, all it loads, gzip | {first_route_kb():.0f} kB | |")


class Shop:
    """Places orders in the sandbox without its own webhook, and announces them itself."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.http = requests.Session()
        self.http.get(f"{product.base_url}/login")
        self.http.post(
            f"{product.base_url}/login",
            {
                "username": "demo",
                "password": "causeway",
                "csrfmiddlewaretoken": self.http.cookies["csrftoken"],
            },
        )
        (hook,) = self._control("GET", "magento/settings")["webhooks"]
        self.hook = hook
        self._control("PUT", "magento/settings", {"webhooks": []})
        self.hooks = requests.Session()
        # The real limit of 500 calls a minute would be what is measured.
        self._control("PUT", "quickbooks/settings", {"calls_per_minute": 0})

    def burst(self, count: int) -> tuple[float, float]:
        """Runs per second and processor milliseconds per run, intake and sandbox beside it."""
        self._control("PUT", "magento/settings", {"webhooks": [self.hook]})
        process = psutil.Process(self.product.process.pid)
        cpu = sum(process.cpu_times()[:2])
        known = self._succeeded()
        began = time.perf_counter()
        self._control("POST", "magento/orders", {"random": True, "count": count, "seed": 99})
        until(
            lambda: self._succeeded() - known == count,
            what="the burst",
            deadline_s=120,
            every_s=0.1,
        )
        took_s = time.perf_counter() - began
        return count / took_s, (sum(process.cpu_times()[:2]) - cpu) * 1000 / count

    def _succeeded(self) -> int:
        url = f"{self.product.base_url}/api/v1/w/{INSTANCE}/runs?limit=1"
        return int(self.http.get(url).json()["counts"].get("succeeded", 0))

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.product.sandbox_url}/_control/{INSTANCE}/{path}"
        answer = requests.request(
            method,
            url,
            data=jsonio.dumps(body) if body is not None else None,
            headers={"Content-Type": "application/json"},
            timeout=10,
        )
        assert answer.ok, answer.text
        return jsonio.loads(answer.content)

    def one_order(self, seed: int) -> tuple[float, float, dict[str, float]]:
        """Milliseconds to acknowledge, milliseconds to the posted invoice, and where they went."""
        order = self._control("POST", "magento/orders", {"random": True, "seed": seed})["order"]
        body = jsonio.dumps(
            {
                "event": "sales_order_save_after",
                "store_base_url": "",
                "entity_id": order["entity_id"],
                "increment_id": order["increment_id"],
                "occurred_at": order["updated_at"],
                "data": order,
            }
        )
        digest = hmac.digest(self.hook["secret"].encode(), body, hashlib.sha256)
        headers = {
            "X-Webhook-Topic": "sales_order_save_after",
            "X-Webhook-Id": str(seed),
            "X-Signature": base64.b64encode(digest).decode(),
        }
        sent, began = datetime.now(UTC), time.perf_counter()
        answer = self.hooks.post(self.hook["url"], body, headers=headers, timeout=10)
        ack_ms = (time.perf_counter() - began) * 1000
        (run_id,) = answer.json()["runs"]
        run = until(lambda: self._finished(run_id), what="the run", every_s=0.02)
        steps = run["steps"]
        posted = datetime.fromisoformat(steps["post"]["finished_at"])
        created = datetime.fromisoformat(run["created_at"])
        started = datetime.fromisoformat(run["started_at"])
        calls = sum(steps[name]["duration_ms"] for name in ("customer", "known", "post"))
        total_ms = (posted - sent).total_seconds() * 1000
        shares = {
            "in the queue": (started - created).total_seconds() * 1000,
            "three QuickBooks steps (five requests), intents and results committed": calls,
        }
        return ack_ms, total_ms, shares

    def _finished(self, run_id: str) -> Any:
        run = self.http.get(f"{self.product.base_url}/api/v1/w/{INSTANCE}/runs/{run_id}").json()
        assert run["status"] != "failed", run["error"]
        return run if run["status"] == "succeeded" else None


def memory_mb(product: Product) -> float:
    """Proportional set size of the product and all it started: shared pages count once."""
    root = psutil.Process(product.process.pid)
    family = [root, *root.children(recursive=True)]
    return sum(member.memory_full_info().pss for member in family) / 1024 / 1024


def first_route_kb() -> float:
    """Gzipped size of the page and everything it loads before the first screen is drawn."""
    folder = ROOT / "static" / "designer"
    index = (folder / "index.html").read_text()
    found = set(re.findall(r"/static/designer/(assets/[\w.-]+\.(?:js|css))", index))
    sizes = [len(gzip.compress((folder / name).read_bytes())) for name in found]
    return (sum(sizes) + len(gzip.compress(index.encode()))) / 1024


def median(values: list[float]) -> str:
    """The middle value, in words of a table."""
    return f"{statistics.median(values):.1f}"


def high(values: list[float]) -> str:
    """The value that 95 of 100 stay below."""
    return f"{statistics.quantiles(values, n=20)[-1]:.1f}"


if __name__ == "__main__":
    main()
