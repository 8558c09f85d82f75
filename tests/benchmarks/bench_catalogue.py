"""The catalogue's page with 200 connectors: read for the first time, shown, and not sent again.

``python -m tests.benchmarks.bench_catalogue``; the connectors are copies of the largest built-in
manifest under other names. The API's view is called in process: no network, no browser. Times are
processor time, so that other work on the machine does not count.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.test.utils import setup_test_environment  # noqa: E402

from connectors import registry  # noqa: E402

CONNECTORS, ROUNDS = 200, 15
PAGE = "/api/v1/w/north/connectors?limit=200"


def fill(folder: Path) -> None:
    """Folders of manifests in the place of the built-in ones, until there are 200."""
    built_in = sorted(registry.CATALOG.glob("*/connector.yaml"))
    largest = max(built_in, key=lambda path: path.stat().st_size)
    text = largest.read_text(encoding="utf-8")
    for number in range(CONNECTORS):
        target = folder / f"vendor_{number}"
        target.mkdir()
        changed = re.sub(r"^slug: .*$", f"slug: vendor_{number}", text, flags=re.MULTILINE)
        changed = re.sub(r"^name: .*$", f"name: Vendor {number}", changed, flags=re.MULTILINE)
        (target / "connector.yaml").write_text(changed, encoding="utf-8")
    registry.CATALOG = folder
    registry.forget()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of processor time, and the result."""
    began = time.process_time()
    found = work()
    return (time.process_time() - began) * 1000, found


def main() -> None:
    """Print one line for each figure."""
    from django.test.runner import DiscoverRunner

    from tests.kit.cast import ApiClient, make_cast

    setup_test_environment()
    runner = DiscoverRunner(verbosity=0)
    databases = runner.setup_databases()
    try:
        with tempfile.TemporaryDirectory() as name:
            fill(Path(name))
            http = ApiClient(make_cast().alice).http
            first_ms, _ = timed(registry.all_connectors)
            registry.forget()
            later_ms, _ = timed(registry.all_connectors)
            warm, again = [], []
            http.get(PAGE)
            for _ in range(ROUNDS):
                took_ms, answer = timed(lambda: http.get(PAGE))
                warm.append(took_ms)
                mark = {"If-None-Match": answer["ETag"]}
                took_ms, unchanged = timed(lambda sent=mark: http.get(PAGE, headers=sent))
                assert unchanged.status_code == 304
                again.append(took_ms)
            assert len(answer.json()["items"]) == CONNECTORS
            print(f"manifests read the first time       {first_ms:8.0f} ms")
            print(f"manifests read by the next process  {later_ms:8.0f} ms")
            print(f"page, median of {ROUNDS}                  {statistics.median(warm):8.1f} ms")
            print(f"page that has not changed, median   {statistics.median(again):8.1f} ms")
            print(f"size of the page                    {len(answer.content) / 1024:8.0f} kB")
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
