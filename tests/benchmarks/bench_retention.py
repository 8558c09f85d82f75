"""What tidying up a day of 100,000 runs costs: time and memory. None of them is loaded for that.

The day is hundred days old, so all its documents and journals go; ``--runs`` sets another number.
Run by ``make bench``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.benchmarks.runs import stack
from tests.benchmarks.runs.outside import Outside
from tests.kit import processes

DOCUMENTS = 4  # a run's own


async def measure(name: str, runs: int, folder: Path) -> None:
    """One stack: load the day, tidy up in a process of its own."""
    outside, port = Outside(), processes.free_port()
    await outside.listen(port)
    opened = stack.embedded if name == "embedded" else stack.production
    with opened(folder, f"http://127.0.0.1:{port}") as running:
        await outside.burst(running.port, running.hook, 1, 20, 4)
        await outside.until_taken(20, 60)
        await asyncio.sleep(2)
        running.multiply(runs)
        long_ago(running, runs)
        for process in running.own:
            processes.stop(process)  # the embedded product has its folder for itself
        found = await asyncio.to_thread(tidied, running)
        left = running.ask("SELECT count(*) FROM runtime_payload")[0][0]
    print(f"\n| {name}: {runs} runs of one day, {runs * DOCUMENTS} documents | |\n|---|---|")
    print(f"| seconds | {found['seconds']:.0f} |")
    print(f"| memory before → highest, MB | {found['before_mb']:.0f} → {found['most_mb']:.0f} |")
    print(f"| journals, documents removed | {found['journals']}, {found['documents']} |")
    assert found["journals"] >= runs and found["documents"] >= runs * DOCUMENTS * 0.99
    assert left < runs * DOCUMENTS * 0.02 + 1_000


def tidied(running: stack.Stack) -> dict[str, float]:
    """What one tidying up took and did."""
    done = subprocess.run(
        processes.python("-m", stack.ENTRY, "tidy"),
        cwd=processes.ROOT,
        env={**os.environ, **running.env},
        capture_output=True,
        text=True,
        timeout=1_800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def long_ago(running: stack.Stack, runs: int) -> None:
    """Move the copies a hundred days back, and give each its documents."""
    lite = running.name == "embedded"
    copies = "id LIKE 'run_00%'"
    then = "datetime('now', '-100 day')" if lite else "now() - interval '100 day'"
    running.ask(f"UPDATE runtime_run SET created_at = {then}, finished_at = {then} WHERE {copies}")
    workspace = running.ask("SELECT workspace_id FROM runtime_run LIMIT 1")[0][0]
    total = runs * DOCUMENTS
    series = (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {total})"
        if lite
        else f"WITH s AS (SELECT generate_series(1, {total}) AS n)"
    )
    name = "lower(hex(randomblob(32)))" if lite else "md5(n::text) || md5((n + 1)::text)"
    sealed = "randomblob(900)" if lite else "decode(repeat(md5(n::text), 56), 'hex')"
    # What was written first has the lowest numbers: the copies are older than what is there.
    running.ask("UPDATE runtime_payload SET id = id + 1000000000")
    running.ask(
        f"{series} INSERT INTO runtime_payload (id, workspace_id, digest, sealed, size, created_at)"
        f" SELECT n, '{workspace}', {name}, {sealed}, 3000, {then} FROM s"
    )


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
