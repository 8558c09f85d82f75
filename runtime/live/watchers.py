"""Who looks: live messages are made only for groups that some browser has joined.

In one process the groups are counted; across processes each has a key on Redis that lives as long
as a browser keeps it. A group is marked before its browser is told that it has joined, and asked
for after a commit: so whatever a browser does not hear of is in what it reads then.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)

KEEP_S = 30  # how long a group counts as watched without being marked again
MARK_EVERY_S = 10
_PREFIX = "causeway:watched:"
_here: Counter[str] = Counter()
_lock = threading.Lock()


def arrive(group: str) -> None:
    """A browser joins the group."""
    with _lock:
        _here[group] += 1
    mark([group])


def leave(group: str) -> None:
    """A browser leaves the group."""
    with _lock:
        _here[group] -= 1
        if _here[group] <= 0:
            del _here[group]


def mark(groups: Collection[str]) -> None:
    """Let other processes know, for a while, that these groups are watched."""
    if settings.EMBEDDED or not groups:
        return
    try:
        pipe = _redis().pipeline(transaction=False)
        for group in groups:
            pipe.set(_PREFIX + group, b"1", ex=KEEP_S)
        pipe.execute()
    except Exception:
        log.warning("%d live groups could not be marked", len(groups), exc_info=True)


def watched(groups: Collection[str]) -> set[str]:
    """Those of the groups that somebody looks at; all if nobody can be asked."""
    if settings.EMBEDDED:
        with _lock:
            return {group for group in groups if group in _here}
    names = list(groups)
    try:
        marks = _redis().mget([_PREFIX + name for name in names]) if names else []
    except Exception:
        return set(names)
    return {name for name, mark_ in zip(names, marks, strict=True) if mark_ is not None}


@cache
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
