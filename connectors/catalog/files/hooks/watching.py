"""Files that were not there at the last look, or have changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from connectors.catalog.files.hooks import paths
from connectors.catalog.files.hooks.opening import place_of
from connectors.catalog.files.hooks.places import Entry
from connectors.sdk import ConnectorError, Event, OperationContext, Polled, Recovery
from ipaas.core import clock

MOST_FILES = 20_000


def new_files(
    context: OperationContext,
    cursor: dict[str, Any] | None,
    inputs: Mapping[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Files whose path and content were not there before, oldest first.

    The cursor holds a mark of each file that is there, so that a file with an old date, as a copy
    has, is noticed too. The first look only remembers, but for files changed after ``since``.
    """
    folder = paths.clean_folder(inputs.get("folder"))
    pattern = str(inputs.get("pattern") or "*")
    quiet = inputs.get("quiet_s")
    before = clock.now() - timedelta(seconds=10 if quiet is None else int(quiet))
    with place_of(context, "LOOK", folder) as place:
        found = list(islice(place.entries(folder), MOST_FILES + 1))
    if len(found) > MOST_FILES:
        raise ConnectorError(
            f"The folder holds more than {MOST_FILES} files.",
            code="files.folder_too_large",
            recovery=Recovery.GIVE_UP,
            hint="Have files moved away once they are read.",
        )
    there = [entry for entry in found if _meant(entry, pattern)]
    settled = [e for e in there if e.modified <= before and (not until or e.modified <= until)]
    known = set(cursor["seen"]) if cursor else None
    if known is None:
        known = {_mark(entry) for entry in there if since is None or entry.modified <= since}
    news = sorted(
        (entry for entry in settled if _mark(entry) not in known),
        key=lambda entry: (entry.modified, entry.path),
    )
    events = tuple(_event(entry) for entry in news[:limit])
    told = {_mark(entry) for entry in news[:limit]}
    seen = sorted(mark for entry in there if (mark := _mark(entry)) in known or mark in told)
    return Polled(events, {"seen": seen}, len(news) > limit)


def matching(name: str, pattern: str) -> bool:
    """Whether a file is meant; those still being written never are."""
    return not paths.hidden(name) and fnmatchcase(name.lower(), pattern.lower())


def _meant(entry: Entry, pattern: str) -> bool:
    return matching(entry.path.rpartition("/")[2], pattern)


def _mark(entry: Entry) -> str:
    return hashlib.sha256(f"{entry.path}\n{entry.revision}".encode()).hexdigest()[:16]


def _event(entry: Entry) -> Event:
    return Event(
        entity="file",
        id=entry.path,
        revision=entry.revision,
        topic="file",
        business_key=entry.path.rpartition("/")[2],
        document=entry.as_json(),
    )
