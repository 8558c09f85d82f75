"""Identifiers that sort by time of birth and are safe in URLs."""

from __future__ import annotations

import os
import time
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case


def new_id(prefix: str) -> str:
    """Fresh id such as ``run_01k9z…``: 48 bits of milliseconds, then 80 random bits."""
    return _spelt(prefix, (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10)))


def oldest_id(prefix: str, since: datetime) -> str:
    """An id that is smaller than all ids made at that time or later."""
    return _spelt(prefix, int(since.timestamp() * 1000) << 80)


def _spelt(prefix: str, number: int) -> str:
    digits = []
    for _ in range(26):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"
