"""Answers that change seldom (accounts, tax codes, items), kept in memory for a while.

Only what a manifest marks is kept. A record of the same kind that is written by us, or announced by
its system, makes all workers ask again.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from runtime.limits.keeper import KEEPER

log = logging.getLogger(__name__)
MOST_ANSWERS = 5_000
MOST_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is kept, and how often its kinds of records had changed when it was asked."""

    key: tuple[str, str, str, str, str]
    epoch: tuple[int, ...]
    until: float


class Kept:
    """Answers of one process, oldest out first; they are stored as text, so nobody alters them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, ...], tuple[Place, bytes]] = OrderedDict()
        self._bytes = 0

    def place(
        self, ref: connectors.ConnectionRef, connector: str, operation: str, inputs: Any
    ) -> Place | None:
        """Where the answer to this call belongs, or None if it is never kept."""
        rule = connectors.cache_of(connector, operation)
        if rule is None:
            return None
        digest = hashlib.sha256(jsonio.dumps(inputs)).hexdigest()
        key = (ref.workspace_id, ref.environment, ref.slug, operation, digest)
        until = clock.now().timestamp() + rule.for_s
        return Place(key, KEEPER.epoch(ref, rule.of), until)

    def get(self, place: Place) -> tuple[bool, Any]:
        """Whether there is an answer that still holds, and the answer."""
        with self._lock:
            found = self._answers.get(place.key)
        if found is None or found[0].epoch != place.epoch:
            return False, None
        if not clock.now().timestamp() < found[0].until <= place.until:
            return False, None  # too old, or of a clock that ran ahead
        return True, jsonio.loads(found[1])

    def keep(self, place: Place, answer: Any) -> None:
        """Keep an answer that was asked for after ``place`` was made."""
        text = jsonio.dumps(answer)
        if len(text) > LARGEST_BYTES:
            return
        with self._lock:
            before = self._answers.pop(place.key, None)
            self._bytes += len(text) - (len(before[1]) if before else 0)
            self._answers[place.key] = (place, text)
            while self._bytes > MOST_BYTES or len(self._answers) > MOST_ANSWERS:
                self._bytes -= len(self._answers.popitem(last=False)[1][1])

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._answers.clear()
            self._bytes = 0


KEPT = Kept()


def note_changes(ref: connectors.ConnectionRef, connector: str, entities: set[str]) -> None:
    """Records of these kinds were written or announced: answers about them are old."""
    if touched := connectors.kept_entities(connector) & entities:
        KEEPER.changed(ref, sorted(touched))


def note_announced(announced: Mapping[connectors.ConnectionRef, set[str]]) -> None:
    """Systems told that records of these kinds have changed. Never raises: it only spares calls."""
    for ref, entities in announced.items():
        try:
            if touched := connectors.kept_entities_at(ref) & entities:
                KEEPER.changed(ref, sorted(touched))
        except Exception:
            log.warning("kept answers of “%s” may be old", ref.slug, exc_info=True)
