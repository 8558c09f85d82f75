"""Garbage collection for a server: what is there at its start is not searched again and again."""

from __future__ import annotations

import gc

THRESHOLDS = (20_000, 20, 50)


def settle_down() -> None:
    """Call once everything is imported.

    With the defaults, a busy worker spends a tenth of its time looking for circles among objects
    that live as long as the process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
