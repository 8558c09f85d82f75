"""A million random operations on amounts through compiled rules, held against exact fractions.

Run by hand: ``python -m tests.benchmarks.bench_money [count]``. It stops at the first cent.
"""

from __future__ import annotations

import sys
import time

from tests.mapping.money import OPERATIONS, check_many

CHECKS = 1_000_000


def main() -> None:
    """Check, and say how long it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CHECKS
    started = time.process_time()
    check_many(-(-count // OPERATIONS), seed=20_240_531)
    seconds = time.process_time() - started
    what = "random operations (+ − × ÷, sum, two ways to round)"
    print(f"{count:,} {what}: all exact, {seconds:,.0f} s")


if __name__ == "__main__":
    main()
