"""May a write still leave? Asked at the last line before the wire, answered by whoever sends it.

A worker may be held up between its decision to send and the wire: by a pause of the whole process,
by a token that had to be renewed first. Meanwhile its run may have been given to another one, which
must be able to rely on it that nothing leaves any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_check: ContextVar[Callable[[], bool] | None] = ContextVar("leave", default=None)


@contextmanager
def only_while(check: Callable[[], bool]) -> Iterator[None]:
    """Let writes of this block leave only while ``check`` holds."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def allowed() -> bool:
    """Whether a write may leave now."""
    check = _check.get()
    return check is None or check()
