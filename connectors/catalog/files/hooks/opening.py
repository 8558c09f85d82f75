"""Opening the place that a connection names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.catalog.files.hooks.local import LocalPlace
from connectors.catalog.files.hooks.places import Place
from connectors.catalog.files.hooks.s3 import S3Place
from connectors.catalog.files.hooks.sftp import SftpPlace
from connectors.sdk import OperationContext
from ipaas.core import clock

_PLACES: dict[str, Callable[[OperationContext], Place]] = {
    "local": LocalPlace,
    "sftp": SftpPlace,
    "s3": S3Place,
}


@contextmanager
def place_of(context: OperationContext, words: str, path: str) -> Iterator[Place]:
    """The connection's place; what was done there is noted."""
    started_s = clock.monotonic_s()
    kind = str(context.settings.get("place") or "local")
    place = _PLACES[kind](context)
    done = False
    try:
        yield place
        done = True
    finally:
        place.close()
        if kind != "s3":  # its requests are noted one by one
            answer = "" if done else None
            context.note(words, f"{place.name}/{path}", answer=answer, started_s=started_s)
