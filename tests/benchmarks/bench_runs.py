"""Whole runs per second, processor time by process and part, latency: the workload users run.

An order of 3 kB comes in by web hook, is mapped, and is posted to a stub server; everything is
persisted, intake and drain go on at the same time, sender and stub share the machine's cores. Run
by ``make bench``; ``--stack``, ``--runs``, ``--profile`` and others choose a part.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.runs import profiling, stack
from tests.benchmarks.runs.outside import Outside
from tests.kit import processes

WARM_UP = 200


async def measure(name: str, options: argparse.Namespace, folder: Path) -> None:
    """One stack: warm up, burst, trickle; prints as it goes."""
    outside, stub_port = Outside(), processes.free_port()
    await outside.listen(stub_port)
    opened = stack.embedded if name == "embedded" else stack.production
    more: dict[str, Any] = {}
    if name == "production":
        more = {"workers": options.workers, "statements": options.statements}
    with opened(folder, f"http://127.0.0.1:{stub_port}", **more) as running:
        idle = running.memory_mb()
        await outside.burst(running.port, running.hook, 1, WARM_UP, 8)
        await outside.until_taken(WARM_UP, 60)
        await _finished(running)
        for _ in range(2 if options.stored else 1):  # the first one still fills caches
            await _burst(running, outside, options)
        if options.stored:
            began = time.perf_counter()
            running.multiply(options.stored)
            print(f"\n{options.stored} stored runs, loaded in {time.perf_counter() - began:.0f} s")
            # After a checkpoint PostgreSQL writes each page that changes once as a whole: a burst
            # right after loading pays for that as no installation does that has been running.
            for _ in range(options.settle):
                await _burst(running, outside, options)
            print("\nBeside the stored runs:")
            await _burst(running, outside, options)
            _lists(running)
        if options.latency:
            await _latency(running, outside, options)
        print("| memory, idle → now (MB) |", end=" ")
        now = running.memory_mb()
        print(", ".join(f"{n} {idle[n]:.0f} → {mb:.0f}" for n, mb in now.items()), "|")
    assert not outside.doubled, f"{len(outside.doubled)} orders came twice"


def _lists(running: stack.Stack) -> None:
    """How long the run list and a search take as the product answers them."""
    done = subprocess.run(
        processes.python("-m", stack.ENTRY, "lists"),
        cwd=processes.ROOT,
        env={**os.environ, **running.env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    print(done.stdout + done.stderr[-2000:])


async def _burst(running: stack.Stack, outside: Outside, options: argparse.Namespace) -> None:
    before, own = running.cpu_s(), sum(psutil.Process().cpu_times()[:2])
    known = len(outside.taken)
    profilers = profiling.start(running.named) if options.profile else []
    counting = options.statements and running.name == "production"
    if counting:
        running.forget_statements()
    began = time.perf_counter()
    await outside.burst(running.port, running.hook, known + 1, options.runs, options.at_once)
    taken_in_s = time.perf_counter() - began
    posted_s = await outside.until_taken(known + options.runs, 300) - began
    await _finished(running)
    whole_s = time.perf_counter() - began
    used = {n: (s - before[n]) * 1000 / options.runs for n, s in running.cpu_s().items()}
    used["sender and stub"] = (sum(psutil.Process().cpu_times()[:2]) - own) * 1000 / options.runs
    assert outside.refused == 0, f"{outside.refused} orders were refused"
    print(f"\n| {running.name}: {options.runs} runs | |\n|---|---|")
    print(f"| whole runs per second | **{options.runs / whole_s:.0f}** |")
    print(f"| … taken in per second meanwhile | {options.runs / taken_in_s:.0f} |")
    print(f"| … posted per second | {options.runs / posted_s:.0f} |")
    print(f"| processor ms per run | {sum(used.values()):.2f} |")
    for process, ms in sorted(used.items(), key=lambda pair: -pair[1]):
        print(f"| … {process} | {ms:.2f} |")
    profiling.report(profilers, used)
    if counting:
        running.statements(options.runs)


async def _finished(running: stack.Stack) -> None:
    """Wait until no run is left to be carried; the index of the queue says so."""
    end = time.perf_counter() + 120
    while left := running.count("due_at IS NOT NULL"):
        if time.perf_counter() > end:
            raise AssertionError(f"{left} runs have not finished")
        await asyncio.sleep(0.02)


async def _latency(running: stack.Stack, outside: Outside, options: argparse.Namespace) -> None:
    first = len(outside.taken) + 1
    numbers = range(first, first + options.latency)
    await outside.trickle(running.port, running.hook, first, options.latency, 0.1)
    await outside.until_taken(first + options.latency - 1, 30)
    whole = [(outside.taken[n] - outside.sent[n]) * 1000 for n in numbers]
    acks = [(outside.acked[n] - outside.sent[n]) * 1000 for n in numbers]
    wakes = [(outside.taken[n] - outside.acked[n]) * 1000 for n in numbers]
    print("| at 10 events a second, ms | p50 / p99 |")
    for words, values in (
        ("web hook sent → POST at the other end", whole),
        ("web hook sent → acknowledged", acks),
        ("acknowledged → POST at the other end", wakes),
    ):
        print(f"| {words} | {_percentile(values, 50):.1f} / {_percentile(values, 99):.1f} |")


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def main(arguments: list[str] | None = None) -> None:
    """Measure the chosen stacks and print their tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stack", choices=["embedded", "production"], action="append")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--latency", type=int, default=150, help="events of the latency part")
    parser.add_argument("--stored", type=int, default=0, help="measure again beside so many runs")
    parser.add_argument("--settle", type=int, default=2, help="bursts between loading and measure")
    parser.add_argument(
        "--statements", action="store_true", help="what PostgreSQL spent its time on"
    )
    parser.add_argument("--profile", action="store_true", help="share of parts (needs py-spy)")
    parser.add_argument("--keep", type=Path, help="folder for logs and profiles")
    options = parser.parse_args(arguments)
    for name in options.stack or ["embedded", "production"]:
        with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
            place: Any = (options.keep / name) if options.keep else Path(folder)
            place.mkdir(parents=True, exist_ok=True)
            profiling.FOLDER = place
            asyncio.run(measure(name, options, place))


if __name__ == "__main__":
    main()
