"""Requests are counted for a vendor's limits, whoever makes them: a run, a poll, or a person."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from connectors.values import ConnectionRef

log = logging.getLogger(__name__)
RequestListener = Callable[[ConnectionRef, str, int], None]

_listeners: list[RequestListener] = []


@dataclass(slots=True)
class Requests:
    """How many requests were made."""

    made: int = 0


_by_the_caller: ContextVar[Requests | None] = ContextVar("counted_by_the_caller", default=None)


def register_request_listener(listener: RequestListener) -> None:
    """Let a higher app count: ``listener(ref, operation, requests)`` after a request."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def counted_by_the_caller() -> Iterator[Requests]:
    """Within this, listeners are not told: whoever calls counts, and is given the number."""
    requests = Requests()
    token = _by_the_caller.set(requests)
    try:
        yield requests
    finally:
        _by_the_caller.reset(token)


def tell_requests(ref: ConnectionRef, operation: str, requests: int) -> None:
    """So many requests were made for an operation. Never raises: the answers are worth more."""
    caller = _by_the_caller.get()
    if caller is not None:
        caller.made += requests
        return
    if not requests:
        return
    for listener in _listeners:
        try:
            listener(ref, operation, requests)
        except Exception:
            log.warning("%d requests of %s were not counted", requests, operation, exc_info=True)
