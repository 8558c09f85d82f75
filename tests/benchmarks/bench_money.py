"""A million random amounts through compiled rules, held against exact fractions.

Run by hand: ``python -m tests.benchmarks.bench_money [count]``. It stops at the first cent.
"""

from __future__ import annotations

import sys
import time

from tests.mapping.money import check_many

CASES = 1_000_000


def main() -> None:
    """Check, and say how long it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    started = time.process_time()
    check_many(count, seed=20_240_531)
    seconds = time.process_time() - started
    print(f"{count:,} random cases of + − × ÷, sum and rounding: all exact, {seconds:,.0f} s")


if __name__ == "__main__":
    main()
