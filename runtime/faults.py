"""The dangerous lines of the runtime: before and after every commit and every call.

``tests/faults`` kills processes at each of them. A transaction is opened by ``commits`` (or by
``sql.writing``), never bare, so that none can be without a name; ``tests/faults/test_points.py``
reads the sources for that.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from ipaas.core.faults import arrange, point, skipped

__all__ = ["SENDS", "arrange", "commits", "point", "repeats", "skipped"]

# Around every call of a vendor: name.before_send, name.after_reply.
SENDS = ("call", "together", "poll", "backfill", "adopt")


@contextmanager
def commits(name: str) -> Iterator[None]:
    """A transaction with a point before and after its commit.

    Inside another transaction it is a savepoint, and what follows is not yet committed.
    """
    with transaction.atomic():
        yield
        point(f"{name}.before_commit")
    point(f"{name}.after_commit")


P = ParamSpec("P")
R = TypeVar("R")
PATIENCE_S = (0.05, 0.2, 0.8)


def repeats(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """``commits`` around a function that is done again if the database chose it to end a deadlock.

    For what people do: a run, its items and the run above can be locked by workers in any order.
    Inside another transaction it is done once, because that one is lost as a whole.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
            for patience_s in () if connection.in_atomic_block else PATIENCE_S:
                try:
                    with commits(name):
                        return function(*args, **kwargs)
                except OperationalError:
                    time.sleep(patience_s * random.random())
            with commits(name):
                return function(*args, **kwargs)

        return repeated

    return decorate
