"""Which documents are still needed, in a fixed amount of memory.

A Bloom filter: whatever was marked is found again for certain. Of the others about one in a
thousand is taken for marked; it stays until the next time, when the filter is salted anew.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator

REFERENCE = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_WORDS = struct.Struct(">8I")
_USED = 5
SMALLEST_BITS = 1 << 20
LARGEST_BITS = 1 << 29  # 64 MB


class Marks:
    """References that were marked; sized for ``expected`` of them."""

    def __init__(self, expected: int) -> None:
        bits = SMALLEST_BITS
        while bits < expected * 16 and bits < LARGEST_BITS:
            bits <<= 1
        self._mask = bits - 1
        self._bits = bytearray(bits >> 3)
        self._salt = int.from_bytes(os.urandom(4)) | 1

    def add(self, references: Iterable[str]) -> None:
        """Mark references, however often."""
        bits = self._bits
        for reference in references:
            for place in self._places(reference):
                bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, reference: str) -> bool:
        return all(self._bits[p >> 3] & 1 << (p & 7) for p in self._places(reference))

    def _places(self, reference: str) -> Iterator[int]:
        words = _WORDS.unpack(bytes.fromhex(reference))
        salt, mask = self._salt, self._mask
        high = words[7]
        for word in words[1 : _USED + 1]:  # the first is the day
            # The digest is random already; the salt makes other neighbours each time.
            yield ((word * salt) ^ (high << 7) ^ (word >> 3)) & mask


def references_in(*texts: str | None) -> set[str]:
    """Everything in stored texts that looks like a reference to a document."""
    found: set[str] = set()
    for text in texts:
        if text:
            found.update(REFERENCE.findall(text))
    return found
