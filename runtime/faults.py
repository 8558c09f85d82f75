"""The dangerous lines of the runtime: before and after every commit and every call.

``tests/faults`` kills processes at each of them. A transaction is opened by ``commits`` (or by
``sql.writing``), never bare, so that none can be without a name; ``tests/faults/test_points.py``
reads the sources for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ipaas.core.faults import arrange, point, skipped

__all__ = ["SENDS", "arrange", "commits", "point", "skipped"]

# Around every call of a vendor: name.before_send, name.after_reply.
SENDS = ("call", "together", "poll", "backfill")


@contextmanager
def commits(name: str) -> Iterator[None]:
    """A transaction with a point before and after its commit.

    Inside another transaction it is a savepoint, and what follows is not yet committed.
    """
    with transaction.atomic():
        yield
        point(f"{name}.before_commit")
    point(f"{name}.after_commit")
