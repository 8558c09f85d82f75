"""What 100,000 waiting runs cost: memory and processor time of the product that holds them.

They wait for tomorrow. ``--runs`` sets another number. Run by ``make bench``.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.benchmarks.runs import stack
from tests.benchmarks.runs.outside import Outside
from tests.kit import processes

LOOK_S = 10.0


async def measure(name: str, runs: int, folder: Path) -> None:
    """One stack: idle, then with so many waiting runs."""
    outside, port = Outside(), processes.free_port()
    await outside.listen(port)
    opened = stack.embedded if name == "embedded" else stack.production
    with opened(folder, f"http://127.0.0.1:{port}") as running:
        await outside.burst(running.port, running.hook, 1, 50, 4)
        await outside.until_taken(50, 60)
        await asyncio.sleep(2)
        idle_mb, idle_cpu_s = _sum(running.memory_mb()), await _used(running)
        running.multiply(runs)
        copies = "status = 'succeeded' AND id LIKE 'run_00%'"
        tomorrow = "datetime('now', '+1 day')" if name == "embedded" else "now() + interval '1 day'"
        running.ask(
            f"UPDATE runtime_run SET status = 'waiting', finished_at = NULL, due_at = {tomorrow}"
            f" WHERE {copies}"
        )
        waiting = running.count("status = 'waiting'")
        cpu_s, mb = await _used(running), _sum(running.memory_mb())
        began = time.perf_counter()
        await outside.burst(running.port, running.hook, 51, 1, 1)
        await outside.until_taken(51, 60)
        took_ms = (time.perf_counter() - began) * 1000
    print(f"\n| {name}: {waiting} waiting runs | |\n|---|---|")
    print(f"| memory of web, workers and scheduler, MB | {idle_mb:.0f} → {mb:.0f} |")
    print(f"| their processor, idle, % of one | {idle_cpu_s * 10:.1f} → {cpu_s * 10:.1f} |")
    print(f"| one order from web hook to POST, ms | {took_ms:.0f} |")
    assert mb - idle_mb < 50, "waiting runs cost memory"


async def _used(running: stack.Stack) -> float:
    """Processor seconds of the product in ten seconds."""
    before = _sum(running.cpu_s())
    await asyncio.sleep(LOOK_S)
    return _sum(running.cpu_s()) - before


def _sum(by_process: dict[str, float]) -> float:
    servers = ("postgres", "valkey")
    return sum(value for name, value in by_process.items() if name not in servers)


def main() -> None:
    """Measure the chosen stacks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", choices=["embedded", "production", "both"], default="both")
    parser.add_argument("--runs", type=int, default=100_000)
    options = parser.parse_args()
    names = ["embedded", "production"] if options.stack == "both" else [options.stack]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(name, options.runs, Path(folder)))


if __name__ == "__main__":
    main()
