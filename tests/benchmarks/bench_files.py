"""Memory and time of files with 10,000 and 100,000 rows, each in a process of its own.

Reading takes the file in parts of 10,000 rows; writing begins with the rows in memory, because a
step has them. Memory is the most that the process held above what it had before the file.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ipaas.core import jsonio

CASES = [("csv", 10_000), ("csv", 100_000), ("jsonl", 10_000), ("xml", 10_000), ("xlsx", 10_000)]
LATER = [("xlsx", 50_000)]
TEXT = "some more text that fills the row"


def rows(count: int) -> list[dict[str, Any]]:
    """Rows like those of an order export."""
    return [
        {"nr": f"{n:07}", "name": f"Customer {n}", "price": "19.90", "day": "2026-11-21", "e": TEXT}
        for n in range(count)
    ]


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(path: Path, form: str, count: int) -> dict[str, Any]:
    """What writing the file cost."""
    from connectors.catalog.files.hooks.writing import written

    with written(rows(2), form, {}):
        pass  # whatever is loaded once is loaded now
    made = rows(count)
    before, begun = peak_mb(), time.perf_counter()
    with written(made, form, {}) as file:
        path.write_bytes(file.read())
    return {"s": time.perf_counter() - begun, "mb": peak_mb() - before}


def read(path: Path, form: str, count: int) -> dict[str, Any]:
    """What reading the file in parts cost."""
    from itertools import islice

    from connectors.catalog.files.hooks.reading import rows_of

    with path.open("rb") as file:
        next(rows_of(file, form, {}))  # whatever is loaded once is loaded now
    before, begun, seen = peak_mb(), time.perf_counter(), 0
    with path.open("rb") as file:
        found = rows_of(file, form, {})
        while part := list(islice(found, 10_000)):
            seen += len(part)
    assert seen == count, (seen, count)
    return {"s": time.perf_counter() - begun, "mb": peak_mb() - before}


def main() -> None:
    """Print the table."""
    print("file                size MB   write s  write MB    read s   read MB")
    with tempfile.TemporaryDirectory() as folder:
        for form, count in CASES + LATER:
            path = Path(folder) / f"{count}.{form}"
            costs = []
            for work in ("write", "read"):
                command = [sys.executable, "-m", __spec__.name, work, path, form, str(count)]
                told = subprocess.run(command, check=True, capture_output=True, timeout=120)
                costs.append(jsonio.loads(told.stdout))
            size = os.stat(path).st_size / 1024 / 1024
            figures = [size, *(float(cost[name]) for cost in costs for name in ("s", "mb"))]
            print(f"{form:6}{count:>8,} rows " + "".join(f"{each:10.2f}" for each in figures))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import django

        django.setup()
        work = {"write": write, "read": read}[sys.argv[1]]
        told = work(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
        sys.stdout.buffer.write(jsonio.dumps(told))
    else:
        main()
