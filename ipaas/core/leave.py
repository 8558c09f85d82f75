"""What whoever sends a call wants to be asked, and to do, at the last line before the wire.

May a write still leave (``allowed``), and what is not to be held while an answer is awaited
(``put_down``)?

A worker may be held up between its decision to send and the wire: by a pause of the whole process,
by a token that had to be renewed first. Meanwhile its run may have been given to another one, which
must be able to rely on it that nothing leaves any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_burden: ContextVar[Callable[[], None] | None] = ContextVar("burden", default=None)
_check: ContextVar[Callable[[], bool] | None] = ContextVar("leave", default=None)


@contextmanager
def only_while(check: Callable[[], bool]) -> Iterator[None]:
    """Let writes of this block leave only while ``check`` holds."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


@contextmanager
def empty_handed(put_down: Callable[[], None]) -> Iterator[None]:
    """Have ``put_down`` called before each wait of this block for another system: what others need
    meanwhile must not be held for as long as that takes."""
    token = _burden.set(put_down)
    try:
        yield
    finally:
        _burden.reset(token)


def put_down() -> None:
    """Another system is waited for now."""
    burden = _burden.get()
    if burden is not None:
        burden()


def allowed() -> bool:
    """Whether a write may leave now."""
    check = _check.get()
    return check is None or check()
