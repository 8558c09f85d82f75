"""Requests are counted for a vendor's limits, whoever makes them: a run, a poll, or a person."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from connectors.values import ConnectionRef

log = logging.getLogger(__name__)
RequestListener = Callable[[ConnectionRef, str, int], None]

_listeners: list[RequestListener] = []
_by_the_caller: ContextVar[bool] = ContextVar("counted_by_the_caller", default=False)


def register_request_listener(listener: RequestListener) -> None:
    """Let a higher app count: ``listener(ref, operation, requests)`` after a request."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def counted_by_the_caller() -> Iterator[None]:
    """Within this, listeners are not told: whoever calls has counted already."""
    token = _by_the_caller.set(True)
    try:
        yield
    finally:
        _by_the_caller.reset(token)


def tell_requests(ref: ConnectionRef, operation: str, requests: int) -> None:
    """So many requests were made for an operation. Never raises: the answers are worth more."""
    if not requests or _by_the_caller.get():
        return
    for listener in _listeners:
        try:
            listener(ref, operation, requests)
        except Exception:
            log.warning("%d requests of %s were not counted", requests, operation, exc_info=True)
